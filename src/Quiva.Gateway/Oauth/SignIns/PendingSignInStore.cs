using System.Text.Json;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Oauth.TokenEndpoint;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>
/// Sign-ins that wait to be finished. A handle works once and for 10 minutes; only hashes of handle and session are
/// stored, and the tokens sealed and bound to them.
/// </summary>
public sealed class PendingSignInStore(
    Database database, OauthConnectionStore connections, SecretProtector secrets, TimeProvider time)
{
    /// <summary>How long a sign-in waits.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const string Columns =
        "handle_hash, session_hash, in_browser, account, actor, integration_id, connection_id, config_version, scopes, status, tokens, obtained_at, expires_at, attempts";

    internal static readonly Sql InsertSql = $"""
        insert into oauth_pending_sign_ins ({Columns}, state_hash, due_at)
        values (@handleHash, @sessionHash, @inBrowser, @account, @actor, @integration, @connection, @version, @scopes, @status, @tokens, @obtainedAt,
                @expires, 0, @stateHash, @expires)
        """;

    /// <summary>Lets a sign-in wait.</summary>
    /// <param name="signIn">The sign-in.</param>
    /// <param name="state">Its state.</param>
    /// <param name="handle">What the browser will bring.</param>
    /// <param name="sessionHash">Hash of what else has to come with it.</param>
    /// <param name="tokens">What the provider gave.</param>
    /// <param name="obtainedAt">When they were asked for.</param>
    public async Task<PendingSignIn> AddAsync(
        SignIn signIn, string state, string handle, byte[] sessionHash, Tokens tokens, DateTimeOffset obtainedAt)
    {
        var pending = new PendingSignIn
        {
            HandleHash = OneTimeSecret.HashOf(handle),
            SessionHash = sessionHash,
            InBrowser = signIn.ReturnUrl is null,
            Account = signIn.Account,
            Actor = signIn.Actor,
            IntegrationId = signIn.IntegrationId,
            ConnectionId = signIn.ConnectionId,
            ConfigVersion = signIn.ConfigVersion,
            Scopes = signIn.Scopes,
            Status = PendingSignIn.Waiting,
            Tokens = secrets.Seal(PlaceOf(OneTimeSecret.HashOf(handle)), JsonSerializer.Serialize(tokens)),
            ObtainedAt = obtainedAt,
            ExpiresAt = time.GetUtcNow() + Lifetime,
        };
        // The code is spent: this is finished even if nobody waits any more.
        await database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(
                InsertSql,
                new
                {
                    handleHash = pending.HandleHash,
                    sessionHash,
                    inBrowser = pending.InBrowser,
                    account = pending.Account,
                    actor = pending.Actor,
                    integration = pending.IntegrationId,
                    connection = pending.ConnectionId,
                    version = pending.ConfigVersion,
                    scopes = pending.Scopes,
                    status = pending.Status,
                    tokens = pending.Tokens,
                    obtainedAt,
                    expires = pending.ExpiresAt,
                    stateHash = OneTimeSecret.HashOf(state),
                },
                CancellationToken.None),
            CancellationToken.None);
        return pending;
    }

    internal static readonly Sql FindSql =
        $"select {Columns} from oauth_pending_sign_ins where handle_hash = @handleHash";

    /// <summary>The sign-in that waits, or waited, under a handle, or null.</summary>
    /// <param name="handle">The handle.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<PendingSignIn?> FindAsync(string handle, CancellationToken cancellationToken) =>
        database.FindAsync<PendingSignIn>(
            FindSql, new { handleHash = OneTimeSecret.HashOf(handle) }, cancellationToken);

    // Whoever changes the status first decides.
    internal static readonly Sql FinishSql = """
        update oauth_pending_sign_ins
           set status = 'finished', tokens = null, due_at = expires_at
         where handle_hash = @handleHash and status = 'waiting'
        """;

    /// <summary>Makes a sign-in's tokens the connection.</summary>
    /// <param name="pending">The sign-in; it waits.</param>
    /// <param name="actor">Who finishes it.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>Null when it waits no more; nothing was changed then.</returns>
    public async Task<Connection?> FinishAsync(PendingSignIn pending, string actor, CancellationToken cancellationToken)
    {
        var tokens = Open(pending);
        var isFinished = await database.InTransactionAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync(
                    FinishSql, new { handleHash = pending.HandleHash }, cancellationToken) == 0)
                {
                    return false;
                }

                await connections.SaveAsync(
                    transaction, pending.Key, pending.Scopes, tokens, pending.ObtainedAt, actor, cancellationToken);
                return true;
            },
            cancellationToken);
        return isFinished
            ? await connections.FindAsync(pending.Key, CancellationToken.None) ?? throw ProviderFaults.NoConnection
            : null;
    }

    internal static readonly Sql EndSql = """
        update oauth_pending_sign_ins
           set status = 'ended', attempts = attempts + 1, due_at = @due
         where handle_hash = @handleHash and status = @status and attempts = @attempts
        """;

    /// <summary>
    /// Ends a sign-in, so that it can't be finished; for the one who does, its tokens are to be revoked.
    /// </summary>
    /// <param name="pending">The sign-in.</param>
    /// <param name="retryAfter">After this another may try to revoke them.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>False when another was faster.</returns>
    public Task<bool> EndAsync(
        PendingSignIn pending, TimeSpan retryAfter, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction => await transaction.ExecuteAsync(
            EndSql,
            new
            {
                handleHash = pending.HandleHash,
                status = pending.Status,
                attempts = pending.Attempts,
                due = time.GetUtcNow() + retryAfter
            },
            cancellationToken) == 1,
        cancellationToken);

    internal static readonly Sql DeleteSql = "delete from oauth_pending_sign_ins where handle_hash = @handleHash";

    /// <summary>Forgets a sign-in and its tokens.</summary>
    /// <param name="pending">The sign-in.</param>
    public Task DeleteAsync(PendingSignIn pending) => database.InTransactionAsync(
        transaction => transaction.ExecuteAsync(
            DeleteSql, new { handleHash = pending.HandleHash }, CancellationToken.None), CancellationToken.None);

    internal static readonly Sql ListDueSql = new(
        SqlServer: $"select top (@most) {Columns} from oauth_pending_sign_ins where due_at <= @now order by due_at option (optimize for (@most = 50))",
        Sqlite: $"select {Columns} from oauth_pending_sign_ins where due_at <= @now order by due_at limit @most");

    /// <summary>Sign-ins that nobody can finish any more.</summary>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<List<PendingSignIn>> ListDueAsync(int most, CancellationToken cancellationToken) =>
        database.QueryAsync<PendingSignIn>(ListDueSql, new { most, now = time.GetUtcNow() }, cancellationToken);

    internal static readonly Sql ListSql = $"select {Columns} from oauth_pending_sign_ins where account = @account";

    /// <summary>The sign-ins of an account that wait, or have waited in the last minutes.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<List<PendingSignIn>> ListAsync(string account, CancellationToken cancellationToken) =>
        database.QueryAsync<PendingSignIn>(ListSql, new { account }, cancellationToken);

    /// <summary>A sign-in's tokens.</summary>
    /// <param name="pending">The sign-in; it has some.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">They do not open.</exception>
    public Tokens Open(PendingSignIn pending) =>
        JsonSerializer.Deserialize<Tokens>(secrets.Open(PlaceOf(pending.HandleHash), pending.Tokens!))!;

    private static SecretPlace PlaceOf(byte[] handleHash) =>
        new("oauth_pending_sign_ins", "tokens", Convert.ToHexStringLower(handleHash));
}
