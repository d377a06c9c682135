using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;
using Quiva.Gateway.Workflows.Engine;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Has runs go on: paused ones with an answer, failed ones from the step that failed.</summary>
public sealed class RunControl(
    RunAdvance advance, RunReader reader, RunStarter starter, RunEngine engine, RunStore runs, RunStarts starts, RunWaiters waiters,
    IOptions<RunOptions> options, IOptions<JsonOptions> json, TimeProvider time)
{
    /// <summary>Answers what a paused run waits for.</summary>
    /// <param name="caller">Who answers.</param>
    /// <param name="subject">The version of the workflow.</param>
    /// <param name="body">The run, the step when several wait, and the answer.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="GatewayException">There is no such run, or it waits for no such answer.</exception>
    internal async Task<StoredRun> ResumeAsync(Caller caller, string subject, RunWorkflowRequest body, CancellationToken cancellationToken)
    {
        var run = await reader.RequireAsync(caller.Account, body.Run_id!, cancellationToken);
        if (run.Subject != subject)
        {
            throw RunStore.NotFound;
        }

        var answer = body.Trigger is { } trigger ? JsonSerializer.SerializeToUtf8Bytes(trigger, json.Value.JsonSerializerOptions) : throw new GatewayException(GatewayError.Invalid, "no trigger specified");
        if (answer.Length > References.LargestValue)
        {
            throw new GatewayException(GatewayError.Invalid, "A trigger must have at most 1 MiB.");
        }

        var isDone = false;
        await advance.WithRunAsync(run.Account, run.Id, run.Generation, async lease =>
        {
            var session = lease.Session;
            var paused = session.Steps.Values.Where(step => step.Status == StepStatus.Paused && (body.Node is null || step.Node == body.Node)).ToList();
            if (paused.Count != 1)
            {
                throw new GatewayException(GatewayError.Conflict, paused.Count == 0 ? "the run waits for no such answer" : "Several steps wait for an answer: name one as node.");
            }

            var now = time.GetUtcNow();
            var change = new RunChange(session);
            run = change.After;
            change.Also = async transaction =>
            {
                await transaction.AppendAsync(new(run.Account, run.TrackingId, "resumed", caller.Actor, now, [paused[0].Node]), cancellationToken);
                await transaction.ExecuteAsync(RunStore.KickSql, new { account = run.Account, id = run.Id, at = now + RunStarts.KickAfter }, cancellationToken);
            };
            InnerSteps.Succeed(session, change, session.Graph.PlaceOf(paused[0].Node), paused[0], StepOutcome.Plain, answer, now);
            if (body.Await == true)
            {
                _ = waiters.Expect(run.Id);
            }

            await advance.GoOnAsync(session, cancellationToken, change);
            run = session.Run;
            isDone = true;
            return new();
        }, cancellationToken);
        if (!isDone)
        {
            throw new GatewayException(GatewayError.Conflict, "the run has ended");
        }

        await engine.TellAsync(run, null);
        return run;
    }

    /// <summary>Has a failed run go on from the step that failed.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="id">The run's id, or its whole trackingId.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="GatewayException">There is no such run, or it has not failed.</exception>
    public async Task RetryAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var run = await reader.RequireAsync(caller.Account, id, cancellationToken);
        if (run.Status != RunStatus.Failed)
        {
            throw new GatewayException(GatewayError.Conflict, "the run has not failed");
        }

        var again = run.Clone();
        var now = time.GetUtcNow();
        again.Generation++;
        again.Version++;
        again.Deadline_at = now + RunStarts.Longest;
        again.Idle_at = null;
        again.Ended_at = null;
        again.Error = null;
        again.Result = null;
        again.Failed_node = null;
        again.Status_code = null;
        try
        {
            again = await runs.RestartAsync(run, again, options.Value.ConcurrentRuns, caller.Actor, now, cancellationToken);
        }
        catch (RunChangedException exception)
        {
            throw new GatewayException(GatewayError.Conflict, "the run has not failed", exception);
        }

        if (again.IsRunning)
        {
            _ = starter.BeginHereAsync(again);
        }
        else
        {
            starts.Look();
        }
    }
}
