using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.TokenEndpoint;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>
/// Renews access tokens: once, however many callers and instances ask at the same time. The one that takes the lease asks the provider,
/// outside any transaction; the others wait for what it stores. A holder that outlives its lease can't store any more.
/// </summary>
public sealed partial class TokenRefresh(
    OauthConnectionStore connections, ConnectionLeaseStore leases, OauthConfigStore configs, TokenClient provider, IOptions<OauthOptions> options, TimeProvider time, ILogger<TokenRefresh> logger)
{
    /// <summary>An access token that works no longer than this is renewed when it is read.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    // Longer than the provider may take, twice (credentials may have to be tried in both forms), and than storing takes.
    private readonly TimeSpan leaseDuration = TimeSpan.FromSeconds((2 * options.Value.ProviderTimeoutSeconds) + 5);

    /// <summary>A connection whose access token works for a while, if that can be had.</summary>
    /// <param name="connection">The connection as it was read.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait; a renewal that has begun is finished.</param>
    /// <exception cref="GatewayException">The access token has expired and can't be renewed.</exception>
    public async Task<Connection> EnsureFreshAsync(Connection connection, string actor, CancellationToken cancellationToken)
    {
        if (connection.ExpiresAt is null || connection.RefreshToken is null || connection.ExpiresAt - time.GetUtcNow() > Margin
            || await configs.FindClientAsync(connection.Key.Integration, cancellationToken) is null)
        {
            return connection;
        }

        try
        {
            return await RefreshAsync(connection, actor, cancellationToken);
        }
        catch (GatewayException) when (connection.ExpiresAt > time.GetUtcNow())
        {
            // It still works for a moment; the next reader tries again.
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
        var owner = Guid.CreateVersion7().ToString();
        var started = time.GetUtcNow();
        // Long enough for a lease to run out whose holder has died, and for the provider to answer its successor.
        while (time.GetUtcNow() - started < 2 * leaseDuration)
        {
            if (await leases.TryLeaseAsync(connection, owner, leaseDuration, cancellationToken) is { } fence)
            {
                return await RenewAsync(connection, owner, fence, actor) ?? await FindAsync(connection.Key, cancellationToken);
            }

            await Task.Delay(Poll, time, cancellationToken);
            var current = await FindAsync(connection.Key, cancellationToken);
            if (current.Version != connection.Version)
            {
                return current;
            }

            if (current.RefreshError is { } error && current.RefreshFailedAt >= started)
            {
                throw ProviderFaults.Of(error);
            }
        }

        throw new GatewayException(GatewayError.Unavailable, GatewayException.UnavailableMessage);
    }

    private async Task<Connection> FindAsync(ConnectionKey key, CancellationToken cancellationToken) =>
        await connections.FindAsync(key, cancellationToken) ?? throw ProviderFaults.NoConnection;

    private async Task<Connection?> RenewAsync(Connection connection, string owner, long fence, string actor)
    {
        try
        {
            var client = await configs.FindClientAsync(connection.Key.Integration, CancellationToken.None) ?? throw new ProviderException(ProviderFaults.NotConfigured);
            var obtainedAt = time.GetUtcNow();
            var tokens = await provider.RefreshAsync(client, connection.RefreshToken!);
            var renewed = await StoreAsync(() => leases.RenewAsync(connection, owner, fence, tokens, obtainedAt, actor));
            LogRenewed(connection.Key.Subject, actor);
            return renewed;
        }
        catch (ProviderException exception)
        {
            LogFailed(connection.Key.Subject, exception.Error, exception.InnerException);
            await leases.FailAsync(connection, owner, fence, exception.Error);
            throw ProviderFaults.Of(exception.Error);
        }
        catch (LeaseLostException)
        {
            return null;
        }
    }

    // The provider may have spent the old refresh token: losing the new one would cost the user a sign-in.
    private async Task<Connection?> StoreAsync(Func<Task<Connection?>> store)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await store();
            }
            catch (GatewayException) when (attempt < 3)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), time);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection {Subject} renewed by {Actor}")]
    private partial void LogRenewed(string subject, string actor);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {Subject} could not be renewed: {Error}")]
    private partial void LogFailed(string subject, string error, Exception? exception);
}
