using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Collections;

/// <summary>The operations of the tag <c>Collections</c>.</summary>
public sealed class CollectionsController(CollectionStore collections) : CollectionsControllerBase
{
    /// <inheritdoc/>
    public override async Task<ActionResult<CreateCollectionResponse>> CreateCollection(
        CreateCollectionRequest body, CancellationToken cancellationToken)
    {
        var (created, version) = await collections.CreateAsync(body, Caller, cancellationToken);
        return Created($"/hub/collections/{created.Collection_type}/{created.Topic}", version, new CreateCollectionResponse
        {
            Subject = created.Subject,
            Name = created.Name,
            Collection_type = created.Collection_type,
            Topic = created.Topic,
            Description = created.Description,
            Modified = created.Modified,
        });
    }

    /// <inheritdoc/>
    public override Task<ActionResult<ListCollectionsResponse>> ListCollections(
        string? collection_type, int? limit, string? cursor, CancellationToken cancellationToken) =>
        List<ListCollectionsResponse, CollectionRow, GetCollectionResponse>(
            collections.List(Caller.Account, collection_type, Window.Of(limit, cursor)), row => row.Read());

    /// <inheritdoc/>
    public override async Task<ActionResult<GetCollectionResponse>> GetCollection(
        string? if_None_Match, string collection_type, string collection_topic, CancellationToken cancellationToken)
    {
        var (collection, version) = await collections.FindAsync(
            Caller.Account,
            Subjects.OfCollection(collection_type, collection_topic),
            cancellationToken) ?? throw CollectionStore.NotFound;
        SetETag(version);
        return collection;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> UpdateFlowOrNodeCollection(
        string? if_Match, UpdateCollectionRequest body, string collection_type, string collection_topic, CancellationToken cancellationToken)
    {
        var subject = Subjects.OfCollection(collection_type, collection_topic);
        RequireSame(body.Subject, subject);
        SetETag(await collections.UpdateAsync(
            subject, body.Description, IfMatch.Parse(if_Match), Caller, cancellationToken));
        return Success;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> DeleteCollection(
        string move_resources_to_collection, string? if_Match, string collection_type, string collection_topic, CancellationToken cancellationToken)
    {
        if (move_resources_to_collection == collection_topic)
        {
            throw new GatewayException(
                GatewayError.Invalid, "move_resources_to_collection must name another collection.");
        }

        await collections.DeleteAsync(
            collection_type,
            collection_topic,
            move_resources_to_collection,
            IfMatch.Parse(if_Match),
            Caller,
            cancellationToken);
        return Success;
    }
}
