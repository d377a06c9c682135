using System.Globalization;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Data;

/// <summary>What is counted for an account.</summary>
internal static class CounterKind
{
    public const string Sequence =
        "sequence", Collection = "collection", Node = "node", Workflow = "workflow", Draft = "draft",
        Published = "published", History = "history", Connection = "connection", Configuration = "configuration";
}

/// <summary>A counter of an account, or what a change adds to it.</summary>
/// <param name="Kind">One of <see cref="CounterKind"/>.</param>
/// <param name="Scope">
/// Empty for all of the kind, which has the bytes too; else a part that lists can be restricted to: a type of
/// collections, the subject of a collection, an integration.
/// </param>
/// <param name="Total">How many.</param>
/// <param name="Bytes">How large they are, in UTF-8.</param>
internal sealed record Counter(string Kind, string Scope, long Total, long Bytes = 0)
{
    // For Dapper.
    public Counter()
        : this("", "", 0)
    {
    }
}

/// <summary>
/// Counters of accounts, kept in the transaction of each change: the totals of lists, and what quotas are held against.
/// A transaction comes here after <see cref="ChangeStore.AppendAsync"/>, which holds the account's sequence: so no two
/// transactions of an account wait for each other here.
/// </summary>
public sealed class CounterStore(Database database, IOptions<QuotaOptions> quotas)
{
    /// <summary>Whose counters the platform's own rows are in. No account can have this name.</summary>
    internal const string Platform = "*";

    internal static readonly Sql FindTotalSql = """
        select coalesce(sum(total), 0) from counters where account = @account and kind in (@kind, @other) and scope = @scope
        """;

    /// <summary>How many there are of a kind, or of two.</summary>
    /// <param name="account">The account.</param>
    /// <param name="kind">One of <see cref="CounterKind"/>.</param>
    /// <param name="scope">See <see cref="Counter.Scope"/>.</param>
    /// <param name="other">Another kind that is counted too; null for none.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal async Task<int> TotalAsync(
        string account, string kind, string scope, string? other, CancellationToken cancellationToken) =>
        (int)Math.Clamp(await database.FindAsync<long>(
            FindTotalSql, new { account, kind, other = other ?? kind, scope }, cancellationToken), 0, int.MaxValue);

    internal static readonly Sql AddSql = new(
        SqlServer: """
            update counters with (updlock, serializable) set total = total + @total, bytes = bytes + @bytes
            output inserted.total, inserted.bytes
             where account = @account and kind = @kind and scope = @scope;
            if @@rowcount = 0
                insert into counters (account, kind, scope, total, bytes) values (@account, @kind, @scope, @total, @bytes);
            """,
        Sqlite: """
            insert into counters (account, kind, scope, total, bytes) values (@account, @kind, @scope, @total, @bytes)
                on conflict (account, kind, scope) do update set total = total + excluded.total, bytes = bytes + excluded.bytes
            returning total, bytes
            """);

    /// <summary>Adds to counters.</summary>
    /// <param name="transaction">The transaction of the change, which has been appended to the log.</param>
    /// <param name="account">Whose counters.</param>
    /// <param name="counters">What to add; negative numbers take away.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="GatewayException">A quota of the account is used up.</exception>
    internal async Task AddAsync(
        Transaction transaction, string account, IEnumerable<Counter> counters, CancellationToken cancellationToken)
    {
        foreach (var (kind, scope, total, bytes) in counters.Where(counter => counter.Total != 0 || counter.Bytes != 0))
        {
            var now = await transaction.FindAsync<Counter>(
                AddSql,
                new { account, kind, scope, total, bytes },
                cancellationToken) ?? new(kind, scope, total, bytes);
            if (scope.Length == 0 && QuotaOf(kind) is { } quota)
            {
                Require(total, now.Total, quota.Most, quota.Name);
                Require(bytes, now.Bytes, quota.MostBytes, "bytes of " + quota.Name);
            }
        }
    }

    private (string Name, long Most, long MostBytes)? QuotaOf(string kind) => kind switch
    {
        CounterKind.Collection => ("collections", quotas.Value.Collections, quotas.Value.CollectionBytes),
        CounterKind.Node => ("nodes", quotas.Value.Nodes, quotas.Value.NodeBytes),
        CounterKind.Workflow => ("workflow versions", quotas.Value.Workflows, quotas.Value.WorkflowBytes),
        CounterKind.History => ("configurations in histories", quotas.Value.HistoryEntries, quotas.Value.HistoryBytes),
        CounterKind.Connection => ("connections", quotas.Value.Connections, long.MaxValue),
        _ => null,
    };

    // What takes something away is never refused, also above a quota that was lowered.
    private static void Require(long added, long now, long most, string name)
    {
        if (added > 0 && now > most)
        {
            throw new GatewayException(
                GatewayError.Conflict,
                string.Create(CultureInfo.InvariantCulture, $"The account's quota is used up: {most} {name}."));
        }
    }
}
