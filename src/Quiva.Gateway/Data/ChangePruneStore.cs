namespace Quiva.Gateway.Data;

/// <summary>
/// Removes old entries of the log that no history shows: those without a configuration, and the configurations of
/// workflow versions that are gone. What the history of a present version shows stays, however old it is.
/// </summary>
public sealed class ChangePruneStore(Database database, CounterStore counters, TimeProvider time)
{
    private const int MostInPart = 1000;

    private const string Unneeded = """
        (changes.body is null or not exists (
            select 1 from workflows where workflows.account = changes.account and workflows.resource = changes.resource))
        """;

    internal static readonly Sql ListOfAllAccountsSql = SqlPage.Of(
        "sequence", "changes", $"sequence > @after and occurred_at < @before and {Unneeded}", "sequence");

    private const string Part =
        $"where sequence > @after and sequence <= @last and occurred_at < @before and {Unneeded}";

    // What it removed is counted, not what was there a moment before.
    internal static readonly Sql DeleteOfAllAccountsSql = new(
        SqlServer: $"""
            delete from changes
            output deleted.account, deleted.bytes, case when deleted.resource is null or deleted.body is null then 0 else 1 end as entries
             {Part}
            """,
        Sqlite: $"""
            delete from changes {Part}
            returning account, bytes, case when resource is null or body is null then 0 else 1 end as entries
            """);

    /// <summary>Removes what is not needed, a part at a time: others need not wait for the whole.</summary>
    /// <param name="before">Entries from then on stay.</param>
    /// <param name="actor">Who does it; the log says so.</param>
    /// <param name="cancellationToken">Ends the work; what is removed stays removed.</param>
    /// <returns>How many were removed.</returns>
    public async Task<long> PruneAsync(DateTimeOffset before, string actor, CancellationToken cancellationToken)
    {
        var (removed, after) = (0L, 0L);
        while (await RemoveAsync(after, before, cancellationToken) is (var count and > 0, var last))
        {
            (removed, after) = (removed + count, last);
        }

        if (removed > 0)
        {
            var entry = new Change(
                "platform",
                "gateway.changes",
                "pruned",
                actor,
                time.GetUtcNow(),
                [$"before {before:yyyy-MM-dd'T'HH:mm:ss'Z'}"])
            {
                Owner = CounterStore.Platform,
            };
            await database.InTransactionAsync(
                transaction => transaction.AppendAsync(entry, cancellationToken), cancellationToken);
        }

        return removed;
    }

    private Task<(int Count, long Last)> RemoveAsync(
        long after, DateTimeOffset before, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            var part = await transaction.QueryAsync<long>(
                ListOfAllAccountsSql, new { after, before, rows = MostInPart }, cancellationToken);
            if (part.Count == 0)
            {
                return (0, after);
            }

            var last = part[^1];
            var entries = await transaction.QueryAsync<Entry>(
                DeleteOfAllAccountsSql, new { after, last, before }, cancellationToken);
            foreach (var own in entries.GroupBy(entry => entry.Account).OrderBy(own => own.Key, StringComparer.Ordinal))
            {
                var shown = own.Where(entry => entry.Entries == 1).ToList();
                await counters.AddAsync(
                    transaction, own.Key, [new(
                        CounterKind.History, "", -shown.Count, -shown.Sum(entry => entry.Bytes))], cancellationToken);
            }

            return (part.Count, last);
        },
        cancellationToken);

    private sealed class Entry
    {
        public string Account { get; init; } = "";

        public long Bytes { get; init; }

        public long Entries { get; init; }
    }
}
