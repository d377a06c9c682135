using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.TokenEndpoint;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>
/// Renews access tokens: once, however many callers and instances ask at the same time. The one that takes the lease
/// asks the provider, outside any transaction; the others wait for what it stores, be it tokens or a failure. A holder
/// that outlives its lease can't store any more.
/// </summary>
public sealed partial class TokenRefresh(
    OauthConnectionStore connections,
    ConnectionLeaseStore leases,
    OauthConfigStore configs,
    TokenClient provider,
    IOptions<OauthOptions> options,
    TimeProvider time,
    ILogger<TokenRefresh> logger)
{
    /// <summary>An access token that works no longer than this is renewed when it is read.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);

    // Longer than the provider may take, twice (credentials may have to be tried in both forms), and than storing
    // takes.
    private readonly TimeSpan leaseDuration = TimeSpan.FromSeconds((2 * options.Value.ProviderTimeoutSeconds) + 5);

    /// <summary>A connection whose access token works for a while, if that can be had.</summary>
    /// <param name="connection">The connection as it was read.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait; a renewal that has begun is finished.</param>
    /// <exception cref="GatewayException">The access token has expired and can't be renewed.</exception>
    public async Task<Connection> EnsureFreshAsync(
        Connection connection, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (connection.ExpiresAt is null || connection.RefreshToken is null || connection.ExpiresAt - now > Margin
            // Its renewal has failed, it is too early to try again, and the token still works.
            || (connection.ExpiresAt > now
                && connection.Health is { Error: not null } health
                && (health.NeedsSignIn || health.RenewAt > now)))
        {
            return connection;
        }

        try
        {
            return await configs.FindClientAsync(connection.Key.Integration, cancellationToken) is null
                ? connection
                : await RefreshAsync(connection, actor, cancellationToken);
        }
        catch (Exception) when (connection.ExpiresAt > time.GetUtcNow() && !cancellationToken.IsCancellationRequested)
        {
            // It still works for a moment, whatever has failed; that is logged where it happened.
            return connection;
        }
    }

    /// <summary>Renews a connection, or waits for the one that does.</summary>
    /// <param name="connection">The connection as it was read; it has a refresh token.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait; a renewal that has begun is finished.</param>
    /// <exception cref="GatewayException">It can't be renewed; the message says why.</exception>
    public async Task<Connection> RefreshAsync(Connection connection, string actor, CancellationToken cancellationToken)
    {
        if (connection.Health.NeedsSignIn)
        {
            throw ProviderFaults.Of(connection.Health.Error!);
        }

        // Whoever read it while another renews it waits for that attempt, like those who read it before.
        connection = connection.IsLeased ? connection with { Fence = connection.Fence - 1 } : connection;
        var owner = Guid.CreateVersion7().ToString();
        var started = time.GetTimestamp();
        // Long enough for a lease to run out whose holder has died, and for the provider to answer its successor.
        while (time.GetElapsedTime(started) < 2 * leaseDuration)
        {
            if (await leases.TryLeaseAsync(connection, owner, leaseDuration, cancellationToken) is { } fence)
            {
                await RenewAsync(connection, owner, fence, actor);
                return await FindAsync(connection.Key, CancellationToken.None);
            }

            var current = await FindAsync(connection.Key, cancellationToken);
            if (current.Version != connection.Version)
            {
                return current;
            }

            if (current is { IsLeased: false, Health.Error: { } error } && current.Fence != connection.Fence)
            {
                // The attempt that was waited for has failed: asking again at once would only press the provider.
                throw ProviderFaults.Of(error);
            }

            await Task.Delay(Poll, time, cancellationToken);
        }

        throw new GatewayException(GatewayError.Unavailable, GatewayException.UnavailableMessage);
    }

    private async Task<Connection> FindAsync(ConnectionKey key, CancellationToken cancellationToken) =>
        await connections.FindAsync(key, cancellationToken) ?? throw ProviderFaults.NoConnection;

    private async Task RenewAsync(Connection connection, string owner, long fence, string actor)
    {
        Tokens? tokens = null;
        try
        {
            var client = await configs.FindClientAsync(connection.Key.Integration, CancellationToken.None)
                ?? throw new ProviderException(ProviderError.NotConfigured);
            var obtainedAt = time.GetUtcNow();
            tokens = await provider.RefreshAsync(client, connection.RefreshToken!, connection.Variables);
            // What the provider has ever said of lifetimes counts more than what the configuration assumes.
            tokens = tokens with { Lifetime = tokens.Lifetime ?? connection.Lifetime ?? client.DefaultLifetime };
            var isStored =
                await StoreAsync(() => leases.RenewAsync(connection, owner, fence, tokens, obtainedAt, actor));
            GatewayMetrics.Refreshed(connection.Key.Integration, isStored ? "renewed" : "superseded");
            if (isStored)
            {
                LogRenewed(connection.Key.Subject, actor);
            }
        }
        catch (LeaseLostException)
        {
            GatewayMetrics.Refreshed(connection.Key.Integration, "superseded");
            // Whoever has taken over stores what counts.
        }
        catch (ProviderException exception)
        {
            GatewayMetrics.Refreshed(connection.Key.Integration, exception.Error);
            LogFailed(connection.Key.Subject, exception.Error, exception.Cause);
            await FailAsync(connection, owner, fence, exception.Error, actor, exception.RefreshToken);
            throw ProviderFaults.Of(exception.Error);
        }
        catch (Exception exception)
        {
            GatewayMetrics.Refreshed(connection.Key.Integration, ProviderError.Internal);
            LogFailed(connection.Key.Subject, ProviderError.Internal, ProviderException.CauseOf(exception));
            await FailAsync(connection, owner, fence, ProviderError.Internal, actor, tokens?.RefreshToken);
            throw;
        }
    }

    // A lease is given back whatever happens; should that fail too, it runs out.
    private async Task FailAsync(
        Connection connection, string owner, long fence, string error, string actor, string? refreshToken)
    {
        try
        {
            await leases.FailAsync(connection, owner, fence, error, actor, refreshToken);
        }
        catch (Exception exception)
        {
            LogFailed(connection.Key.Subject, ProviderError.Internal, ProviderException.CauseOf(exception));
        }
    }

    // The provider may have spent the old refresh token: losing the new one would cost the user a sign-in. So storing
    // is tried as long as the lease may last.
    private async Task<bool> StoreAsync(Func<Task<bool>> store)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await store();
            }
            catch (Exception exception) when (exception is not LeaseLostException
                && time.GetElapsedTime(started) < leaseDuration)
            {
                await Task.Delay(StorePause, time);
            }
        }
    }

    [LoggerMessage(EventId = 1402, EventName = "ConnectionRenewed", Level = LogLevel.Information,
        Message = "Connection {Subject} renewed by {Actor}")]
    private partial void LogRenewed(string subject, string actor);

    [LoggerMessage(EventId = 1403, EventName = "ConnectionRenewalFailed", Level = LogLevel.Warning,
        Message = "Connection {Subject} could not be renewed: {Error} ({Cause})")]
    private partial void LogFailed(string subject, string error, string? cause);
}
