using System.Runtime.CompilerServices;
using System.Text;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Ends runs whose rows need not be readable.</summary>
public sealed class RunPoisonStore(Database database, SecretProtector secrets, TimeProvider time)
{
    private const string Reason = "the run could not be processed";

    private const string Live = """
        account, id from runs
         where account >= @account and (account > @account or id > @id) and ended_at is null
         order by account, id
        """;

    internal static readonly Sql ListLiveOfAllAccountsSql =
        new(SqlServer: $"select top (500) {Live}", Sqlite: $"select {Live} limit 500");

    /// <summary>The runs that have not ended, read a part at a time.</summary>
    internal async IAsyncEnumerable<LiveRun> ListLiveAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = new LiveRun();
        while (await database.QueryAsync<LiveRun>(
            ListLiveOfAllAccountsSql,
            new { account = last.Account, id = last.Id },
            cancellationToken) is { Count: > 0 } part)
        {
            foreach (var run in part)
            {
                yield return last = run;
            }
        }
    }

    internal static readonly Sql StatusSql =
        "select status from runs where account = @account and id = @id and ended_at is null";

    // Nothing of the row is read: what can't be is replaced.
    internal static readonly Sql FailSql = $"""
        update runs
           set status = '{RunStatus.Failed}', ended_at = @now, error = @error, result = null, due_at = null, kick_at = null, idle_at = null,
               deadline_at = @now, version = version + 1
         where account = @account and id = @id and ended_at is null
        """;

    internal static readonly Sql KickParentSql = """
        update runs set kick_at = @now
         where account = @account and ended_at is null and id = (select parent_id from runs where account = @account and id = @id)
        """;

    /// <summary>Ends a run as failed, without reading it.</summary>
    internal async Task FailAsync(string account, string id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var error =
            secrets.Seal(new StoredRun { Account = account, Id = id }.Place("error"), Encoding.UTF8.GetBytes(Reason));
        await database.InTransactionAsync(
            async transaction =>
            {
                // The account comes before its runs, as everywhere; and no run of it changes its state until this is
                // done.
                _ = await RunAccountStore.LockAsync(transaction, account, now, cancellationToken);
                var status = await transaction.FindAsync<string>(StatusSql, new { account, id }, cancellationToken);
                if (await transaction.ExecuteAsync(FailSql, new { account, id, now, error }, cancellationToken) == 1)
                {
                    var (running, queued) = (status == RunStatus.Running ? -1 : 0, status == RunStatus.Queued ? -1 : 0);
                    await transaction.ExecuteAsync(
                        RunStore.CountSql, new { account, running, queued, now }, cancellationToken);
                    await transaction.ExecuteAsync(KickParentSql, new { account, id, now }, cancellationToken);
                }

                return true;
            },
            cancellationToken);
    }

    internal sealed class LiveRun
    {
        public string Account { get; init; } = "";

        public string Id { get; init; } = "";
    }
}
