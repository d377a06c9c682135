using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows;

/// <summary>
/// Changes versions of workflows. Whoever changes either version locks the draft's row first. JSON is written before, and read after, the
/// transaction: other writers need not wait for it.
/// </summary>
public sealed class WorkflowVersionStore(
    Database database, WorkflowRowStore rows, CounterStore counters, AnswerJson json, TimeProvider time)
{
    /// <summary>Makes a workflow: its draft.</summary>
    /// <param name="request">What it shall be.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <exception cref="GatewayException">The collection is absent, or the name is taken.</exception>
    public Task<Versioned<GetWorkflowResponse>> CreateAsync(
        CreateWorkflowRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var subject = Subjects.OfWorkflow(Subjects.TopicOf(request.Collection), Subjects.TopicFor(request.Name), draft: true);
        var draft = new StoredWorkflow
        {
            Subject = subject,
            Collection = request.Collection,
            Resource = NewResource(),
            FirstName = request.Name,
            Name = request.Name,
            Description = request.Description ?? "",
            Config = Write(request.Config),
        };
        return database.InTransactionAsync(
            async transaction =>
            {
                await CollectionStore.RequireAsync(transaction, caller.Account, request.Collection, cancellationToken);
                if (await WorkflowRowStore.FindAsync(transaction, caller.Account, subject, cancellationToken) is { } stored)
                {
                    throw Names.Taken("workflow", subject, stored.FirstName, request.Name);
                }

                return await rows.InsertAsync(
                    transaction, draft, caller, ["name", "collection", "description", "config"], cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Changes the fields of a draft that are sent.</summary>
    /// <param name="request">The draft and its new fields.</param>
    /// <param name="precondition">What the caller requires of the draft's version.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>The draft as it is now.</returns>
    /// <exception cref="GatewayException">There is no such draft, or the precondition does not hold.</exception>
    public Task<Versioned<GetWorkflowResponse>> UpdateAsync(
        UpdateWorkflowRequest request, IfMatch precondition, Caller caller, CancellationToken cancellationToken)
    {
        var config = Write(request.Config);
        var fields = new (string Name, object? Value)[]
        {
            ("name", request.Name),
            ("description", request.Description),
            ("config", config),
            ("archived", request.Archived)
        }
            .Where(field => field.Value is not null).Select(field => field.Name).ToArray();
        return database.InTransactionAsync(
            async transaction =>
            {
                var stored = await RequireDraftAsync(transaction, caller.Account, request.Subject, precondition, cancellationToken);
                var changed = new StoredWorkflow
                {
                    Subject = stored.Subject,
                    Resource = stored.Resource,
                    Name = request.Name ?? stored.Name,
                    Description = request.Description ?? stored.Description,
                    Config = config
                        ?? await WorkflowRowStore.FindConfigAsync(transaction, caller.Account, stored.Subject, cancellationToken),
                    Archived = request.Archived ?? stored.Archived,
                };
                return await rows.UpdateAsync(transaction, changed, stored, caller, fields, config, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Copies a draft to the published version.</summary>
    /// <param name="subject">The draft.</param>
    /// <param name="precondition">What the caller requires of the draft's version.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>The published version.</returns>
    /// <exception cref="GatewayException">
    /// There is no such draft, the precondition does not hold, or its configuration can't run.
    /// </exception>
    public async Task<Versioned<GetWorkflowResponse>> PublishAsync(
        string subject, IfMatch precondition, Caller caller, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Judged before the transaction; a draft that changes meanwhile is judged again.
            var draft = await database.FindAsync<StoredWorkflow>(
                WorkflowStore.FindSql, new { account = caller.Account, subject }, cancellationToken);
            var problems = draft is null ? [] : ProblemsOf(draft);
            var published = await database.InTransactionAsync(
                transaction => PublishAsync(
                    transaction, subject, draft, problems, precondition, caller, cancellationToken), cancellationToken);
            if (published is not null)
            {
                return published;
            }
        }
    }

    private async Task<Versioned<GetWorkflowResponse>?> PublishAsync(
        Transaction transaction,
        string subject,
        StoredWorkflow? draft,
        List<string> problems,
        IfMatch precondition,
        Caller caller,
        CancellationToken cancellationToken)
    {
        // The collection comes before what is in it, as in its removal: otherwise each could wait for the other.
        await CollectionStore.HoldAsync(
            transaction,
            caller.Account,
            Subjects.OfCollection(CollectionType.Workflow, Subjects.CollectionTopicOf(subject)),
            cancellationToken);
        var locked = await RequireDraftAsync(transaction, caller.Account, subject, precondition, cancellationToken);
        if (locked.Version != draft?.Version)
        {
            return null;
        }

        if (problems.Count > 0)
        {
            throw new GatewayException(GatewayError.Invalid, GatewayException.Join(problems));
        }

        var target = Subjects.OfWorkflow(Subjects.CollectionTopicOf(subject), Subjects.TopicOf(subject), draft: false);
        var before = await WorkflowRowStore.FindAsync(transaction, caller.Account, target, cancellationToken);
        var row = new StoredWorkflow
        {
            Subject = target,
            Collection = locked.Collection,
            Resource = before?.Resource ?? NewResource(),
            FirstName = draft.FirstName,
            Name = draft.Name,
            Description = draft.Description,
            Config = draft.Config,
            Archived = draft.Archived,
        };
        string[] fields = ["name", "description", "config", "archived"];
        return before is null
            ? await rows.InsertAsync(transaction, row, caller, fields, cancellationToken)
            : await rows.UpdateAsync(transaction, row, before, caller, fields, row.Config, cancellationToken);
    }

    internal static readonly Sql DeleteSql = "delete from workflows where account = @account and subject = @subject and version = @seen";

    /// <summary>Removes the published version of a workflow, or the whole workflow.</summary>
    /// <param name="collection">The topic of its collection.</param>
    /// <param name="topic">Its topic.</param>
    /// <param name="whole">The draft too, rather than the published version alone.</param>
    /// <param name="precondition">
    /// What the caller requires of the version of the draft, if that goes too, or else of the published one.
    /// </param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <exception cref="GatewayException">There is no such workflow or version, or the precondition does not hold.</exception>
    public Task DeleteAsync(
        string collection,
        string topic,
        bool whole,
        IfMatch precondition,
        Caller caller,
        CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            var draft = await transaction.FindAsync<StoredWorkflow>(
                WorkflowRowStore.LockSql,
                new { account = caller.Account, subject = Subjects.OfWorkflow(collection, topic, draft: true) },
                cancellationToken);
            var published = await transaction.FindAsync<StoredWorkflow>(
                WorkflowRowStore.FindSmallSql,
                new { account = caller.Account, subject = Subjects.OfWorkflow(collection, topic, draft: false) },
                cancellationToken);
            var asked = whole ? draft : published;
            precondition.Require(asked?.Version);
            if (asked is null)
            {
                throw WorkflowStore.NotFound;
            }

            foreach (var row in new[] { whole ? draft : null, published }.OfType<StoredWorkflow>())
            {
                await transaction.AppendAsync(
                    new(caller.Account, row.Subject, "deleted", caller.Actor, time.GetUtcNow(), [], row.Resource), cancellationToken);
                await counters.AddAsync(transaction, caller.Account, WorkflowRowStore.Counted(row, -1, -row.Bytes), cancellationToken);
                if (await transaction.ExecuteAsync(
                    DeleteSql, new { account = caller.Account, subject = row.Subject, seen = row.Version }, cancellationToken) != 1)
                {
                    throw new LostRaceException();
                }
            }

            return true;
        },
        cancellationToken);

    internal static readonly Sql ListPartSql =
        SqlPage.Of("subject", "workflows", "account = @account and collection = @from and subject > @after", "subject");

    // Both versions of a workflow are always in one collection.
    private const string OfPart =
        "account = @account and collection = @from and (is_draft = 1 and subject <= @last or is_draft = 0 and subject <= @lastPublished)";

    // On SQL Server topic has the database's collation, which must not meet that of subject in a comparison (error 468).
    internal static readonly Sql FindClashSql = new(
        SqlServer: """
            select min(moved.topic) from workflows moved
             where moved.account = @account and moved.collection = @from and moved.subject <= @last
               and exists (select 1 from workflows there
                            where there.account = @account and there.subject = concat(@draftPrefix, moved.topic) collate Latin1_General_100_BIN2)
            """,
        Sqlite: """
            select min(moved.topic) from workflows moved
             where moved.account = @account and moved.collection = @from and moved.subject <= @last
               and exists (select 1 from workflows there where there.account = @account and there.subject = concat(@draftPrefix, moved.topic))
            """);

    internal static readonly Sql AppendMovedSql = $"""
        insert into changes (account, subject, kind, actor, occurred_at, fields, resource)
        select account, concat(case is_draft when 1 then @draftPrefix else @prefix end, topic), 'moved', @actor, @occurredAt, 'collection', resource
          from workflows where {OfPart}
        """;

    // The collection is locked, so that no version comes; one may still go, so what was moved is counted and not what was there before.
    internal static readonly Sql MoveSql = new(SqlServer: MoveOf("output inserted.is_draft", ""), Sqlite: MoveOf("", "returning is_draft"));

    private static string MoveOf(string output, string returning) => $"""
        update workflows set collection = @to, subject = concat(case is_draft when 1 then @draftPrefix else @prefix end, topic)
        {output}
         where {OfPart}
        {returning}
        """;

    /// <summary>Moves workflows of a collection to another one, both versions and with them their history.</summary>
    /// <returns>What that adds to the account's counters.</returns>
    /// <exception cref="GatewayException">Both have a workflow with the same topic.</exception>
    internal static async Task<Counter[]> MoveAsync(Transaction transaction, Move move, CancellationToken cancellationToken)
    {
        var to = Subjects.TopicOf(move.To);
        var (prefix, draftPrefix) = (Subjects.OfWorkflow(to, "", draft: false), Subjects.OfWorkflow(to, "", draft: true));
        if (await transaction.FindAsync<string>(
            FindClashSql, new { account = move.Account, from = move.From, last = move.Seen, draftPrefix }, cancellationToken) is { } topic)
        {
            throw new GatewayException(GatewayError.Conflict, $"workflow exists:{draftPrefix}{topic}");
        }

        var (account, from, last) = (move.Account, move.From, move.Last);
        var lastPublished = last == Move.All ? last : Subjects.OfWorkflow(Subjects.TopicOf(from), Subjects.TopicOf(last), draft: false);
        var appended = new { account, from, last, lastPublished, prefix, draftPrefix, actor = move.Actor, occurredAt = move.OccurredAt };
        await transaction.ExecuteAsync(AppendMovedSql, appended, cancellationToken);
        var parameters = new { account, from, last, lastPublished, to = move.To, prefix, draftPrefix };
        var moved = await transaction.QueryAsync<bool>(MoveSql, parameters, cancellationToken);
        var drafts = moved.Count(isDraft => isDraft);
        var published = moved.Count - drafts;
        return
        [
            new(CounterKind.Draft, move.From, -drafts),
            new(CounterKind.Draft, move.To, drafts),
            new(CounterKind.Published, move.From, -published),
            new(CounterKind.Published, move.To, published),
        ];
    }

    private static async Task<StoredWorkflow> RequireDraftAsync(
        Transaction transaction, string account, string subject, IfMatch precondition, CancellationToken cancellationToken)
    {
        var draft = await transaction.FindAsync<StoredWorkflow>(WorkflowRowStore.LockSql, new { account, subject }, cancellationToken);
        precondition.Require(draft?.Version);
        return draft ?? throw WorkflowStore.NotFound;
    }

    private List<string> ProblemsOf(StoredWorkflow draft) => draft.ReadConfig(json.Requests) switch
    {
        null => ["missing configuration"],
        { Nodes: not { Count: > 0 } } => ["nodes are required"],
        { } config => [.. WorkflowRules.Problems(config), .. Runs.RunRules.Problems(config)],
    };

    private static string NewResource() => Guid.CreateVersion7().ToString();

    private StoredJson? Write(WorkflowConfig? config) => config is null ? null : json.Write(config);
}
