using System.Text;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Nodes;
using Quiva.Gateway.Security;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway.Collections;

/// <summary>Collections of accounts: folders for node templates or for workflows.</summary>
public sealed class CollectionStore(Database database, CounterStore counters, TimeProvider time)
{
    private const string Columns = "subject, collection_type, topic, name, description, type, modified_at, version";

    /// <summary>What is told when there is no such collection.</summary>
    public static GatewayException NotFound => new(GatewayError.NotFound, "collection not found");

    internal static readonly Sql ListSql = SqlPage.Of(Columns, "collections", "account = @account and subject > @after and subject < @before", "subject");

    /// <summary>Collections of an account, by subject.</summary>
    /// <param name="account">The account.</param>
    /// <param name="type">Only those of this <see cref="CollectionType"/>; null means of both.</param>
    /// <param name="window">Which part of the list.</param>
    /// <exception cref="GatewayException">The cursor is another list's.</exception>
    public Listing<CollectionRow> List(string account, string? type, Window window) => Subjects.Collections(type).List<CollectionRow>(
        database,
        ListSql,
        account,
        null,
        window,
        row => row.Subject,
        row => row.Description.Length,
        cancellationToken => counters.TotalAsync(account, CounterKind.Collection, type ?? "", null, cancellationToken));

    internal static readonly Sql FindSql = $"select {Columns} from collections where account = @account and subject = @subject";

    /// <summary>One collection, or null.</summary>
    /// <param name="account">The account.</param>
    /// <param name="subject">The collection.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<Versioned<GetCollectionResponse>?> FindAsync(string account, string subject, CancellationToken cancellationToken) =>
        await database.FindAsync<CollectionRow>(FindSql, new { account, subject }, cancellationToken) is { } stored ? new(stored.Read(), stored.Version) : null;

    // Held to the end of the transaction, so that a removal waits before it has locked anything. A shared lock would not make it wait here but
    // when it changes the row, and then each waits for the other.
    internal static readonly Sql HoldSql = new(
        SqlServer: "select count(*) from collections with (updlock, holdlock) where account = @account and subject = @subject",
        Sqlite: "select count(*) from collections where account = @account and subject = @subject");

    /// <summary>Keeps a collection from being removed until the end of the transaction; the foreign keys of what is in it do so in any case.</summary>
    /// <returns>Whether there is such a collection.</returns>
    internal static async Task<bool> HoldAsync(Transaction transaction, string account, string subject, CancellationToken cancellationToken) =>
        await transaction.FindAsync<int>(HoldSql, new { account, subject }, cancellationToken) > 0;

    /// <summary>Refuses to go on without a collection, and holds it.</summary>
    /// <exception cref="GatewayException">There is no such collection.</exception>
    internal static async Task RequireAsync(Transaction transaction, string account, string subject, CancellationToken cancellationToken)
    {
        if (!await HoldAsync(transaction, account, subject, cancellationToken))
        {
            throw NotFound;
        }
    }

    internal static readonly Sql InsertSql = """
        insert into collections (account, subject, collection_type, topic, name, description, type, version, modified_at, bytes)
        values (@account, @subject, @collectionType, @topic, @name, @description, @type, @version, @now, @bytes)
        """;

    /// <summary>Makes a collection.</summary>
    /// <param name="request">What it shall be.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <exception cref="GatewayException">The name is taken, or another name has the same hash.</exception>
    public Task<Versioned<GetCollectionResponse>> CreateAsync(CreateCollectionRequest request, Caller caller, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            var topic = Subjects.TopicFor(request.Name);
            var subject = Subjects.OfCollection(request.Collection_type, topic);
            if (await transaction.FindAsync<CollectionRow>(FindSql, new { account = caller.Account, subject }, cancellationToken) is { } stored)
            {
                throw Names.Taken("collection", subject, stored.Name, request.Name);
            }

            var now = time.GetUtcNow();
            var description = request.Description ?? "";
            var version = await transaction.AppendAsync(
                new(caller.Account, subject, ChangeType.Created, caller.Actor, now, ["name", "collection_type", "description"]), cancellationToken);
            var bytes = SizeOf(request.Name, description);
            await counters.AddAsync(transaction, caller.Account, Counted(request.Collection_type, 1, bytes), cancellationToken);
            var parameters = new
            {
                account = caller.Account,
                subject,
                collectionType = request.Collection_type,
                topic,
                name = request.Name,
                description,
                type = ChangeType.Created,
                version,
                now,
                bytes,
            };
            await transaction.ExecuteAsync(InsertSql, parameters, cancellationToken);
            var created = new CollectionRow
            {
                Subject = subject,
                CollectionType = request.Collection_type,
                Topic = topic,
                Name = request.Name,
                Description = description,
                Type = ChangeType.Created,
                Version = version,
                ModifiedAt = now,
            };
            return new Versioned<GetCollectionResponse>(created.Read(), version);
        },
        cancellationToken);

    // Locks the row, or the gap where it would be, and lets readers pass: callers of one collection queue here.
    internal static readonly Sql LockSql = new(
        SqlServer: """
            select name, description, version, bytes
              from collections with (updlock, holdlock)
             where account = @account and subject = @subject
            """,
        Sqlite: "select name, description, version, bytes from collections where account = @account and subject = @subject");

    internal static readonly Sql UpdateSql = """
        update collections set description = @description, type = @type, version = @version, modified_at = @now, bytes = @bytes
         where account = @account and subject = @subject and version = @seen
        """;

    /// <summary>Replaces the description of a collection.</summary>
    /// <param name="subject">The collection.</param>
    /// <param name="description">The new text; null keeps the old one.</param>
    /// <param name="precondition">What the caller requires of the stored version.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="GatewayException">There is no such collection, or the precondition does not hold.</exception>
    public Task<long> UpdateAsync(string subject, string? description, IfMatch precondition, Caller caller, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            var stored = await LockAsync(transaction, caller.Account, subject, cancellationToken);
            precondition.Require(stored?.Version);
            if (stored is null)
            {
                throw NotFound;
            }

            var now = time.GetUtcNow();
            var version = await transaction.AppendAsync(
                new(caller.Account, subject, ChangeType.Updated, caller.Actor, now, description is null ? [] : ["description"]), cancellationToken);
            var text = description ?? stored.Description;
            var bytes = SizeOf(stored.Name, text);
            await counters.AddAsync(transaction, caller.Account, [new(CounterKind.Collection, "", 0, bytes - stored.Bytes)], cancellationToken);
            var parameters = new { account = caller.Account, subject, description = text, type = ChangeType.Updated, version, now, bytes, seen = stored.Version };
            return await transaction.ExecuteAsync(UpdateSql, parameters, cancellationToken) == 1 ? version : throw new LostRaceException();
        },
        cancellationToken);

    internal static readonly Sql DeleteSql = "delete from collections where account = @account and subject = @subject and version = @seen";

    // Rows that one transaction moves: short enough to keep nobody waiting, and few enough locks that SQL Server takes none on a whole table.
    private const int MostInPart = 500;

    /// <summary>
    /// Moves what is in a collection to another one, and removes the collection. Up to 500 nodes, or 250 workflows, move in one transaction with
    /// the removal: all of it, or nothing. More are moved so many at a time, and the collection goes with the last ones: each is in one of the
    /// two collections at every moment, and doing it again goes on where it ended.
    /// </summary>
    /// <param name="type">The <see cref="CollectionType"/> of both.</param>
    /// <param name="topic">The collection to remove.</param>
    /// <param name="destination">The topic of the other one.</param>
    /// <param name="precondition">What the caller requires of the stored version.</param>
    /// <param name="caller">Who does it, for which account.</param>
    /// <param name="cancellationToken">Ends the work; what has moved stays moved.</param>
    /// <exception cref="GatewayException">
    /// One of them is absent, the precondition does not hold, or both hold something with the same topic. Nothing was changed, unless another
    /// caller has made what is in the way since the first part was moved.
    /// </exception>
    public async Task DeleteAsync(string type, string topic, string destination, IfMatch precondition, Caller caller, CancellationToken cancellationToken)
    {
        var (from, to) = (Subjects.OfCollection(type, topic), Subjects.OfCollection(type, destination));
        var isFirst = true;
        while (!await database.InTransactionAsync(
            transaction => MoveAsync(transaction, type, new(caller.Account, caller.Actor, time.GetUtcNow(), from, to), isFirst ? precondition : null, cancellationToken),
            cancellationToken))
        {
            isFirst = false;
        }
    }

    // The precondition was met before the first part; what follows belongs to it.
    private async Task<bool> MoveAsync(Transaction transaction, string type, Move move, IfMatch? precondition, CancellationToken cancellationToken)
    {
        // Two callers that empty two collections into each other take their locks in one order.
        var locked = new Dictionary<string, CollectionRow?>();
        foreach (var subject in new[] { move.From, move.To }.Order(StringComparer.Ordinal))
        {
            locked[subject] = await LockAsync(transaction, move.Account, subject, cancellationToken);
        }

        precondition?.Require(locked[move.From]?.Version);
        if (locked[move.From] is not { } removed)
        {
            throw NotFound;
        }

        if (locked[move.To] is null)
        {
            throw new GatewayException(GatewayError.NotFound, "the new resource collection is not found");
        }

        // A workflow is found by its draft, and may have a published version too.
        var (isOfNodes, topic) = (type == CollectionType.Node, Subjects.TopicOf(move.From));
        var (most, after) = isOfNodes ? (MostInPart, "") : (MostInPart / 2, Subjects.OfWorkflow(topic, "", draft: true));
        var part = await transaction.QueryAsync<string>(
            isOfNodes ? NodeStore.ListPartSql : WorkflowVersionStore.ListPartSql,
            new { account = move.Account, from = move.From, after, rows = most + 1 },
            cancellationToken);
        var isLast = part.Count <= most;
        move = move with { Last = isLast ? Move.All : part[most - 1], IsFirst = precondition is not null };
        var moved = isOfNodes
            ? await NodeStore.MoveAsync(transaction, move, cancellationToken)
            : await WorkflowVersionStore.MoveAsync(transaction, move, cancellationToken);
        if (!isLast)
        {
            await transaction.ExecuteAsync(CounterCheckStore.LockSql, new { account = move.Account }, cancellationToken);
            await counters.AddAsync(transaction, move.Account, moved, cancellationToken);
            return false;
        }

        await transaction.AppendAsync(new(move.Account, move.From, "deleted", move.Actor, move.OccurredAt, []), cancellationToken);
        await counters.AddAsync(transaction, move.Account, [.. moved, .. Counted(type, -1, -removed.Bytes)], cancellationToken);
        var parameters = new { account = move.Account, subject = move.From, seen = removed.Version };
        return await transaction.ExecuteAsync(DeleteSql, parameters, cancellationToken) == 1 ? true : throw new LostRaceException();
    }

    private static Task<CollectionRow?> LockAsync(Transaction transaction, string account, string subject, CancellationToken cancellationToken) =>
        transaction.FindAsync<CollectionRow>(LockSql, new { account, subject }, cancellationToken);

    private static long SizeOf(string name, string description) => Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(description);

    private static Counter[] Counted(string type, long total, long bytes) =>
        [new(CounterKind.Collection, "", total, bytes), new(CounterKind.Collection, type, total)];
}

/// <summary>The contents of a collection go to another one.</summary>
/// <param name="Account">Whose they are.</param>
/// <param name="Actor">Who does it.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="From">The subject of the collection that they are in.</param>
/// <param name="To">The subject of the other one.</param>
internal sealed record Move(string Account, string Actor, DateTimeOffset OccurredAt, string From, string To)
{
    /// <summary>Greater than every subject.</summary>
    public const string All = "~";

    /// <summary>The subject up to which rows are moved.</summary>
    public string Last { get; init; } = All;

    /// <summary>Whether this is the first part: then all rows are looked at for one that is in the way, else those of the part.</summary>
    public bool IsFirst { get; init; } = true;

    /// <summary>The subject up to which rows are looked at.</summary>
    public string Seen => IsFirst ? All : Last;
}

/// <summary>Names are unique by their topics, which is a little more than by themselves.</summary>
internal static class Names
{
    /// <summary>The refusal of a name whose subject is there already.</summary>
    public static GatewayException Taken(string kind, string subject, string stored, string wanted) =>
        new(GatewayError.Conflict, stored == wanted ? $"{kind} exists:{subject}" : $"another name has the same hash:{subject}");
}
