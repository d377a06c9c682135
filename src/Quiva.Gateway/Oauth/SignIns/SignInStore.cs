using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>
/// Sign-ins under way. The state parameter (RFC 6749, section 10.12) is 256 random bits that work once and for 10
/// minutes; only its hash is stored, and the code verifier sealed and bound to it.
/// </summary>
public sealed class SignInStore(Database database, SecretProtector secrets, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    internal static readonly Sql InsertSql = """
        insert into oauth_sign_ins
            (state_hash, account, actor, integration_id, connection_id, config_version, scopes, code_verifier, expires_at, return_url,
             session_hash, variables)
        values
            (@hash, @account, @actor, @integration, @connection, @version, @scopes, @verifier, @expires, @returnUrl,
             @sessionHash, @variables)
        """;

    internal static readonly Sql DeleteExpiredSql = "delete from oauth_sign_ins where expires_at < @now";

    /// <summary>Starts a sign-in, and forgets those that are too old.</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="connection">The connection's id.</param>
    /// <param name="scopes">The scopes to ask for, separated by commas.</param>
    /// <param name="variables">Values of the configuration's variables.</param>
    /// <param name="returnUrl">
    /// Where the browser goes after the provider; null when it is asked for a click instead.
    /// </param>
    /// <param name="session">What the application will finish it with; null without a return address.</param>
    /// <param name="caller">Who starts it, for which account.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The state, and the code challenge (RFC 7636, section 4.2, S256).</returns>
    public async Task<(string State, string CodeChallenge)> StartAsync(
        OauthClient client,
        string connection,
        string scopes,
        IReadOnlyDictionary<string, string> variables,
        string? returnUrl,
        string? session,
        Caller caller,
        CancellationToken cancellationToken)
    {
        var (state, verifier) = (OneTimeSecret.Create(), OneTimeSecret.Create());
        var hash = OneTimeSecret.HashOf(state);
        var now = time.GetUtcNow();
        await database.InTransactionAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(DeleteExpiredSql, new { now }, cancellationToken);
                return await transaction.ExecuteAsync(
                    InsertSql,
                    new
                    {
                        hash,
                        account = caller.Account,
                        actor = caller.Actor,
                        integration = client.Integration,
                        connection,
                        version = client.Version,
                        scopes,
                        verifier = secrets.Seal(PlaceOf(hash), verifier),
                        expires = now + Lifetime,
                        returnUrl,
                        sessionHash = session is null ? null : OneTimeSecret.HashOf(session),
                        variables = ConfigOptions.WriteTexts(variables) is { } texts
                            ? secrets.Seal(VariablesOf(hash), texts)
                            : null,
                    },
                    cancellationToken);
            },
            cancellationToken);
        return (state, Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
    }

    internal static readonly Sql TakeSql = new(
        SqlServer: """
            delete from oauth_sign_ins
            output deleted.account, deleted.actor, deleted.integration_id, deleted.connection_id, deleted.config_version, deleted.scopes,
                   deleted.code_verifier, deleted.expires_at, deleted.return_url, deleted.session_hash, deleted.variables
             where state_hash = @hash
            """,
        Sqlite: """
            delete from oauth_sign_ins
             where state_hash = @hash
            returning account, actor, integration_id, connection_id, config_version, scopes, code_verifier, expires_at, return_url, session_hash, variables
            """);

    /// <summary>Takes a sign-in, which no one can take again.</summary>
    /// <param name="state">The state that came back.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The sign-in and its code verifier; null when there is none, or it is too old.</returns>
    public async Task<(SignIn SignIn, string CodeVerifier, IReadOnlyDictionary<string, string> Variables)?> TakeAsync(
        string state, CancellationToken cancellationToken)
    {
        var hash = OneTimeSecret.HashOf(state);
        var found = await database.InTransactionAsync(
            transaction => transaction.FindAsync<SignIn>(TakeSql, new { hash }, cancellationToken), cancellationToken);
        if (found is null || found.ExpiresAt <= time.GetUtcNow())
        {
            return null;
        }

        var variables = found.Variables is { } texts ? secrets.Open(VariablesOf(hash), texts) : null;
        return (found, secrets.Open(PlaceOf(hash), found.CodeVerifier), ConfigOptions.ReadTexts(variables));
    }

    private static SecretPlace VariablesOf(byte[] hash) =>
        new("oauth_sign_ins", "variables", Convert.ToHexStringLower(hash));

    private static SecretPlace PlaceOf(byte[] hash) =>
        new("oauth_sign_ins", "code_verifier", Convert.ToHexStringLower(hash));
}
