using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.SignIns;
using Quiva.Gateway.Oauth.TokenEndpoint;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>Connections of accounts to integrations. Tokens are sealed, bound to their row.</summary>
public sealed partial class OauthConnectionStore(
    Database database,
    CounterStore counters,
    SecretProtector secrets,
    TimeProvider time,
    IOptions<OauthOptions> options,
    ILogger<OauthConnectionStore> logger)
{
    private const string Columns = StoredConnection.Columns;

    internal static readonly Sql FindSql = $"""
        select {Columns}
          from oauth_connections
         where account = @account and integration_id = @integration and connection_id = @connection
        """;

    /// <summary>A connection with its tokens, or null.</summary>
    /// <param name="key">What names it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CryptographicException">A stored token does not open.</exception>
    public async Task<Connection?> FindAsync(ConnectionKey key, CancellationToken cancellationToken) =>
        Open(await database.FindAsync<StoredConnection>(FindSql, Parameters(key), cancellationToken));

    internal static readonly Sql LockSql = new(
        SqlServer: """
            select version from oauth_connections with (updlock, holdlock)
             where account = @account and integration_id = @integration and connection_id = @connection
            """,
        Sqlite: """
            select version from oauth_connections
             where account = @account and integration_id = @integration and connection_id = @connection
            """);

    internal static readonly Sql InsertSql = """
        insert into oauth_connections
            (account, integration_id, connection_id, access_token, refresh_token, token_type, scopes, expires_at, lifetime_seconds, version,
             modified_at, fence, status_since, renew_at, granted_scopes, variables, grantee)
        values
            (@account, @integration, @connection, @accessToken, @refreshToken, @tokenType, @scopes, @expires, @lifetime, @version,
             @now, 0, @now, case when @refreshToken is null then null else @renewAt end, @granted, @variables, @grantee)
        """;

    // A refresh token that the provider did not give again is kept if the grant is surely the same person's: else it might be another's.
    // The fence moves on, so that a renewal under way can't put the old sign-in's tokens back.
    internal static readonly Sql ReplaceSql = """
        update oauth_connections
           set access_token = @accessToken,
               refresh_token = case when @refreshToken is null and grantee = @grantee then refresh_token else @refreshToken end,
               token_type = @tokenType, scopes = @scopes, granted_scopes = @granted, variables = @variables, grantee = @grantee, expires_at = @expires,
               lifetime_seconds = @lifetime, version = @version, modified_at = @now, lease_owner = null, lease_until = null, fence = fence + 1,
               refresh_error = null, refresh_failed_at = null, refresh_failures = null, status_since = @now,
               renew_at = case when @refreshToken is not null or (grantee = @grantee and refresh_token is not null) then @renewAt end
         where account = @account and integration_id = @integration and connection_id = @connection and version = @seen
        """;

    /// <summary>Stores the outcome of a sign-in: a new connection, or new tokens for an old one.</summary>
    /// <param name="signIn">The sign-in.</param>
    /// <param name="tokens">What the provider gave.</param>
    /// <param name="obtainedAt">When they were asked for: their lifetime counts from then.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    public async Task<Connection> SaveAsync(SignIn signIn, Tokens tokens, DateTimeOffset obtainedAt, CancellationToken cancellationToken)
    {
        var version = await database.InTransactionAsync(
            transaction => SaveAsync(transaction, signIn.Key, signIn.Scopes, tokens, obtainedAt, signIn.Actor, cancellationToken), cancellationToken);
        LogSaved(signIn.Key.Subject, signIn.Actor, version);
        return await FindAsync(signIn.Key, CancellationToken.None) ?? throw ProviderFaults.NoConnection;
    }

    /// <summary>Stores the outcome of a sign-in within a transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="key">What names the connection.</param>
    /// <param name="scopes">The scopes that were asked for, separated by commas.</param>
    /// <param name="tokens">What the provider gave.</param>
    /// <param name="obtainedAt">When they were asked for.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>The connection's new version.</returns>
    /// <exception cref="LostRaceException">Another sign-in was stored meanwhile.</exception>
    internal async Task<long> SaveAsync(
        Transaction transaction, ConnectionKey key, string scopes, Tokens tokens, DateTimeOffset obtainedAt, string actor, CancellationToken cancellationToken)
    {
        var seen = await transaction.FindAsync<long?>(LockSql, Parameters(key), cancellationToken);
        var now = time.GetUtcNow();
        var before = seen is null ? null : await FindIfOpenAsync(transaction, key, cancellationToken);
        var after = new Connection
        {
            Key = key,
            AccessToken = tokens.AccessToken,
            RefreshToken = tokens.RefreshToken ?? (before?.IsOf(tokens) == true ? before.RefreshToken : null),
            TokenType = tokens.TokenType,
            ExpiresAt = obtainedAt + tokens.Lifetime,
            Scopes = tokens.Scopes ?? scopes,
            Variables = tokens.Variables,
            Version = 0,
        };
        var version = await transaction.AppendAsync(
            new(key.Account, key.Subject, seen is null ? "created" : "updated", actor, now, ConnectionChanges.Between(before, after)), cancellationToken);
        await counters.AddAsync(transaction, key.Account, Counted(key, seen is null ? 1 : 0), cancellationToken);
        var parameters = new
        {
            account = key.Account,
            integration = key.Integration,
            connection = key.Id,
            accessToken = secrets.Seal(AccessPlace(key), tokens.AccessToken),
            refreshToken = tokens.RefreshToken is { } refresh ? secrets.Seal(RefreshPlace(key), refresh) : null,
            tokenType = tokens.TokenType,
            scopes,
            expires = obtainedAt + tokens.Lifetime,
            lifetime = (long?)tokens.Lifetime?.TotalSeconds,
            version,
            now,
            renewAt = options.Value.RenewAt(obtainedAt, tokens.Lifetime),
            granted = tokens.Scopes,
            variables = SealVariables(secrets, key, tokens.Variables),
            grantee = tokens.Grantee,
            seen,
        };
        return await transaction.ExecuteAsync(seen is null ? InsertSql : ReplaceSql, parameters, cancellationToken) == 1
            ? version
            : throw new LostRaceException();
    }

    // Tokens that do not open are replaced all the same; the audit trail then names all fields.
    private async Task<Connection?> FindIfOpenAsync(Transaction transaction, ConnectionKey key, CancellationToken cancellationToken)
    {
        try
        {
            return Open(await transaction.FindAsync<StoredConnection>(FindSql, Parameters(key), cancellationToken));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    internal static readonly Sql DeleteSql = """
        delete from oauth_connections
         where account = @account and integration_id = @integration and connection_id = @connection
        """;

    /// <summary>Forgets a connection.</summary>
    /// <param name="key">What names it.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>False when there is none.</returns>
    public Task<bool> DeleteAsync(ConnectionKey key, Caller caller, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            if (await transaction.ExecuteAsync(DeleteSql, Parameters(key), cancellationToken) == 0)
            {
                return false;
            }

            await transaction.AppendAsync(new(key.Account, key.Subject, "deleted", caller.Actor, time.GetUtcNow(), []), cancellationToken);
            await counters.AddAsync(transaction, key.Account, Counted(key, -1), cancellationToken);
            return true;
        },
        cancellationToken);

    // Keys alone, a part at a time: with their tokens, all of them would not fit into memory, nor into one statement's time.
    internal static readonly Sql ListKeysOfAllAccountsSql = new(
        SqlServer: $"select top (200) {AfterKey}",
        Sqlite: $"select {AfterKey} limit 200");

    private const string AfterKey = """
        account, integration_id, connection_id
          from oauth_connections
         where account >= @account
           and (account > @account or integration_id > @integration or (integration_id = @integration and connection_id > @connection))
         order by account, integration_id, connection_id
        """;

    internal static readonly Sql ResealSql = """
        update oauth_connections set access_token = @accessToken, refresh_token = @refreshToken, variables = @variables
         where account = @account and integration_id = @integration and connection_id = @connection and version = @seen
        """;

    /// <summary>Seals the tokens of each connection again that are not under the newest key.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the work; what is done stays done.</param>
    public async Task<Resealing> ResealAsync(Caller actor, CancellationToken cancellationToken) => await Resealing.ForEachAsync(
        new ConnectionKey("", "", ""),
        async after =>
        [
            .. (await database.QueryAsync<StoredConnection>(ListKeysOfAllAccountsSql, Parameters(after), cancellationToken))
                .Select(stored => stored.Key),
        ],
        key => key.Subject,
        key => database.InTransactionAsync(transaction => ResealAsync(transaction, key, actor, cancellationToken), cancellationToken));

    private async Task<bool> ResealAsync(Transaction transaction, ConnectionKey key, Caller actor, CancellationToken cancellationToken)
    {
        var seen = await transaction.FindAsync<long?>(LockSql, Parameters(key), cancellationToken);
        var stored = await transaction.FindAsync<StoredConnection>(FindSql, Parameters(key), cancellationToken);
        if (seen is null || stored is null)
        {
            return false;
        }

        var accessToken = secrets.Open(AccessPlace(key), stored.Access_token, out var outdated);
        var refreshOutdated = false;
        var refreshToken = stored.Refresh_token is null ? null : secrets.Open(RefreshPlace(key), stored.Refresh_token, out refreshOutdated);
        var variablesOutdated = false;
        var variables = stored.Variables is null ? null : secrets.Open(VariablesPlace(key), stored.Variables, out variablesOutdated);
        if (!outdated && !refreshOutdated && !variablesOutdated)
        {
            return false;
        }

        var fields = (string?[])["access_token", refreshToken is null ? null : "refresh_token", variables is null ? null : "variables"];
        await transaction.AppendAsync(
            new(key.Account, key.Subject, "resealed", actor.Actor, time.GetUtcNow(), fields.OfType<string>()), cancellationToken);
        return await transaction.ExecuteAsync(
            ResealSql,
            new
            {
                account = key.Account,
                integration = key.Integration,
                connection = key.Id,
                accessToken = secrets.Seal(AccessPlace(key), accessToken),
                refreshToken = refreshToken is null ? null : secrets.Seal(RefreshPlace(key), refreshToken),
                variables = variables is null ? null : secrets.Seal(VariablesPlace(key), variables),
                seen,
            },
            cancellationToken) == 1
            ? true
            : throw new LostRaceException();
    }

    private Connection? Open(StoredConnection? stored) => stored is null ? null : stored.WithTokens(
        secrets.Open(AccessPlace(stored.Key), stored.Access_token),
        stored.Refresh_token is { } refresh ? secrets.Open(RefreshPlace(stored.Key), refresh) : null) with
    {
        Variables = ConfigOptions.ReadTexts(stored.Variables is { } texts ? secrets.Open(VariablesPlace(stored.Key), texts) : null),
    };

    private static Counter[] Counted(ConnectionKey key, long total) =>
        [new(CounterKind.Connection, "", total), new(CounterKind.Connection, key.Integration, total)];

    internal static byte[]? SealVariables(SecretProtector secrets, ConnectionKey key, IReadOnlyDictionary<string, string> variables) =>
        ConfigOptions.WriteTexts(variables) is { } texts ? secrets.Seal(VariablesPlace(key), texts) : null;

    internal static SecretPlace VariablesPlace(ConnectionKey key) => new("oauth_connections", "variables", key.Subject);

    internal static object Parameters(ConnectionKey key) => new { account = key.Account, integration = key.Integration, connection = key.Id };

    internal static SecretPlace AccessPlace(ConnectionKey key) => new("oauth_connections", "access_token", key.Subject);

    internal static SecretPlace RefreshPlace(ConnectionKey key) => new("oauth_connections", "refresh_token", key.Subject);

    [LoggerMessage(EventId = 1401, EventName = "ConnectionSaved", Level = LogLevel.Information,
        Message = "Connection {Subject} saved by {Actor}, sequence {Sequence}")]
    private partial void LogSaved(string subject, string actor, long sequence);
}
