namespace Quiva.Gateway.Data;

/// <summary>A counter that is not what its rows say.</summary>
/// <param name="Account">Whose counter.</param>
/// <param name="Kind">What it counts.</param>
/// <param name="Scope">Of which part; empty for all.</param>
/// <param name="Stored">What the counter says: how many, and their bytes.</param>
/// <param name="Counted">What the rows say.</param>
public sealed record CounterFault(
    string Account, string Kind, string Scope, (long Total, long Bytes) Stored, (long Total, long Bytes) Counted);

/// <summary>
/// Counts again. Counters go wrong only by a change that did not come through the gateway, or by an instance of a
/// version without counters that was still running after the upgrade.
/// </summary>
public sealed class CounterCheckStore(Database database)
{
    internal static readonly Sql ListAccountsOfAllAccountsSql = """
        select account from counters
        union select account from collections
        union select account from nodes
        union select account from workflows
        union select account from oauth_connections
        """;

    // The account's changes wait until it is counted.
    internal static readonly Sql LockSql = new(
        SqlServer: "select total from counters with (updlock, holdlock) where account = @account and kind = 'sequence' and scope = ''",
        Sqlite: "update counters set total = total where account = @account and kind = 'sequence' and scope = ''");

    internal static readonly Sql ListStoredSql =
        "select kind, scope, total, bytes from counters where account = @account";

    // All texts of one column must have one collation.
    internal static readonly Sql CountSql =
        new(SqlServer: Count("collection_type collate Latin1_General_100_BIN2"), Sqlite: Count("collection_type"));

    private static string Count(string type) => $"""
        select 'collection' as kind, '' as scope, count(*) as total, sum(bytes) as bytes from collections where account = @account
        union all select 'collection', {type}, count(*), 0 from collections where account = @account group by {type}
        union all select 'node', '', count(*), sum(bytes) from nodes where account = @account
        union all select 'node', collection, count(*), 0 from nodes where account = @account group by collection
        union all select 'workflow', '', count(*), sum(bytes) from workflows where account = @account
        union all select 'draft', '', count(*), 0 from workflows where account = @account and is_draft = 1
        union all select 'draft', collection, count(*), 0 from workflows where account = @account and is_draft = 1 group by collection
        union all select 'published', '', count(*), 0 from workflows where account = @account and is_draft = 0
        union all select 'published', collection, count(*), 0 from workflows where account = @account and is_draft = 0 group by collection
        union all select 'history', '', count(*), sum(bytes) from changes where account = @account and resource is not null and body is not null
        union all select 'connection', '', count(*), 0 from oauth_connections where account = @account
        union all select 'connection', integration_id, count(*), 0 from oauth_connections where account = @account group by integration_id
        union all select 'configuration', '', count(*), 0 from oauth_configs where @account = '*'
        union all select 'sequence', '', max(version), 0 from (
            select max(version) as version from collections where account = @account
            union all select max(version) from nodes where account = @account
            union all select max(version) from workflows where account = @account
            union all select max(version) from oauth_connections where account = @account
            union all select max(version) from oauth_configs where @account = '*') versions
        """;

    internal static readonly Sql SetSql = new(
        SqlServer: """
            update counters set total = @total, bytes = @bytes where account = @account and kind = @kind and scope = @scope;
            if @@rowcount = 0
                insert into counters (account, kind, scope, total, bytes) values (@account, @kind, @scope, @total, @bytes);
            """,
        Sqlite: """
            insert into counters (account, kind, scope, total, bytes) values (@account, @kind, @scope, @total, @bytes)
                on conflict (account, kind, scope) do update set total = excluded.total, bytes = excluded.bytes
            """);

    /// <summary>Compares every counter with its rows, account by account.</summary>
    /// <param name="repair">Whether to set the counters that are wrong.</param>
    /// <param name="cancellationToken">Ends the work; what is repaired stays repaired.</param>
    /// <returns>What was wrong.</returns>
    public async Task<IReadOnlyList<CounterFault>> CheckAsync(bool repair, CancellationToken cancellationToken)
    {
        var faults = new List<CounterFault>();
        foreach (var account in await database.QueryAsync<string>(
            ListAccountsOfAllAccountsSql, null, cancellationToken))
        {
            faults.AddRange(await database.InTransactionAsync(
                transaction => CheckAsync(transaction, account, repair, cancellationToken), cancellationToken));
        }

        return faults;
    }

    private static async Task<List<CounterFault>> CheckAsync(
        Transaction transaction, string account, bool repair, CancellationToken cancellationToken)
    {
        await transaction.ExecuteAsync(LockSql, new { account }, cancellationToken);
        var stored = (await transaction.QueryAsync<Counter>(ListStoredSql, new { account }, cancellationToken))
            .ToDictionary(Key, Value);
        var counted = (await transaction.QueryAsync<Counter>(CountSql, new { account }, cancellationToken))
            .ToDictionary(Key, Value);
        var faults = stored.Keys.Union(counted.Keys)
            .Select(key => new CounterFault(
                account, key.Kind, key.Scope, stored.GetValueOrDefault(key), counted.GetValueOrDefault(key)))
            .Where(IsFault)
            .ToList();
        foreach (var (_, kind, scope, _, (total, bytes)) in repair ? faults : [])
        {
            await transaction.ExecuteAsync(SetSql, new { account, kind, scope, total, bytes }, cancellationToken);
        }

        return faults;
    }

    // Rows that were removed had numbers too.
    private static bool IsFault(CounterFault fault) =>
        fault.Kind == CounterKind.Sequence ? fault.Stored.Total < fault.Counted.Total : fault.Stored != fault.Counted;

    private static (string Kind, string Scope) Key(Counter counter) => (counter.Kind, counter.Scope);

    private static (long Total, long Bytes) Value(Counter counter) => (counter.Total, counter.Bytes);
}
