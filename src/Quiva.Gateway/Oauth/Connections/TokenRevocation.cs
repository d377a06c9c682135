using System.Security.Cryptography;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.TokenEndpoint;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>
/// Revokes the tokens of a connection at its provider (RFC 7009), where that is configured. A failure is logged; the
/// connection goes all the same.
/// </summary>
public sealed partial class TokenRevocation(
    OauthConnectionStore connections, OauthConfigStore configs, TokenClient provider, ILogger<TokenRevocation> logger)
{
    /// <summary>
    /// Revokes the refresh token, and the access token too: not every provider lets it go with the other.
    /// </summary>
    /// <param name="key">What names the connection.</param>
    /// <param name="cancellationToken">Ends the work before the provider is asked.</param>
    /// <returns>
    /// False when the provider failed, or a stored token does not open; true also when there is nothing to revoke.
    /// </returns>
    public async Task<bool> TryAsync(ConnectionKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await connections.FindAsync(key, cancellationToken) is not { } connection
                || await TryAsync(
                    key, connection.AccessToken, connection.RefreshToken, connection.Variables, cancellationToken);
        }
        catch (CryptographicException exception)
        {
            LogNotRevoked(key.Subject, ProviderException.CauseOf(exception));
            return false;
        }
    }

    /// <summary>
    /// Revokes tokens that are no connection, or no more: the refresh token, and the access token too.
    /// </summary>
    /// <param name="key">What names the connection that they were meant for.</param>
    /// <param name="accessToken">The access token.</param>
    /// <param name="refreshToken">The refresh token; null when there is none.</param>
    /// <param name="variables">Values of the configuration's variables.</param>
    /// <param name="cancellationToken">Ends the work before the provider is asked.</param>
    /// <returns>False when the provider failed; true also when the integration has no revocation endpoint.</returns>
    public async Task<bool> TryAsync(
        ConnectionKey key, string accessToken, string? refreshToken, IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken)
    {
        if (await configs.FindClientAsync(key.Integration, cancellationToken) is not { RevocationUrl: not null } client)
        {
            return true;
        }

        var isRevoked = refreshToken is null || await TryAsync(key, client, refreshToken, "refresh_token", variables);
        return await TryAsync(key, client, accessToken, "access_token", variables) && isRevoked;
    }

    private async Task<bool> TryAsync(
        ConnectionKey key, OauthClient client, string token, string hint, IReadOnlyDictionary<string, string> variables)
    {
        try
        {
            await provider.RevokeAsync(client, token, hint, variables);
            return true;
        }
        catch (ProviderException exception)
        {
            LogNotRevoked(key.Subject, exception.Cause ?? exception.Error);
            return false;
        }
    }

    [LoggerMessage(EventId = 1404, EventName = "TokensNotRevoked", Level = LogLevel.Warning,
        Message = "The tokens of {Subject} could not be revoked at the provider: {Reason}")]
    private partial void LogNotRevoked(string subject, string reason);
}
