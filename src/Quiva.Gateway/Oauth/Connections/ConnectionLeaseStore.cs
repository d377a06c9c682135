using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>
/// Who renews a connection: one at a time, for as long as its lease runs. The fencing number grows with each lease and
/// each sign-in, so that a holder whose lease has run out can't store what it got, and who waited for a holder that
/// failed does not ask again.
/// </summary>
/// <remarks>
/// On SQL Server leases are judged by its clock, so that instances need not agree about the time. SQLite has none of
/// its own: there a lease that would run longer than any is one from before the clock was set back.
/// </remarks>
public sealed class ConnectionLeaseStore(
    Database database, SecretProtector secrets, TimeProvider time, IOptions<OauthOptions> options)
{
    private static readonly TimeSpan LongestLease = TimeSpan.FromSeconds((2 * OauthOptions.LongestTimeoutSeconds) + 5);

    internal static readonly Sql LeaseSql = new(
        SqlServer: """
            update oauth_connections
               set lease_owner = @owner, lease_until = dateadd(millisecond, @milliseconds, sysdatetimeoffset()), fence = fence + 1
            output inserted.fence
             where account = @account and integration_id = @integration and connection_id = @connection
               and version = @seen
               and ((lease_until is null and fence = @fence) or lease_until < sysdatetimeoffset())
            """,
        Sqlite: """
            update oauth_connections
               set lease_owner = @owner, lease_until = @until, fence = fence + 1
             where account = @account and integration_id = @integration and connection_id = @connection
               and version = @seen
               and ((lease_until is null and fence = @fence) or lease_until < @now or lease_until > @longest)
            returning fence
            """);

    /// <summary>Tries to become the one that renews a connection.</summary>
    /// <param name="connection">The connection as it was read; another version is not leased.</param>
    /// <param name="owner">Names the one who tries.</param>
    /// <param name="duration">After this the lease can be taken over, should its holder have died.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>
    /// The fencing number; null when another holds the lease, has held it since, or the connection was changed.
    /// </returns>
    public Task<long?> TryLeaseAsync(
        Connection connection, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        var (key, now) = (connection.Key, time.GetUtcNow());
        return database.InTransactionAsync(
            transaction => transaction.FindAsync<long?>(
                LeaseSql,
                new
                {
                    account = key.Account,
                    integration = key.Integration,
                    connection = key.Id,
                    owner,
                    milliseconds = (int)duration.TotalMilliseconds,
                    until = now + duration,
                    now,
                    longest = now + (duration > LongestLease ? duration : LongestLease),
                    seen = connection.Version,
                    fence = connection.Fence,
                },
                cancellationToken),
            // A power cut ends its holder too.
            Durability.Relaxed,
            cancellationToken);
    }

    internal static readonly Sql RenewSql = """
        update oauth_connections
           set access_token = @accessToken, refresh_token = @refreshToken, token_type = @tokenType, expires_at = @expires,
               lifetime_seconds = @lifetime, version = @version, modified_at = @now, lease_owner = null, lease_until = null, renew_at = @renewAt,
               granted_scopes = coalesce(@scopes, granted_scopes), variables = @variables,
               status_since = case when refresh_error is null then status_since else @now end,
               refresh_error = null, refresh_failed_at = null, refresh_failures = null
         where account = @account and integration_id = @integration and connection_id = @connection
           and lease_owner = @owner and fence = @fence
        """;

    /// <summary>Stores renewed tokens and ends the lease, unless the lease was taken over meanwhile.</summary>
    /// <param name="connection">The connection as it was read.</param>
    /// <param name="owner">The holder of the lease.</param>
    /// <param name="fence">Its fencing number.</param>
    /// <param name="tokens">
    /// What the provider gave; what it did not say of a refresh token or a lifetime stays as it was.
    /// </param>
    /// <param name="obtainedAt">When they were asked for.</param>
    /// <param name="actor">Who asked.</param>
    /// <returns>False when the connection was changed meanwhile; nothing was stored then.</returns>
    /// <exception cref="LeaseLostException">The lease was lost; nothing was stored.</exception>
    public Task<bool> RenewAsync(
        Connection connection, string owner, long fence, Tokens tokens, DateTimeOffset obtainedAt, string actor) => database.InTransactionAsync(
        async transaction =>
        {
            var (key, now) = (connection.Key, time.GetUtcNow());
            var lifetime = tokens.Lifetime ?? connection.Lifetime;
            var locked = await transaction.FindAsync<long?>(
                OauthConnectionStore.LockSql, OauthConnectionStore.Parameters(key), CancellationToken.None);
            if (locked != connection.Version)
            {
                return false;
            }

            var renewed = connection with
            {
                AccessToken = tokens.AccessToken,
                RefreshToken = tokens.RefreshToken ?? connection.RefreshToken,
                TokenType = tokens.TokenType,
                ExpiresAt = obtainedAt + lifetime,
                Scopes = tokens.Scopes ?? connection.Scopes,
                Variables = tokens.Variables,
            };
            var version = await transaction.AppendAsync(
                new(
                    key.Account,
                    key.Subject,
                    "refreshed",
                    actor,
                    now,
                    ConnectionChanges.Between(connection, renewed)), CancellationToken.None);
            return await transaction.ExecuteAsync(
                RenewSql,
                new
                {
                    account = key.Account,
                    integration = key.Integration,
                    connection = key.Id,
                    accessToken = secrets.Seal(OauthConnectionStore.AccessPlace(key), tokens.AccessToken),
                    refreshToken = secrets.Seal(OauthConnectionStore.RefreshPlace(key), renewed.RefreshToken!),
                    tokenType = tokens.TokenType,
                    expires = renewed.ExpiresAt,
                    lifetime = (long?)lifetime?.TotalSeconds,
                    scopes = tokens.Scopes,
                    variables = OauthConnectionStore.SealVariables(secrets, key, tokens.Variables),
                    renewAt = options.Value.RenewAt(obtainedAt, lifetime),
                    version,
                    now,
                    owner,
                    fence,
                },
                CancellationToken.None) == 1
                ? true
                : throw new LeaseLostException();
        },
        CancellationToken.None);

    internal static readonly Sql FailSql = """
        update oauth_connections
           set lease_owner = null, lease_until = null, refresh_error = @error, refresh_failed_at = @now, refresh_failures = @failures,
               renew_at = @retryAt, status_since = case when refresh_error is null or @retryAt is null then @now else status_since end,
               refresh_token = coalesce(@refreshToken, refresh_token)
         where account = @account and integration_id = @integration and connection_id = @connection
           and lease_owner = @owner and fence = @fence
        """;

    /// <summary>
    /// Ends a lease without new tokens, and remembers why, so that those who wait need not ask the provider too.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="owner">The holder of the lease.</param>
    /// <param name="fence">Its fencing number.</param>
    /// <param name="error">Why: one of <see cref="TokenEndpoint.ProviderError"/>'s codes.</param>
    /// <param name="actor">Who asked.</param>
    /// <param name="refreshToken">A new refresh token that came all the same; null to keep the old one.</param>
    public Task FailAsync(
        Connection connection, string owner, long fence, string error, string actor, string? refreshToken = null)
    {
        var (key, now, failures) = (connection.Key, time.GetUtcNow(), connection.Health.Failures + 1);
        return database.InTransactionAsync(
            async transaction =>
            {
                var changed = await transaction.ExecuteAsync(
                    FailSql,
                    new
                    {
                        account = key.Account,
                        integration = key.Integration,
                        connection = key.Id,
                        owner,
                        fence,
                        error,
                        failures,
                        retryAt = RenewalHealth.RetryAt(error, failures, now),
                        refreshToken = refreshToken is null
                            ? null
                            : secrets.Seal(OauthConnectionStore.RefreshPlace(key), refreshToken),
                        now,
                    },
                    CancellationToken.None);
                if (changed == 1 && refreshToken is not null)
                {
                    // The version stays: whoever waits for a new one would take the old access token for renewed.
                    await transaction.AppendAsync(
                        new(
                            key.Account,
                            key.Subject,
                            "updated",
                            actor,
                            now,
                            ["refresh_token"]), CancellationToken.None);
                }

                return changed;
            },
            CancellationToken.None);
    }
}

/// <summary>A renewal outlived its lease: another one has taken over.</summary>
public sealed class LeaseLostException : Exception;
