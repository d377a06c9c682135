using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.TokenEndpoint;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>A connection that the sweep should renew.</summary>
/// <param name="Key">What names it.</param>
/// <param name="Version">The sequence of its last change.</param>
/// <param name="Fence">How often its renewal was begun.</param>
/// <param name="Failures">How many renewals have failed in a row.</param>
/// <param name="At">Since when it is due.</param>
public sealed record DueConnection(ConnectionKey Key, long Version, long Fence, int Failures, DateTimeOffset At);

/// <summary>
/// Which connections are due, of all accounts. Those that need a sign-in never are, and those that failed not before
/// their pause ends.
/// </summary>
public sealed class DueConnectionStore(Database database, TimeProvider time)
{
    internal static readonly Sql ListOfAllAccountsSql = new(
        SqlServer: """
            select top (@most) account, integration_id, connection_id, version, fence, refresh_failures, renew_at
              from oauth_connections
             where renew_at <= @due and refresh_token is not null
             order by renew_at
            option (optimize for (@most = 50))
            """,
        Sqlite: """
            select account, integration_id, connection_id, version, fence, refresh_failures, renew_at
              from oauth_connections
             where renew_at <= @due and refresh_token is not null
             order by renew_at
             limit @most
            """);

    /// <summary>Connections that are due, the longest due first.</summary>
    /// <param name="due">The moment at which they are.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<DueConnection>> ListAsync(
        DateTimeOffset due, int most, CancellationToken cancellationToken) =>
    [
        .. (await database.QueryAsync<StoredConnection>(ListOfAllAccountsSql, new { due, most }, cancellationToken))
            .Select(stored => new DueConnection(
                stored.Key, stored.Version, stored.Fence, stored.Refresh_failures ?? 0, stored.Renew_at ?? due)),
    ];

    internal static readonly Sql PostponeSql = """
        update oauth_connections
           set refresh_error = @error, refresh_failed_at = @now, refresh_failures = @failures, renew_at = @retryAt,
               status_since = case when refresh_error is null then @now else status_since end
         where account = @account and integration_id = @integration and connection_id = @connection
           and version = @seen and fence = @fence
        """;

    /// <summary>
    /// Remembers on a connection that its renewal failed before it had begun. Does nothing if one has begun since.
    /// </summary>
    /// <param name="due">The connection as it was listed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task PostponeAsync(DueConnection due, CancellationToken cancellationToken)
    {
        var (now, failures) = (time.GetUtcNow(), due.Failures + 1);
        return database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(
                PostponeSql,
                new
                {
                    account = due.Key.Account,
                    integration = due.Key.Integration,
                    connection = due.Key.Id,
                    seen = due.Version,
                    fence = due.Fence,
                    error = ProviderError.Internal,
                    failures,
                    retryAt = RenewalHealth.RetryAt(ProviderError.Internal, failures, now),
                    now,
                },
                cancellationToken),
            cancellationToken);
    }
}
