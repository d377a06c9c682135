using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.TokenEndpoint;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>
/// Renews connections before they expire, a few at a time, at moments that differ between instances. The lease of
/// <see cref="TokenRefresh"/> makes it safe that all of them sweep. No exception ends it, and one that a connection
/// causes is remembered there.
/// </summary>
public sealed partial class ConnectionSweep(
    OauthConnectionStore connections,
    DueConnectionStore due,
    TokenRefresh refresh,
    IOptions<OauthOptions> options,
    TimeProvider time,
    ILogger<ConnectionSweep> logger) : BackgroundService
{
    private const int Most = 50, AtATime = 8;
    private const string Actor = "sweep";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = TimeSpan.FromSeconds(options.Value.SweepIntervalSeconds);
        while (interval > TimeSpan.Zero)
        {
            // Half to one and a half of the interval.
            await Task.Delay(interval * (0.5 + Random.Shared.NextDouble()), time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await SweepAsync(time.GetUtcNow(), stoppingToken);
                GatewayMetrics.Swept(hasFailed: false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                GatewayMetrics.Swept(hasFailed: true);
                LogFailed(ProviderException.CauseOf(exception));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Renews what is due, until nothing is.</summary>
    /// <param name="until">
    /// The moment at which it is due. A connection that was renewed, or failed, is not due before a later one.
    /// </param>
    /// <param name="cancellationToken">Ends the sweep after the current connections.</param>
    /// <returns>How many were renewed.</returns>
    internal async Task<int> SweepAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        var renewed = 0;
        var seen = new HashSet<ConnectionKey>();
        while (true)
        {
            var listed = await due.ListAsync(until, Most, cancellationToken);
            GatewayMetrics.SweepLags(listed.Count == 0 ? TimeSpan.Zero : until - listed[0].At);
            // One that comes again could not even be postponed: the next sweep tries again.
            var batch = listed.Where(connection => seen.Add(connection.Key)).ToList();
            if (batch.Count == 0)
            {
                return renewed;
            }

            await Parallel.ForEachAsync(
                batch,
                new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
                async (connection, stop) =>
                {
                    if (await TryRenewAsync(connection, stop))
                    {
                        Interlocked.Increment(ref renewed);
                    }
                });
        }
    }

    private async Task<bool> TryRenewAsync(DueConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            if (await connections.FindAsync(connection.Key, cancellationToken) is not { RefreshToken: not null } found)
            {
                return false;
            }

            await refresh.RefreshAsync(found, Actor, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // This one's own trouble. A renewal that had begun has remembered it, else it is remembered here; the
            // others go on.
            LogSkipped(
                connection.Key.Subject,
                (exception as GatewayException)?.Message ?? ProviderException.CauseOf(exception));
            await due.PostponeAsync(connection, cancellationToken);
            return false;
        }
    }

    [LoggerMessage(EventId = 1406, EventName = "ConnectionSweepFailed", Level = LogLevel.Error,
        Message = "The sweep of expiring connections failed, the next one tries again: {Cause}")]
    private partial void LogFailed(string cause);

    [LoggerMessage(EventId = 1407, EventName = "ConnectionSweepSkipped", Level = LogLevel.Warning,
        Message = "The sweep skipped {Subject}: {Reason}")]
    private partial void LogSkipped(string subject, string reason);
}
