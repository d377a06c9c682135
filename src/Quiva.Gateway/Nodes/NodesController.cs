using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Nodes;

/// <summary>The operations of the tag <c>Nodes</c>.</summary>
public sealed class NodesController(NodeStore nodes) : NodesControllerBase
{
    /// <inheritdoc/>
    public override async Task<ActionResult<CreateNodeResponse>> CreateNode(
        CreateNodeRequest body, CancellationToken cancellationToken)
    {
        NodeRules.Check(body.Data, isNew: true);
        var (created, version) = await nodes.CreateAsync(body, Caller, cancellationToken);
        return Created(
            $"/hub/nodes/{Subjects.CollectionTopicOf(created.Subject)}/{Subjects.TopicOf(created.Subject)}",
            version,
            created);
    }

    /// <inheritdoc/>
    public override Task<ActionResult<ListNodesResponse>> ListNodeTemplates(
        string? collection_topic, int? limit, string? cursor, CancellationToken cancellationToken) =>
        List<ListNodesResponse, StoredNode, GetNodeResponse>(
            nodes.List(Caller.Account, collection_topic, Window.Of(limit, cursor)), row => row.Read());

    /// <inheritdoc/>
    public override async Task<ActionResult<GetNodeResponse>> GetNode(
        string? if_None_Match, string collection_topic, string node_topic, CancellationToken cancellationToken)
    {
        var node = await nodes.FindAsync(
            Caller.Account,
            Subjects.OfNode(collection_topic, node_topic),
            cancellationToken) ?? throw NodeStore.NotFound;
        SetETag(node.Version);
        return node.Read();
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> UpdateNode(
        string? if_Match, UpdateNodeRequest body, string collection_topic, string node_topic, CancellationToken cancellationToken)
    {
        RequireSame(body.Subject, Subjects.OfNode(collection_topic, node_topic));
        NodeRules.Check(body.Data, isNew: false);
        SetETag(await nodes.UpdateAsync(body, IfMatch.Parse(if_Match), Caller, cancellationToken));
        return Success;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> DeleteNode(
        string? if_Match, string collection_topic, string node_topic, CancellationToken cancellationToken)
    {
        await nodes.DeleteAsync(
            Subjects.OfNode(collection_topic, node_topic), IfMatch.Parse(if_Match), Caller, cancellationToken);
        return Success;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<ICollection<NodeOutcome>>> UpdateMultipleNodes(
        IEnumerable<UpdateNodeRequest> body, CancellationToken cancellationToken)
    {
        const string success = "success";
        var outcomes = new List<NodeOutcome>();
        GatewayException? unavailable = null;
        foreach (var node in body)
        {
            outcomes.Add(new NodeOutcome
            {
                Node = node,
                Result = await ResultOfAsync(node) is { } failure ? $"error: {failure.Message}" : success
            });
        }

        return outcomes.All(outcome => outcome.Result == success) ? outcomes
            // Nothing was changed, so the whole may be tried again.
            : unavailable is not null && outcomes.All(outcome => outcome.Result != success) ? throw unavailable
            : BadRequest(new UpdateMultiNodeErrorResponse { Body = outcomes, Error = "some nodes failed to upsert" });

        async Task<GatewayException?> ResultOfAsync(UpdateNodeRequest node)
        {
            // Without the database the rest need not wait for it too.
            if (unavailable is not null)
            {
                return unavailable;
            }

            try
            {
                NodeRules.Check(node.Data, isNew: false);
                await nodes.UpdateAsync(node, IfMatch.Parse(null), Caller, cancellationToken);
                return null;
            }
            catch (GatewayException failure)
            {
                unavailable = failure.Error == GatewayError.Unavailable
                    && failure.InnerException is not LostRaceException ? failure : null;
                return failure;
            }
        }
    }
}
