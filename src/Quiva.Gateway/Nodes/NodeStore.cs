using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway.Nodes;

/// <summary>Node templates of accounts.</summary>
public sealed class NodeStore(Database database, CounterStore counters, AnswerJson json, TimeProvider time)
{
    private const string Columns = "subject, data, archived, modified_at, version",
        SqliteColumns = "subject, cast(data as blob) as data, archived, modified_at, version";

    /// <summary>What is told when there is no such node.</summary>
    public static GatewayException NotFound => new(GatewayError.NotFound, "node not found");

    internal static readonly Sql ListSql = SqlPage.Of(
        Columns, "nodes", "account = @account and subject > @after and subject < @before", "subject", SqliteColumns);

    /// <summary>Node templates of an account, by subject.</summary>
    /// <param name="account">The account.</param>
    /// <param name="collection">Only those in the collection with this topic; null means in all.</param>
    /// <param name="window">Which part of the list.</param>
    /// <exception cref="GatewayException">The cursor is another list's.</exception>
    public Listing<StoredNode> List(string account, string? collection, Window window) => Subjects.Nodes(collection).List<StoredNode>(
        database,
        ListSql,
        account,
        null,
        window,
        row => row.Subject,
        row => row.Data.Size,
        cancellationToken => counters.TotalAsync(
            account, CounterKind.Node, collection is null ? "" : Subjects.OfCollection(
                CollectionType.Node, collection), null, cancellationToken));

    private const string FindText = "from nodes where account = @account and subject = @subject";

    internal static readonly Sql FindSql = new(SqlServer: $"select {Columns} {FindText}", Sqlite: $"select {SqliteColumns} {FindText}");

    /// <summary>One node template, or null.</summary>
    /// <param name="account">The account.</param>
    /// <param name="subject">The node.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<StoredNode?> FindAsync(string account, string subject, CancellationToken cancellationToken) =>
        database.FindAsync<StoredNode>(FindSql, new { account, subject }, cancellationToken);

    internal static readonly Sql FindFirstNameSql = "select first_name from nodes where account = @account and subject = @subject";

    internal static readonly Sql InsertSql = new(SqlServer: InsertOf("@data"), Sqlite: InsertOf("cast(@data as text)"));

    private static string InsertOf(string data) => $"""
        insert into nodes (account, subject, collection, topic, first_name, data, archived, version, modified_at, bytes)
        values (@account, @subject, @collection, @topic, @name, {data}, @archived, @version, @now, @bytes)
        """;

    /// <summary>Makes a node template.</summary>
    /// <param name="request">What it shall be; its data follow the <see cref="NodeRules"/>.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <exception cref="GatewayException">The collection or a workflow that it calls is absent, or the name is taken.</exception>
    public Task<Versioned<CreateNodeResponse>> CreateAsync(CreateNodeRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (account, name, topic) = (caller.Account, request.Data.Name!, Subjects.TopicFor(request.Data.Name!));
        var data = json.Write(WithId(request.Data, topic));
        var subject = Subjects.OfNode(Subjects.TopicOf(request.Collection), topic);
        return database.InTransactionAsync(
            async transaction =>
            {
                await CollectionStore.RequireAsync(transaction, account, request.Collection, cancellationToken);
                await RequireFlowAsync(transaction, account, request.Data, null, cancellationToken);
                if (await transaction.FindAsync<string>(FindFirstNameSql, new { account, subject }, cancellationToken) is { } stored)
                {
                    throw Names.Taken("node", subject, stored, name);
                }

                var now = time.GetUtcNow();
                var version = await transaction.AppendAsync(
                    new(account, subject, ChangeType.Created, caller.Actor, now, ["collection", "data"]), cancellationToken);
                await counters.AddAsync(transaction, account, Counted(request.Collection, 1, data.Size), cancellationToken);
                var parameters = new
                {
                    account,
                    subject,
                    collection = request.Collection,
                    topic,
                    name,
                    data,
                    archived = false,
                    version,
                    now,
                    bytes = data.Size
                };
                await transaction.ExecuteAsync(InsertSql, parameters, cancellationToken);
                return new Versioned<CreateNodeResponse>(
                    new()
                    {
                        Subject = subject,
                        Collection = request.Collection,
                        Data = NodeData.Of(data),
                        Type = ChangeType.Created,
                        Modified = now.ToUnixTimeSeconds(),
                    },
                    version);
            },
            cancellationToken);
    }

    // Locks the row, or the gap where it would be, and lets readers pass: callers of one node queue here.
    internal static readonly Sql LockSql = new(
        SqlServer: """
            select collection, version, bytes
              from nodes with (updlock, holdlock)
             where account = @account and subject = @subject
            """,
        Sqlite: "select collection, version, bytes from nodes where account = @account and subject = @subject");

    internal static readonly Sql UpdateSql = new(SqlServer: UpdateOf("@data"), Sqlite: UpdateOf("cast(@data as text)"));

    private static string UpdateOf(string data) => $"""
        update nodes set data = {data}, archived = coalesce(@archived, archived), version = @version, modified_at = @now, bytes = @bytes
         where account = @account and subject = @subject and version = @seen
        """;

    /// <summary>Replaces the data of a node template.</summary>
    /// <param name="request">The node, its new data, and whether it is out of use; null keeps that as it is.</param>
    /// <param name="precondition">What the caller requires of the stored version.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="GatewayException">The node or a workflow that it calls is absent, or the precondition does not hold.</exception>
    public Task<long> UpdateAsync(UpdateNodeRequest request, IfMatch precondition, Caller caller, CancellationToken cancellationToken)
    {
        var (account, subject) = (caller.Account, request.Subject);
        var data = json.Write(WithId(request.Data, Subjects.TopicOf(subject)));
        return database.InTransactionAsync(
            async transaction =>
            {
                var locked = await RequireAsync(transaction, account, subject, precondition, cancellationToken);
                await RequireFlowAsync(transaction, account, request.Data, subject, cancellationToken);
                var now = time.GetUtcNow();
                var version = await transaction.AppendAsync(
                    new(
                        account,
                        subject,
                        ChangeType.Updated,
                        caller.Actor,
                        now,
                        request.Archived is null ? ["data"] : ["data", "archived"]), cancellationToken);
                await counters.AddAsync(transaction, account, [new(CounterKind.Node, "", 0, data.Size - locked.Bytes)], cancellationToken);
                var parameters = new
                {
                    account,
                    subject,
                    data,
                    archived = request.Archived,
                    version,
                    now,
                    bytes = data.Size,
                    seen = locked.Version
                };
                return await transaction.ExecuteAsync(UpdateSql, parameters, cancellationToken) == 1
                    ? version
                    : throw new LostRaceException();
            },
            cancellationToken);
    }

    internal static readonly Sql DeleteSql = "delete from nodes where account = @account and subject = @subject and version = @seen";

    /// <summary>Removes a node template.</summary>
    /// <param name="subject">The node.</param>
    /// <param name="precondition">What the caller requires of the stored version.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <exception cref="GatewayException">There is no such node, or the precondition does not hold.</exception>
    public Task DeleteAsync(
        string subject, IfMatch precondition, Caller caller, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            var locked = await RequireAsync(transaction, caller.Account, subject, precondition, cancellationToken);
            await transaction.AppendAsync(new(caller.Account, subject, "deleted", caller.Actor, time.GetUtcNow(), []), cancellationToken);
            await counters.AddAsync(transaction, caller.Account, Counted(locked.Collection, -1, -locked.Bytes), cancellationToken);
            var parameters = new { account = caller.Account, subject, seen = locked.Version };
            return await transaction.ExecuteAsync(DeleteSql, parameters, cancellationToken) == 1 ? true : throw new LostRaceException();
        },
        cancellationToken);

    internal static readonly Sql ListPartSql =
        SqlPage.Of("subject", "nodes", "account = @account and collection = @from and subject > @after", "subject");

    // On SQL Server topic has the database's collation, which must not meet that of subject in a comparison (error 468).
    internal static readonly Sql FindClashSql = new(
        SqlServer: """
            select min(moved.topic) from nodes moved
             where moved.account = @account and moved.collection = @from and moved.subject <= @last
               and exists (select 1 from nodes there
                            where there.account = @account and there.subject = concat(@prefix, moved.topic) collate Latin1_General_100_BIN2)
            """,
        Sqlite: """
            select min(moved.topic) from nodes moved
             where moved.account = @account and moved.collection = @from and moved.subject <= @last
               and exists (select 1 from nodes there where there.account = @account and there.subject = concat(@prefix, moved.topic))
            """);

    internal static readonly Sql AppendMovedSql = """
        insert into changes (account, subject, kind, actor, occurred_at, fields)
        select account, concat(@prefix, topic), 'moved', @actor, @occurredAt, 'collection' from nodes
         where account = @account and collection = @from and subject <= @last
        """;

    internal static readonly Sql MoveSql = """
        update nodes set collection = @to, subject = concat(@prefix, topic)
         where account = @account and collection = @from and subject <= @last
        """;

    /// <summary>Moves nodes of a collection to another one.</summary>
    /// <returns>What that adds to the account's counters.</returns>
    /// <exception cref="GatewayException">Both have a node with the same topic.</exception>
    internal static async Task<Counter[]> MoveAsync(Transaction transaction, Move move, CancellationToken cancellationToken)
    {
        var prefix = Subjects.OfNode(Subjects.TopicOf(move.To), "");
        if (await transaction.FindAsync<string>(
            FindClashSql, new { account = move.Account, from = move.From, last = move.Seen, prefix }, cancellationToken) is { } topic)
        {
            throw new GatewayException(GatewayError.Conflict, $"node exists:{prefix}{topic}");
        }

        var appended = new
        {
            account = move.Account,
            from = move.From,
            last = move.Last,
            prefix,
            actor = move.Actor,
            occurredAt = move.OccurredAt
        };
        await transaction.ExecuteAsync(AppendMovedSql, appended, cancellationToken);
        var parameters = new { account = move.Account, from = move.From, last = move.Last, to = move.To, prefix };
        var moved = await transaction.ExecuteAsync(MoveSql, parameters, cancellationToken);
        return [new(CounterKind.Node, move.From, -moved), new(CounterKind.Node, move.To, moved)];
    }

    private static async Task<LockedNode> RequireAsync(
        Transaction transaction, string account, string subject, IfMatch precondition, CancellationToken cancellationToken)
    {
        var locked = await transaction.FindAsync<LockedNode>(LockSql, new { account, subject }, cancellationToken);
        precondition.Require(locked?.Version);
        return locked ?? throw NotFound;
    }

    private async Task RequireFlowAsync(
        Transaction transaction, string account, NodeData data, string? stored, CancellationToken cancellationToken)
    {
        if (data.Node_type != NodeType.Flow || await WorkflowStore.ExistsAsync(transaction, account, data.Subject!, cancellationToken))
        {
            return;
        }

        // A node whose workflow has gone can still be changed, and archived.
        if (stored is null
            || await transaction.FindAsync<StoredNode>(FindSql, new { account, subject = stored }, cancellationToken) is not { } node
            || node.Data.Read<NodeData>(json.Requests).Subject != data.Subject)
        {
            throw new GatewayException(GatewayError.NotFound, "flow not found");
        }
    }

    private static NodeData WithId(NodeData data, string topic) => new()
    {
        Id = topic,
        Name = data.Name,
        Description = data.Description,
        Node_type = data.Node_type,
        Subject = data.Subject,
        Payload = data.Payload,
        Response_map = data.Response_map,
        Options = data.Options,
        Oauth = data.Oauth,
        Await = data.Await,
    };

    private static Counter[] Counted(string collection, long total, long bytes) =>
        [new(CounterKind.Node, "", total, bytes), new(CounterKind.Node, collection, total)];

    private sealed class LockedNode
    {
        public string Collection { get; init; } = "";

        public long Version { get; init; }

        public long Bytes { get; init; }
    }
}
