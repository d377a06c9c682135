using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Workflows.Engine;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Steps that call outside. Each start is recorded before the call and the outcome after it; a step with an outcome is answered from its
/// record and never called again. A step whose outcome was not recorded, because its process ended or the database could not be written, is
/// called again with the same key, unless it is to be called at most once.
/// </summary>
public sealed partial class OuterSteps(
    RunAdvance advance, RunSessions sessions, InnerSteps inner, HttpStep http, RunProbe probe, IOptions<RunOptions> options, TimeProvider time, ILogger<OuterSteps> logger)
{
    // A step that ends its process so often is not tried again.
    private const int MostStarts = 5;
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromDays(365);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> slots = new(StringComparer.Ordinal);

    /// <summary>Carries a step out, and takes its run as far as it gets.</summary>
    /// <param name="call">The step.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What can be carried out now that could not before.</returns>
    public async Task<Progress> CarryOutAsync(StepCall call, CancellationToken cancellationToken)
    {
        var slot = slots.GetOrAdd(call.Account, _ => new(options.Value.StepsInFlight));
        await slot.WaitAsync(cancellationToken);
        try
        {
            return await CarryOutAsync(call, call.Step.Split('#')[0], cancellationToken);
        }
        finally
        {
            slot.Release();
        }
    }

    private async Task<Progress> CarryOutAsync(StepCall call, string node, CancellationToken cancellationToken)
    {
        HttpCall? request = null;
        var attempt = 0;
        var begun = await advance.WithRunAsync(call.Account, call.Run, call.Generation, async lease =>
        {
            request = null;
            var session = lease.Session;
            var place = session.Graph.PlaceOf(node);
            var step = session.Steps.GetValueOrDefault(node);
            if (place < 0 || !session.State.Ready.Contains(place) || session.State.Ending != Ending.None)
            {
                await advance.GoOnAsync(session, cancellationToken);
                return advance.ProgressOf(session, null);
            }

            var change = new RunChange(session);
            var now = time.GetUtcNow();
            try
            {
                RequireFree(session.Graph.Nodes[place], step);
                request = await PrepareAsync(session, place, cancellationToken);
                attempt = (step?.Attempt ?? 0) + 1;
                change.Add(
                    new() { Node = node, Status = StepStatus.Running, Attempt = attempt, Failures = step?.Failures ?? 0, Started_at = now },
                    input: request.Input);
                RunAdvance.Stand(session, change.After, now);
                // At most once is at most once after a power cut too.
                await advance.SaveAsync(
                    session, change, cancellationToken, session.Graph.Nodes[place].Options?.Attempts == 0 ? Durability.Full : Durability.Relaxed);
                return new();
            }
            catch (StepException exception)
            {
                request = null;
                return await SettleAsync(session, change, place, step, null, exception, cancellationToken);
            }
        }, cancellationToken);
        if (request is null)
        {
            return begun;
        }

        probe.Reached(RunMoment.StepStarted);
        var started = time.GetTimestamp();
        byte[]? output = null;
        StepException? failure = null;
        using var span = RunTelemetry.StartStep(request.Run, node, request.Type, attempt);
        try
        {
            output = await http.SendAsync(request, cancellationToken);
        }
        catch (StepException exception)
        {
            failure = exception;
        }
        catch (Exception exception) when (exception is not GatewayException { Error: GatewayError.Unavailable })
        {
            LogFailed(call.Run, node, exception);
            failure = new("the step could not be carried out");
        }

        probe.Reached(RunMoment.Answered);
        RunTelemetry.StepEnded(span, request.Type, failure, time.GetElapsedTime(started));
        var progress = await advance.WithRunAsync(call.Account, call.Run, call.Generation, lease =>
        {
            var session = lease.Session;
            var place = session.Graph.PlaceOf(node);
            var step = session.Steps.GetValueOrDefault(node);
            // Somebody else has taken it over since: what came of it here is too late.
            return step is not { Status: StepStatus.Running } || step.Attempt != attempt
                ? Task.FromResult(advance.ProgressOf(session, null))
                : SettleAsync(session, new(session), place, step, output, failure, cancellationToken);
        }, cancellationToken);
        probe.Reached(RunMoment.Recorded);
        return progress;
    }

    // A start without an outcome: the process died in between, or has stopped for long.
    private static void RequireFree(NodeData node, StoredStep? step)
    {
        if (step is { Status: StepStatus.Running } && node.Options?.Attempts == 0)
        {
            throw new StepException("the step was started and its outcome is not known; it is to be called at most once");
        }

        if (step is not null && step.Attempt - step.Failures >= MostStarts)
        {
            throw new StepException("the step could not be processed");
        }
    }

    private async Task<HttpCall> PrepareAsync(RunSession session, int place, CancellationToken cancellationToken)
    {
        var node = session.Graph.Nodes[place];
        await sessions.LoadAsync(session, session.Graph.RootsOf(node), cancellationToken);
        try
        {
            return http.CallOf(session.Run, node, References.Fill(node.Payload, session));
        }
        catch (Exception exception) when (exception is not StepException)
        {
            // It would throw the same at every further try.
            LogFailed(session.Run.Id, node.Id!, exception);
            throw new StepException("the step could not be carried out", inner: exception);
        }
    }

    private async Task<Progress> SettleAsync(
        RunSession session, RunChange change, int place, StoredStep? step, byte[]? output, StepException? failure, CancellationToken cancellationToken)
    {
        var node = session.Graph.Nodes[place];
        var before = session.State.Ready.ToHashSet();
        var now = time.GetUtcNow();
        if (failure is null)
        {
            try
            {
                // What a response map refers to may have been let go of since the call began.
                await sessions.LoadAsync(session, session.Graph.RootsOf(node), cancellationToken);
                InnerSteps.Succeed(session, change, place, step, StepOutcome.Plain, StepAnswer.Shape(session, node, output!), now);
            }
            catch (StepException exception)
            {
                failure = exception;
            }
        }

        if (failure is { MayRetry: true } && step!.Failures + 1 < (node.Options?.Attempts ?? 1))
        {
            var backoff = TimeSpan.FromMilliseconds(Math.Clamp(node.Options?.Backoff_ms ?? 0, 0, (long)LongestBackoff.TotalMilliseconds));
            before.Remove(place);
            change.Add(new()
            {
                Node = node.Id!,
                Status = StepStatus.Waiting,
                Attempt = step.Attempt,
                Failures = step.Failures + 1,
                Input = step.Input,
                Started_at = step.Started_at,
                Due_at = now + backoff,
            }, error: failure.Message);
        }
        else if (failure is not null)
        {
            inner.Fail(session, change, place, step, failure, now);
        }

        await advance.GoOnAsync(session, cancellationToken, change);
        return advance.ProgressOf(session, before);
    }

    [LoggerMessage(EventId = 1503, EventName = "StepFailed", Level = LogLevel.Error,
        Message = "Step {Node} of run {Run} could not be carried out")]
    private partial void LogFailed(string run, string node, Exception exception);
}
