using Quiva.Gateway.Data;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>
/// Who renews a connection: one at a time, for as long as its lease runs. The fencing number grows with each lease and each sign-in, so that
/// a holder whose lease has run out can't store what it got.
/// </summary>
public sealed class ConnectionLeaseStore(Database database, SecretProtector secrets, TimeProvider time)
{
    internal static readonly Sql LeaseSql = new(
        SqlServer: """
            update oauth_connections
               set lease_owner = @owner, lease_until = @until, fence = fence + 1
            output inserted.fence
             where account = @account and integration_id = @integration and connection_id = @connection
               and version = @seen and (lease_until is null or lease_until < @now)
            """,
        Sqlite: """
            update oauth_connections
               set lease_owner = @owner, lease_until = @until, fence = fence + 1
             where account = @account and integration_id = @integration and connection_id = @connection
               and version = @seen and (lease_until is null or lease_until < @now)
            returning fence
            """);

    /// <summary>Tries to become the one that renews a connection.</summary>
    /// <param name="connection">The connection as it was read; another version is not leased.</param>
    /// <param name="owner">Names the one who tries.</param>
    /// <param name="duration">After this the lease can be taken over, should its holder have died.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The fencing number; null when another holds the lease, or the connection was changed.</returns>
    public Task<long?> TryLeaseAsync(Connection connection, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        var (key, now) = (connection.Key, time.GetUtcNow());
        return database.InTransactionAsync(
            transaction => transaction.FindAsync<long?>(
                LeaseSql,
                new { account = key.Account, integration = key.Integration, connection = key.Id, owner, until = now + duration, now, seen = connection.Version },
                cancellationToken),
            cancellationToken);
    }

    internal static readonly Sql RenewSql = """
        update oauth_connections
           set access_token = @accessToken, refresh_token = @refreshToken, token_type = @tokenType, expires_at = @expires,
               version = @version, modified_at = @now, lease_owner = null, lease_until = null, refresh_error = null, refresh_failed_at = null
         where account = @account and integration_id = @integration and connection_id = @connection
           and lease_owner = @owner and fence = @fence
        """;

    /// <summary>Stores renewed tokens and ends the lease, unless the lease was taken over meanwhile.</summary>
    /// <param name="connection">The connection as it was read.</param>
    /// <param name="owner">The holder of the lease.</param>
    /// <param name="fence">Its fencing number.</param>
    /// <param name="tokens">What the provider gave; without a refresh token the old one stays.</param>
    /// <param name="obtainedAt">When they were asked for.</param>
    /// <param name="actor">Who asked.</param>
    /// <returns>Null when the lease was lost; nothing was changed then.</returns>
    public Task<Connection?> RenewAsync(Connection connection, string owner, long fence, Tokens tokens, DateTimeOffset obtainedAt, string actor) => database.InTransactionAsync(
        async transaction =>
        {
            var (key, now) = (connection.Key, time.GetUtcNow());
            var refreshToken = tokens.RefreshToken ?? connection.RefreshToken!;
            var locked = await transaction.FindAsync<long?>(OauthConnectionStore.LockSql, OauthConnectionStore.Parameters(key), CancellationToken.None);
            if (locked != connection.Version)
            {
                return null;
            }

            var version = await transaction.AppendAsync(
                new(key.Account, key.Subject, "refreshed", actor, now, tokens.RefreshToken is null ? ["access_token", "expiry"] : ["access_token", "refresh_token", "expiry"]), CancellationToken.None);
            var expires = obtainedAt + tokens.Lifetime;
            return await transaction.ExecuteAsync(
                RenewSql,
                new
                {
                    account = key.Account,
                    integration = key.Integration,
                    connection = key.Id,
                    accessToken = secrets.Seal(OauthConnectionStore.AccessPlace(key), tokens.AccessToken),
                    refreshToken = secrets.Seal(OauthConnectionStore.RefreshPlace(key), refreshToken),
                    tokenType = tokens.TokenType,
                    expires,
                    version,
                    now,
                    owner,
                    fence,
                },
                CancellationToken.None) == 1
                ? new Connection(key, tokens.AccessToken, refreshToken, tokens.TokenType, expires, version, now, null, null)
                : throw new LeaseLostException();
        },
        CancellationToken.None);

    internal static readonly Sql FailSql = """
        update oauth_connections
           set lease_owner = null, lease_until = null, refresh_error = @error, refresh_failed_at = @now
         where account = @account and integration_id = @integration and connection_id = @connection
           and lease_owner = @owner and fence = @fence
        """;

    /// <summary>Ends a lease without new tokens, and says why, so that those who wait need not ask the provider too.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="owner">The holder of the lease.</param>
    /// <param name="fence">Its fencing number.</param>
    /// <param name="error">Why: one of the provider's error codes, or one of ours.</param>
    public Task FailAsync(Connection connection, string owner, long fence, string error) => database.InTransactionAsync(
        transaction => transaction.ExecuteAsync(
            FailSql,
            new { account = connection.Key.Account, integration = connection.Key.Integration, connection = connection.Key.Id, owner, fence, error, now = time.GetUtcNow() },
            CancellationToken.None),
        CancellationToken.None);
}

/// <summary>A renewal outlived its lease: another one has taken over.</summary>
public sealed class LeaseLostException : Exception;
