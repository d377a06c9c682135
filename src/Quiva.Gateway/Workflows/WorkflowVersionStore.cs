using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows;

/// <summary>Changes versions of workflows. Whoever changes either version locks the draft's row first.</summary>
public sealed class WorkflowVersionStore(Database database, CounterStore counters, IOptions<JsonOptions> json, TimeProvider time)
{
    internal static readonly Sql InsertSql = """
        insert into workflows (account, subject, collection, topic, is_draft, resource, first_name, name, description, config, archived, version, modified_at, bytes)
        values (@account, @subject, @collection, @topic, @isDraft, @resource, @firstName, @name, @description, @config, @archived, @version, @now, @bytes)
        """;

    /// <summary>Makes a workflow: its draft.</summary>
    /// <param name="request">What it shall be.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <exception cref="GatewayException">The collection is absent, or the name is taken.</exception>
    public Task<Versioned<GetWorkflowResponse>> CreateAsync(CreateWorkflowRequest request, Caller caller, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            await CollectionStore.RequireAsync(transaction, caller.Account, request.Collection, cancellationToken);
            var subject = Subjects.OfWorkflow(Subjects.TopicOf(request.Collection), Subjects.TopicFor(request.Name), draft: true);
            if (await transaction.FindAsync<StoredWorkflow>(WorkflowStore.FindSql, new { account = caller.Account, subject }, cancellationToken) is { } stored)
            {
                throw Names.Taken("workflow", subject, stored.First_name, request.Name);
            }

            var draft = new StoredWorkflow
            {
                Subject = subject,
                Collection = request.Collection,
                Resource = NewResource(),
                First_name = request.Name,
                Name = request.Name,
                Description = request.Description ?? "",
                Config = Write(request.Config),
            };
            return await InsertAsync(transaction, draft, caller, ["name", "collection", "description", "config"], cancellationToken);
        },
        cancellationToken);

    // An update that changes nothing locks the row, or the gap where it would be: callers of one workflow queue here.
    internal static readonly Sql LockSql = new(
        SqlServer: """
            update workflows with (updlock, serializable) set version = version
            output inserted.subject, inserted.collection, inserted.resource, inserted.first_name, inserted.name, inserted.description,
                   inserted.config, inserted.archived, inserted.modified_at, inserted.version, inserted.bytes
             where account = @account and subject = @subject
            """,
        Sqlite: $"select {StoredWorkflow.Columns} from workflows where account = @account and subject = @subject");

    internal static readonly Sql UpdateSql = """
        update workflows set name = @name, description = @description, config = @config, archived = @archived, version = @version, modified_at = @now,
               bytes = @bytes
         where account = @account and subject = @subject and version = @seen
        """;

    /// <summary>Changes the fields of a draft that are sent.</summary>
    /// <param name="request">The draft and its new fields.</param>
    /// <param name="precondition">What the caller requires of the draft's version.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>The draft as it is now.</returns>
    /// <exception cref="GatewayException">There is no such draft, or the precondition does not hold.</exception>
    public Task<Versioned<GetWorkflowResponse>> UpdateAsync(UpdateWorkflowRequest request, IfMatch precondition, Caller caller, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            var stored = await RequireDraftAsync(transaction, caller.Account, request.Subject, precondition, cancellationToken);
            var config = Write(request.Config);
            var changed = new StoredWorkflow
            {
                Subject = stored.Subject,
                Resource = stored.Resource,
                Name = request.Name ?? stored.Name,
                Description = request.Description ?? stored.Description,
                Config = config ?? stored.Config,
                Archived = request.Archived ?? stored.Archived,
            };
            var fields = new (string Name, object? Value)[] { ("name", request.Name), ("description", request.Description), ("config", config), ("archived", request.Archived) }
                .Where(field => field.Value is not null).Select(field => field.Name);
            return await UpdateAsync(transaction, changed, stored, caller, fields, config, cancellationToken);
        },
        cancellationToken);

    /// <summary>Copies a draft to the published version.</summary>
    /// <param name="subject">The draft.</param>
    /// <param name="precondition">What the caller requires of the draft's version.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>The published version.</returns>
    /// <exception cref="GatewayException">There is no such draft, the precondition does not hold, or its configuration can't run.</exception>
    public Task<Versioned<GetWorkflowResponse>> PublishAsync(string subject, IfMatch precondition, Caller caller, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            // The collection comes before what is in it, as in its removal: otherwise each could wait for the other.
            await CollectionStore.HoldAsync(transaction, caller.Account, Subjects.OfCollection(CollectionType.Workflow, Subjects.CollectionTopicOf(subject)), cancellationToken);
            var draft = await RequireDraftAsync(transaction, caller.Account, subject, precondition, cancellationToken);
            RequireRunnable(draft);
            var published = Subjects.OfWorkflow(Subjects.CollectionTopicOf(subject), Subjects.TopicOf(subject), draft: false);
            var before = await transaction.FindAsync<StoredWorkflow>(WorkflowStore.FindSql, new { account = caller.Account, subject = published }, cancellationToken);
            var row = new StoredWorkflow
            {
                Subject = published,
                Collection = draft.Collection,
                Resource = before?.Resource ?? NewResource(),
                First_name = draft.First_name,
                Name = draft.Name,
                Description = draft.Description,
                Config = draft.Config,
                Archived = draft.Archived,
            };
            string[] fields = ["name", "description", "config", "archived"];
            return before is null
                ? await InsertAsync(transaction, row, caller, fields, cancellationToken)
                : await UpdateAsync(transaction, row, before, caller, fields, row.Config, cancellationToken);
        },
        cancellationToken);

    internal static readonly Sql DeleteSql = "delete from workflows where account = @account and subject = @subject and version = @seen";

    /// <summary>Removes the published version of a workflow, or the whole workflow.</summary>
    /// <param name="collection">The topic of its collection.</param>
    /// <param name="topic">Its topic.</param>
    /// <param name="whole">The draft too, rather than the published version alone.</param>
    /// <param name="precondition">What the caller requires of the version of the draft, if that goes too, or else of the published one.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <exception cref="GatewayException">There is no such workflow or version, or the precondition does not hold.</exception>
    public Task DeleteAsync(string collection, string topic, bool whole, IfMatch precondition, Caller caller, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            var draft = await transaction.FindAsync<StoredWorkflow>(LockSql, new { account = caller.Account, subject = Subjects.OfWorkflow(collection, topic, draft: true) }, cancellationToken);
            var published = await transaction.FindAsync<StoredWorkflow>(WorkflowStore.FindSql, new { account = caller.Account, subject = Subjects.OfWorkflow(collection, topic, draft: false) }, cancellationToken);
            var asked = whole ? draft : published;
            precondition.Require(asked?.Version);
            if (asked is null)
            {
                throw WorkflowStore.NotFound;
            }

            foreach (var row in new[] { whole ? draft : null, published }.OfType<StoredWorkflow>())
            {
                await transaction.AppendAsync(new(caller.Account, row.Subject, "deleted", caller.Actor, time.GetUtcNow(), [], row.Resource), cancellationToken);
                await counters.AddAsync(transaction, caller.Account, Counted(row, -1, -row.Bytes), cancellationToken);
                if (await transaction.ExecuteAsync(DeleteSql, new { account = caller.Account, subject = row.Subject, seen = row.Version }, cancellationToken) != 1)
                {
                    throw new LostRaceException();
                }
            }

            return true;
        },
        cancellationToken);

    // On SQL Server topic has the database's collation, which must not meet that of subject in a comparison (error 468).
    internal static readonly Sql FindClashSql = new(
        SqlServer: """
            select min(moved.topic) from workflows moved
             where moved.account = @account and moved.collection = @from
               and exists (select 1 from workflows there
                            where there.account = @account and there.subject = concat(@draftPrefix, moved.topic) collate Latin1_General_100_BIN2)
            """,
        Sqlite: """
            select min(moved.topic) from workflows moved
             where moved.account = @account and moved.collection = @from
               and exists (select 1 from workflows there where there.account = @account and there.subject = concat(@draftPrefix, moved.topic))
            """);

    internal static readonly Sql AppendMovedSql = """
        insert into changes (account, subject, kind, actor, occurred_at, fields, resource)
        select account, concat(case is_draft when 1 then @draftPrefix else @prefix end, topic), 'moved', @actor, @occurredAt, 'collection', resource
          from workflows where account = @account and collection = @from
        """;

    // The collection is locked, so that no version comes or goes.
    internal static readonly Sql CountDraftsSql = "select count(*) from workflows where account = @account and collection = @from and is_draft = 1";

    internal static readonly Sql MoveSql = """
        update workflows set collection = @to, subject = concat(case is_draft when 1 then @draftPrefix else @prefix end, topic)
         where account = @account and collection = @from
        """;

    /// <summary>Moves all workflows of a collection to another one, both versions and with them their history.</summary>
    /// <returns>What that adds to the account's counters.</returns>
    /// <exception cref="GatewayException">Both have a workflow with the same topic.</exception>
    internal static async Task<Counter[]> MoveAsync(Transaction transaction, Move move, CancellationToken cancellationToken)
    {
        var to = Subjects.TopicOf(move.To);
        var (prefix, draftPrefix) = (Subjects.OfWorkflow(to, "", draft: false), Subjects.OfWorkflow(to, "", draft: true));
        if (await transaction.FindAsync<string>(FindClashSql, new { account = move.Account, from = move.From, draftPrefix }, cancellationToken) is { } topic)
        {
            throw new GatewayException(GatewayError.Conflict, $"workflow exists:{draftPrefix}{topic}");
        }

        await transaction.ExecuteAsync(AppendMovedSql, new { account = move.Account, from = move.From, prefix, draftPrefix, actor = move.Actor, occurredAt = move.OccurredAt }, cancellationToken);
        var drafts = await transaction.FindAsync<int>(CountDraftsSql, new { account = move.Account, from = move.From }, cancellationToken);
        var published = await transaction.ExecuteAsync(MoveSql, new { account = move.Account, from = move.From, to = move.To, prefix, draftPrefix }, cancellationToken) - drafts;
        return
        [
            new(CounterKind.Draft, move.From, -drafts),
            new(CounterKind.Draft, move.To, drafts),
            new(CounterKind.Published, move.From, -published),
            new(CounterKind.Published, move.To, published),
        ];
    }

    private static async Task<StoredWorkflow> RequireDraftAsync(Transaction transaction, string account, string subject, IfMatch precondition, CancellationToken cancellationToken)
    {
        var draft = await transaction.FindAsync<StoredWorkflow>(LockSql, new { account, subject }, cancellationToken);
        precondition.Require(draft?.Version);
        return draft ?? throw WorkflowStore.NotFound;
    }

    private void RequireRunnable(StoredWorkflow draft)
    {
        var config = draft.Read(json.Value).Config ?? throw new GatewayException(GatewayError.Invalid, "missing configuration");
        var problems = config.Nodes is { Count: > 0 } ? WorkflowRules.Problems(config).ToList() : ["nodes are required"];
        if (problems.Count > 0)
        {
            throw new GatewayException(GatewayError.Invalid, GatewayException.Join(problems));
        }
    }

    private async Task<Versioned<GetWorkflowResponse>> InsertAsync(Transaction transaction, StoredWorkflow row, Caller caller, string[] fields, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var version = await transaction.AppendAsync(new(caller.Account, row.Subject, ChangeType.Created, caller.Actor, now, fields, row.Resource, row.Config), cancellationToken);
        await counters.AddAsync(transaction, caller.Account, [.. Counted(row, 1, row.Size), .. History(row.Config)], cancellationToken);
        var parameters = new
        {
            account = caller.Account,
            subject = row.Subject,
            collection = row.Collection,
            topic = Subjects.TopicOf(row.Subject),
            isDraft = row.IsDraft,
            resource = row.Resource,
            firstName = row.First_name,
            name = row.Name,
            description = row.Description,
            config = row.Config,
            archived = row.Archived,
            version,
            now,
            bytes = row.Size,
        };
        await transaction.ExecuteAsync(InsertSql, parameters, cancellationToken);
        return new(row.Read(json.Value, now), version);
    }

    private async Task<Versioned<GetWorkflowResponse>> UpdateAsync(
        Transaction transaction, StoredWorkflow row, StoredWorkflow before, Caller caller, IEnumerable<string> fields, string? body, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var version = await transaction.AppendAsync(new(caller.Account, row.Subject, ChangeType.Updated, caller.Actor, now, fields, row.Resource, body), cancellationToken);
        await counters.AddAsync(transaction, caller.Account, [new(CounterKind.Workflow, "", 0, row.Size - before.Bytes), .. History(body)], cancellationToken);
        var parameters = new
        {
            account = caller.Account,
            subject = row.Subject,
            name = row.Name,
            description = row.Description,
            config = row.Config,
            archived = row.Archived,
            version,
            now,
            bytes = row.Size,
            seen = before.Version,
        };
        return await transaction.ExecuteAsync(UpdateSql, parameters, cancellationToken) == 1 ? new(row.Read(json.Value, now), version) : throw new LostRaceException();
    }

    private static Counter[] Counted(StoredWorkflow row, long total, long bytes)
    {
        var kind = row.IsDraft ? CounterKind.Draft : CounterKind.Published;
        return [new(CounterKind.Workflow, "", total, bytes), new(kind, "", total), new(kind, row.Collection, total)];
    }

    private static Counter[] History(string? body) => body is null ? [] : [new(CounterKind.History, "", 1, Encoding.UTF8.GetByteCount(body))];

    private static string NewResource() => Guid.CreateVersion7().ToString();

    private string? Write(WorkflowConfig? config) => config is null ? null : JsonSerializer.Serialize(config, json.Value.JsonSerializerOptions);
}
