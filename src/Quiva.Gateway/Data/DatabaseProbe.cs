using Quiva.Gateway.Http;

namespace Quiva.Gateway.Data;

/// <summary>
/// Whether the database works: it answers a query, takes a write, and is still the one that was opened. However often
/// it is asked, it reads once a second and writes once in ten seconds at most; who asks meanwhile shares the answer.
/// </summary>
public sealed class DatabaseProbe(Database database, TimeProvider time)
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1), WriteEvery = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private Task<bool>? latest;
    private long startedAt;
    private long? writtenAt;

    /// <summary>Whether it works.</summary>
    /// <param name="cancellationToken">Ends the wait, not the check.</param>
    public Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (latest is null || (latest.IsCompleted && time.GetElapsedTime(startedAt) >= ReadEvery))
            {
                startedAt = time.GetTimestamp();
                latest = CheckAsync();
            }

            return latest.WaitAsync(cancellationToken);
        }
    }

    internal static readonly Sql ReadSql = "select id from probes where id = 1";

    internal static readonly Sql WriteSql = "update probes set probed_at = @now where id = 1";

    private async Task<bool> CheckAsync()
    {
        // Nobody waits under the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var isReady = await WorksAsync();
        GatewayMetrics.LookedAtDatabase(isReady);
        return isReady;
    }

    private async Task<bool> WorksAsync()
    {
        try
        {
            if (await database.FindAsync<int>(ReadSql) != 1)
            {
                return false;
            }

            if (writtenAt is null || time.GetElapsedTime(writtenAt.Value) >= WriteEvery)
            {
                writtenAt = null;
                await database.InTransactionAsync(
                    transaction => transaction.ExecuteAsync(
                        WriteSql, new { now = time.GetUtcNow() }, CancellationToken.None), CancellationToken.None);
                writtenAt = time.GetTimestamp();
            }

            return true;
        }
        catch (GatewayException)
        {
            return false;
        }
    }
}
