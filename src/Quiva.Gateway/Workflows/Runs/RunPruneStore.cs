using Quiva.Gateway.Data;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Removes runs that ended long ago, with their steps and keys, and configurations that no run is pinned to any more.</summary>
public sealed class RunPruneStore(Database database, TimeProvider time)
{
    private const int Batch = 100;

    internal static readonly Sql ListEndedOfAllAccountsSql = new(
        SqlServer: "select top (@rows) account, id, config_id from runs where ended_at < @before order by ended_at option (optimize for (@rows = 100))",
        Sqlite: "select account, id, config_id from runs where ended_at < @before order by ended_at limit @rows");

    internal static readonly Sql DeleteKeysSql = "delete from run_keys where account = @account and run_id = @id";

    internal static readonly Sql DeleteStepsSql = "delete from run_steps where account = @account and run_id = @id";

    internal static readonly Sql DeleteSql = "delete from runs where account = @account and id = @id and ended_at < @before";

    internal static readonly Sql DeleteConfigSql = """
        delete from run_configs
         where account = @account and id = @config
           and not exists (select 1 from runs where runs.account = @account and runs.config_id = @config)
        """;

    /// <summary>Removes some of the runs that ended before a moment, the oldest first.</summary>
    /// <param name="before">The moment.</param>
    /// <param name="cancellationToken">Ends the work after the current run.</param>
    /// <returns>How many were removed; none when there are no more.</returns>
    public async Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var ended = await database.QueryAsync<StoredRun>(ListEndedOfAllAccountsSql, new { before, rows = Batch }, cancellationToken);
        foreach (var run in ended)
        {
            var parameters = new { account = run.Account, id = run.Id, before };
            try
            {
                await database.InTransactionAsync(
                    async transaction =>
                    {
                        // Whoever starts a run locks this row first: no run is pinned to a configuration while it goes.
                        await RunAccountStore.LockAsync(transaction, run.Account, time.GetUtcNow(), cancellationToken);
                        await transaction.ExecuteAsync(DeleteKeysSql, new { account = run.Account, id = run.Id }, cancellationToken);
                        await transaction.ExecuteAsync(DeleteStepsSql, new { account = run.Account, id = run.Id }, cancellationToken);
                        if (await transaction.ExecuteAsync(DeleteSql, parameters, cancellationToken) != 1)
                        {
                            throw new RunChangedException();
                        }

                        return await transaction.ExecuteAsync(DeleteConfigSql, new { account = run.Account, config = run.Config_id }, cancellationToken);
                    },
                    Durability.Relaxed,
                    cancellationToken);
            }
            catch (RunChangedException)
            {
                // Retried since it was listed, or removed by another instance: a run that goes on keeps its steps.
            }
        }

        return ended.Count;
    }
}
