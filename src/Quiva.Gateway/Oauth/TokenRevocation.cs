using System.Security.Cryptography;

namespace Quiva.Gateway.Oauth;

/// <summary>Revokes the tokens of a connection at its provider (RFC 7009), where that is configured. A failure is logged; the connection goes all the same.</summary>
public sealed partial class TokenRevocation(OauthConnectionStore connections, OauthConfigStore configs, TokenClient provider, ILogger<TokenRevocation> logger)
{
    /// <summary>Revokes the refresh token, or the access token where there is none.</summary>
    /// <param name="key">What names the connection.</param>
    /// <param name="cancellationToken">Ends the work before the provider is asked.</param>
    public async Task TryAsync(ConnectionKey key, CancellationToken cancellationToken)
    {
        try
        {
            if (await connections.FindAsync(key, cancellationToken) is { } connection
                && await configs.FindClientAsync(key.Integration, cancellationToken) is { RevocationUrl: not null } client)
            {
                await provider.RevokeAsync(client, connection.RefreshToken ?? connection.AccessToken, connection.RefreshToken is null ? "access_token" : "refresh_token");
            }
        }
        catch (Exception exception) when (exception is ProviderException or CryptographicException)
        {
            LogNotRevoked(key.Subject, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tokens of {Subject} could not be revoked at the provider")]
    private partial void LogNotRevoked(string subject, Exception exception);
}
