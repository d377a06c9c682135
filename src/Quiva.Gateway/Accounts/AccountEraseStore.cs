using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Accounts;

/// <summary>
/// Removes the rows of an account, table by table and a part at a time: a part locks few rows for a short time. A test
/// compares
/// <see cref="Tables"/> with the schema, so that no table with an account is forgotten.
/// </summary>
public sealed class AccountEraseStore(Database database)
{
    // Entries about the platform's own rows tell what the platform's staff has done, not what an account has.
    private const string OwnChange =
        "subject not like 'ms.integration.oauth.config.%' and (body is not null or occurred_at < @before)";

    internal static readonly Sql CountSql = $"""
        select 'api_keys' as name, count(*) as total from api_keys where account = @account
        union all select 'oauth_connections', count(*) from oauth_connections where account = @account
        union all select 'oauth_pending_sign_ins', count(*) from oauth_pending_sign_ins where account = @account
        union all select 'oauth_sign_ins', count(*) from oauth_sign_ins where account = @account
        union all select 'run_keys', count(*) from run_keys where account = @account
        union all select 'run_steps', count(*) from run_steps where account = @account
        union all select 'runs', count(*) from runs where account = @account
        union all select 'run_configs', count(*) from run_configs where account = @account
        union all select 'run_accounts', count(*) from run_accounts where account = @account
        union all select 'workflows', count(*) from workflows where account = @account
        union all select 'nodes', count(*) from nodes where account = @account
        union all select 'collections', count(*) from collections where account = @account
        union all select 'changes', count(*) from changes where account = @account and {OwnChange}
        union all select 'counters', count(*) from counters where account = @account
        """;

    /// <summary>How many rows of an account are in each table, without the entries of the log that stay.</summary>
    /// <param name="account">The account.</param>
    /// <param name="before">Entries of the log that have no configuration stay from then on.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<(string Table, long Rows)>> CountAsync(
        string account, DateTimeOffset before, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<TableCount>(CountSql, new { account, before }, cancellationToken))
            .Select(count => (count.Name, count.Total))];

    internal static readonly Sql ListConnectionsSql = new(
        SqlServer: """
            select top (100) integration_id as integration, connection_id as id from oauth_connections
             where account = @account order by integration_id, connection_id
            """,
        Sqlite: """
            select integration_id as integration, connection_id as id from oauth_connections
             where account = @account order by integration_id, connection_id limit 100
            """);

    /// <summary>Some of the connections of an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<(string Integration, string Id)>> ListConnectionsAsync(
        string account, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<ConnectionRow>(ListConnectionsSql, new { account }, cancellationToken))
            .Select(row => (row.Integration, row.Id))];

    private const string ToEnd = "account = @account and ended_at is null";

    private const string Ended =
        $"update {{0}} set status = '{RunStatus.Cancelled}', ended_at = @now, due_at = null, kick_at = null, version = version + 1";

    // Whoever works on one of them reads it again, and stops.
    internal static readonly Sql EndRunsSql = new(
        SqlServer: Ended.Replace("{0}", "top (200) runs", StringComparison.Ordinal) + " where " + ToEnd,
        Sqlite: Ended.Replace("{0}", "runs", StringComparison.Ordinal)
            + $" where {ToEnd} and rowid in (select rowid from runs where {ToEnd} limit 200)");

    /// <summary>Ends the runs of an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task EndRunsAsync(string account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (await database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(EndRunsSql, new { account, now }, cancellationToken),
            cancellationToken) > 0)
        {
        }
    }

    internal static readonly Sql DeleteKeysSql = PartOf("api_keys");
    internal static readonly Sql DeleteSignInsSql = PartOf("oauth_sign_ins");
    internal static readonly Sql DeleteRunKeysSql = PartOf("run_keys");
    internal static readonly Sql DeleteRunStepsSql = PartOf("run_steps");
    internal static readonly Sql DeleteRunsSql = PartOf("runs");
    internal static readonly Sql DeleteRunConfigsSql = PartOf("run_configs");
    internal static readonly Sql DeleteRunAccountsSql = PartOf("run_accounts");
    internal static readonly Sql DeleteWorkflowsSql = PartOf("workflows");
    internal static readonly Sql DeleteNodesSql = PartOf("nodes");
    internal static readonly Sql DeleteCollectionsSql = PartOf("collections");
    internal static readonly Sql DeleteCountersSql = PartOf("counters");

    /// <summary>
    /// The tables with an account, in the order in which they are emptied: first what lets callers in, and rows before
    /// those that they refer to. Those with tokens, and <c>changes</c>, are emptied row by row.
    /// </summary>
    internal static readonly IReadOnlyList<(string Name, Sql Delete)> Tables =
    [
        ("api_keys", DeleteKeysSql),
        ("oauth_sign_ins", DeleteSignInsSql),
        ("run_keys", DeleteRunKeysSql),
        ("run_steps", DeleteRunStepsSql),
        ("runs", DeleteRunsSql),
        ("run_configs", DeleteRunConfigsSql),
        ("run_accounts", DeleteRunAccountsSql),
        ("workflows", DeleteWorkflowsSql),
        ("nodes", DeleteNodesSql),
        ("collections", DeleteCollectionsSql),
        ("counters", DeleteCountersSql),
    ];

    private static Sql PartOf(string table) => new(
        SqlServer: $"delete top (200) from {table} where account = @account",
        Sqlite: $"delete from {table} where rowid in (select rowid from {table} where account = @account limit 200)");

    /// <summary>Empties a table of an account's rows.</summary>
    /// <param name="delete">What removes some of them.</param>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Ends the work; what is removed stays removed.</param>
    /// <returns>How many were removed.</returns>
    internal async Task<long> EmptyAsync(Sql delete, string account, CancellationToken cancellationToken)
    {
        var removed = 0L;
        while (await database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(delete, new { account }, cancellationToken),
            cancellationToken) is > 0 and var some)
        {
            removed += some;
        }

        return removed;
    }

    internal static readonly Sql ListChangesSql =
        SqlPage.Of("sequence", "changes", $"account = @account and sequence > @after and {OwnChange}", "sequence");

    internal static readonly Sql DeleteChangesSql =
        $"delete from changes where account = @account and sequence > @after and sequence <= @last and {OwnChange}";

    /// <summary>
    /// Removes entries of the log, except those about the platform's rows, and young ones without a configuration.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="before">From then on entries without a configuration stay.</param>
    /// <param name="cancellationToken">Ends the work; what is removed stays removed.</param>
    /// <returns>How many were removed.</returns>
    internal async Task<long> RemoveChangesAsync(
        string account, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (removed, after) = (0L, 0L);
        while (await database.QueryAsync<long>(
            ListChangesSql, new { account, after, before, rows = 500 }, cancellationToken) is { Count: > 0 } part)
        {
            var parameters = new { account, after, last = part[^1], before };
            removed += await database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(DeleteChangesSql, parameters, cancellationToken),
                cancellationToken);
            after = part[^1];
        }

        return removed;
    }

    private sealed class TableCount
    {
        public string Name { get; init; } = "";

        public long Total { get; init; }
    }

    private sealed class ConnectionRow
    {
        public string Integration { get; init; } = "";

        public string Id { get; init; } = "";
    }
}
