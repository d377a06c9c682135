using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Workflows;

/// <summary>The operations of the tag <c>Workflows</c>.</summary>
public sealed partial class WorkflowsController(
    WorkflowStore workflows, WorkflowVersionStore versions, RunCalls runs, RunControl control, RunReader reader, TimeProvider time) : WorkflowsControllerBase
{
    /// <inheritdoc/>
    public override async Task<ActionResult<CreateWorkflowResponse>> CreateWorkflow(CreateWorkflowRequest body, CancellationToken cancellationToken)
    {
        var (draft, version) = await versions.CreateAsync(body, Caller, cancellationToken);
        return Created($"/hub/workflows/{Subjects.CollectionTopicOf(draft.Subject)}/{Subjects.TopicOf(draft.Subject)}?draft=true", version, new CreateWorkflowResponse
        {
            Subject = draft.Subject,
            Name = draft.Name,
            Collection = body.Collection,
            Description = draft.Description,
            Config = draft.Config,
            Modified = draft.Modified,
        });
    }

    /// <inheritdoc/>
    public override Task<ActionResult<ListWorkflowsResponse>> ListWorkflows(
        string? collection_topic, string? filter, int? limit, string? cursor, CancellationToken cancellationToken) =>
        List<ListWorkflowsResponse, StoredWorkflow, GetWorkflowResponse>(
            workflows.List(Caller.Account, collection_topic, filter, Window.Of(limit, cursor)), row => row.Read());

    /// <inheritdoc/>
    public override async Task<ActionResult<GetWorkflowResponse>> GetWorkflow(
        bool? draft, string? if_None_Match, string collection_topic, string flow_topic, CancellationToken cancellationToken)
    {
        var subject = Subjects.OfWorkflow(collection_topic, flow_topic, draft == true);
        var workflow = await workflows.FindAsync(Caller.Account, subject, cancellationToken) ?? throw WorkflowStore.NotFound;
        SetETag(workflow.Version);
        return workflow.Read();
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<UpdateWorkflowResponse>> UpdateWorkflow(
        string? if_Match, UpdateWorkflowRequest body, string collection_topic, string flow_topic, CancellationToken cancellationToken)
    {
        RequireSame(body.Subject, Subjects.OfWorkflow(collection_topic, flow_topic, draft: true));
        var (draft, version) = await versions.UpdateAsync(body, IfMatch.Parse(if_Match), Caller, cancellationToken);
        SetETag(version);
        return new UpdateWorkflowResponse
        {
            Subject = draft.Subject,
            Name = draft.Name,
            Description = draft.Description,
            Config = draft.Config,
            Archived = draft.Archived,
            Modified = draft.Modified,
        };
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> DeleteWorkflow(
        bool? draft, string? if_Match, string collection_topic, string flow_topic, CancellationToken cancellationToken)
    {
        await versions.DeleteAsync(collection_topic, flow_topic, draft == true, IfMatch.Parse(if_Match), Caller, cancellationToken);
        return Success;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<ICollection<WorkflowConfig>>> WorkflowHistory(
        bool? draft, int? limit, string? cursor, string collection_topic, string flow_topic, CancellationToken cancellationToken)
    {
        var subject = Subjects.OfWorkflow(collection_topic, flow_topic, draft == true);
        var (configs, next) = await workflows.ListHistoryAsync(Caller.Account, subject, Window.Of(limit, cursor), cancellationToken) ?? throw WorkflowStore.NotFound;
        if (next is not null)
        {
            Response.Headers.Link = $"<{Request.Path}?{(draft == true ? "draft=true&" : "")}limit={limit}&cursor={next}>; rel=\"next\"";
        }

        return new ListResult<StoredConfig, WorkflowConfig>(configs, row => WorkflowConfig.Of(row.Body), isBare: true);
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> PublishWorkflow(string? if_Match, PublishWorkflowRequest body, CancellationToken cancellationToken)
    {
        SetETag((await versions.PublishAsync(body.Subject, IfMatch.Parse(if_Match), Caller, cancellationToken)).Version);
        return Success;
    }
}
