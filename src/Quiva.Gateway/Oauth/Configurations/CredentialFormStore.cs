using Quiva.Gateway.Data;

namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>
/// What was learnt of how an integration's token endpoint accepts the client's credentials, in the terms of RFC 7591.
/// Forgotten when the configuration is replaced.
/// </summary>
public sealed class CredentialFormStore(Database database)
{
    internal static readonly Sql RememberSql = """
        update oauth_configs set token_auth_method = @method where integration_id = @integration and version = @version
        """;

    /// <summary>Remembers the form that has worked.</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="method">The form.</param>
    public Task RememberAsync(OauthClient client, string method) => RememberAsync(RememberSql, client, method);

    internal static readonly Sql SuggestSql = """
        update oauth_configs set token_auth_hint = @method where integration_id = @integration and version = @version
        """;

    /// <summary>Remembers the form to begin with, because the other one was refused.</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="method">The form.</param>
    public Task SuggestAsync(OauthClient client, string method) => RememberAsync(SuggestSql, client, method);

    private Task<int> RememberAsync(Sql sql, OauthClient client, string method) => database.InTransactionAsync(
        transaction => transaction.ExecuteAsync(
            sql, new { integration = client.Integration, version = client.Version, method }, CancellationToken.None),
        CancellationToken.None);
}
