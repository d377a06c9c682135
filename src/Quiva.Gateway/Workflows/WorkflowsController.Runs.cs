using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Workflows.Runs;
using Quiva.Gateway.Workflows.Runs.Pages;

namespace Quiva.Gateway.Workflows;

/// <content>The operations on runs.</content>
public sealed partial class WorkflowsController
{
    private static readonly string[] Editors = [Role.Root, Role.Admin, Role.Developer], Readers = [.. Editors, Role.Client];

    /// <inheritdoc/>
    public override async Task<ActionResult<RunWorkflowResponse>> RunWorkflow(
        bool? draft, string? idempotency_Key, RunWorkflowRequest body, string collection_topic, string flow_topic, CancellationToken cancellationToken)
    {
        if (draft == true && !Editors.Any(User.IsInRole))
        {
            return StatusCode(StatusCodes.Status403Forbidden, new Error { Message = "Your role does not allow this operation." });
        }

        var subject = Subjects.OfWorkflow(collection_topic, flow_topic, draft == true);
        if (body.Run_id is not null)
        {
            return await ResumeAsync(subject, body, cancellationToken);
        }

        var (started, note) = await runs.StartAsync(Caller, subject, body, idempotency_Key, Request.Headers, cancellationToken);
        if (note is not null)
        {
            // The generator knows no answer that is a text.
            Response.Headers.Location = "/hub/workflows/runs/" + started[0].Id;
            return new JsonResult(note);
        }

        return body.Triggers is not null ? await BatchAsync(started, subject, body.Await == true, cancellationToken) : await OneAsync(started[0], body.Await == true, cancellationToken);
    }

    private async Task<ActionResult<RunWorkflowResponse>> ResumeAsync(string subject, RunWorkflowRequest body, CancellationToken cancellationToken)
    {
        if (!Readers.Any(User.IsInRole))
        {
            return StatusCode(StatusCodes.Status403Forbidden, new Error { Message = "Your role does not allow this operation." });
        }

        return await OneAsync(await control.ResumeAsync(Caller, subject, body, cancellationToken), body.Await == true, cancellationToken);
    }

    private async Task<ActionResult<RunWorkflowResponse>> OneAsync(StoredRun run, bool isAwaited, CancellationToken cancellationToken)
    {
        Response.Headers.Location = "/hub/workflows/runs/" + run.Id;
        if (!isAwaited)
        {
            return new RunWorkflowResponse { TrackingId = run.TrackingId };
        }

        ExpensiveRequests.Leave(HttpContext);

        return await runs.WaitAsync(run, runs.Patience, cancellationToken) switch
        {
            null => StatusCode(StatusCodes.Status504GatewayTimeout, new Error { Message = "The run has not finished yet; it goes on." }),
            { Status: RunStatus.Succeeded or RunStatus.Paused } ended => new RunWorkflowResponse { TrackingId = ended.TrackingId, Result = await runs.ResultOfAsync(ended, cancellationToken) },
            var ended => UnprocessableEntity(runs.FailureOf(ended)),
        };
    }

    private async Task<ActionResult<RunWorkflowResponse>> BatchAsync(List<StoredRun> started, string subject, bool isAwaited, CancellationToken cancellationToken)
    {
        ExpensiveRequests.Leave(HttpContext);
        // All at once: one that is left has no wait of its own any more.
        var ended = isAwaited
            ? await Task.WhenAll(started.Select(run => runs.WaitAsync(run, runs.Patience, cancellationToken)))
            : new StoredRun?[started.Count];
        var answers = new List<BatchRun>();
        foreach (var (run, end) in started.Zip(ended))
        {
            answers.Add(new()
            {
                TrackingId = run.TrackingId,
                Result = end is { Status: RunStatus.Succeeded or RunStatus.Paused } ? await runs.ResultOfAsync(end, cancellationToken) : default,
                Error = !isAwaited ? null
                    : end is null ? "The run has not finished yet; it goes on."
                    : end.Status is RunStatus.Succeeded or RunStatus.Paused ? null
                    : runs.FailureOf(end).Error,
            });
        }

        return new RunWorkflowResponse { TrackingId = started[0].TrackingId, Runs = answers };
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<ListRunsResponse>> ListRuns(string? flow_subject, string? status, int? limit, string? cursor, CancellationToken cancellationToken) =>
        await reader.ListAsync(Caller.Account, flow_subject, status, Window.Of(limit, cursor), cancellationToken);

    /// <inheritdoc/>
    public override async Task<ActionResult<WorkflowRunDetail>> GetRun(string run_id, CancellationToken cancellationToken)
    {
        var mayReadData = Readers.Any(User.IsInRole);
        if (!Page.IsWanted(HttpContext, HttpContext.GetEndpoint(), StatusCodes.Status200OK))
        {
            return await reader.FindAsync(Caller.Account, run_id, mayReadData, cancellationToken);
        }

        var (run, graph) = await reader.FindStatesAsync(Caller.Account, run_id, mayReadData, cancellationToken);
        return RunPage.Show(HttpContext, run, graph, time.GetUtcNow());
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> RetryRun(string run_id, CancellationToken cancellationToken)
    {
        await control.RetryAsync(Caller, run_id, cancellationToken);
        return Success;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<FoundRunsResponse>> ListPausedRuns(string? flow_subject, CancellationToken cancellationToken) =>
        await reader.FindAllAsync(Caller.Account, flow_subject, RunStatus.Paused, cancellationToken);

    /// <inheritdoc/>
    public override async Task<ActionResult<FoundRunsResponse>> ListErroredRuns(string? flow_subject, CancellationToken cancellationToken) =>
        await reader.FindAllAsync(Caller.Account, flow_subject, RunStatus.Failed, cancellationToken);

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> CancelRun(string run_id, CancellationToken cancellationToken)
    {
        await runs.CancelAsync(Caller, run_id, cancellationToken);
        return Success;
    }
}
