using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>
/// Renews connections before they expire, a few at a time, at moments that differ between instances. The lease of
/// <see cref="TokenRefresh"/> makes it safe that all of them sweep.
/// </summary>
public sealed partial class ConnectionSweep(
    OauthConnectionStore connections, TokenRefresh refresh, IOptions<OauthOptions> options, TimeProvider time, ILogger<ConnectionSweep> logger) : BackgroundService
{
    private const int Most = 50;
    private const string Actor = "sweep";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = TimeSpan.FromSeconds(options.Value.SweepIntervalSeconds);
        while (interval > TimeSpan.Zero)
        {
            // Half to one and a half of the interval.
            await Task.Delay(interval * (0.5 + Random.Shared.NextDouble()), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await SweepAsync(interval, stoppingToken);
            }
            catch (Exception exception) when (exception is GatewayException or System.Data.Common.DbException or System.Security.Cryptography.CryptographicException)
            {
                LogFailed(exception);
            }
        }
    }

    /// <summary>Renews what expires before the sweep after the next.</summary>
    /// <param name="interval">Time between sweeps.</param>
    /// <param name="cancellationToken">Ends the sweep after the current connection.</param>
    /// <returns>How many were renewed.</returns>
    internal async Task<int> SweepAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var renewed = 0;
        foreach (var key in await connections.ListExpiringAsync(now + TokenRefresh.Margin + (2 * interval), now - RetryAfter, Most, cancellationToken))
        {
            try
            {
                if (await connections.FindAsync(key, cancellationToken) is { RefreshToken: not null } connection)
                {
                    await refresh.RefreshAsync(connection, Actor, cancellationToken);
                    renewed++;
                }
            }
            catch (Exception exception) when (exception is GatewayException { Error: not GatewayError.Unavailable } or System.Security.Cryptography.CryptographicException)
            {
                // This one's own trouble, told where it happened; the others go on.
                LogSkipped(key.Subject, exception.Message);
            }
        }

        return renewed;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The sweep of expiring connections failed; the next one tries again")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The sweep skipped {Subject}: {Reason}")]
    private partial void LogSkipped(string subject, string reason);
}
