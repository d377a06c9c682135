using System.Security.Cryptography;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.TokenEndpoint;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>Revokes the tokens of a connection at its provider (RFC 7009), where that is configured. A failure is logged; the connection goes all the same.</summary>
public sealed partial class TokenRevocation(OauthConnectionStore connections, OauthConfigStore configs, TokenClient provider, ILogger<TokenRevocation> logger)
{
    /// <summary>Revokes the refresh token, and the access token too: not every provider lets it go with the other.</summary>
    /// <param name="key">What names the connection.</param>
    /// <param name="cancellationToken">Ends the work before the provider is asked.</param>
    public async Task TryAsync(ConnectionKey key, CancellationToken cancellationToken)
    {
        try
        {
            if (await connections.FindAsync(key, cancellationToken) is not { } connection
                || await configs.FindClientAsync(key.Integration, cancellationToken) is not { RevocationUrl: not null } client)
            {
                return;
            }

            if (connection.RefreshToken is { } refreshToken)
            {
                await TryAsync(key, client, refreshToken, "refresh_token", connection.Variables);
            }

            await TryAsync(key, client, connection.AccessToken, "access_token", connection.Variables);
        }
        catch (CryptographicException exception)
        {
            LogNotRevoked(key.Subject, ProviderException.CauseOf(exception));
        }
    }

    private async Task TryAsync(ConnectionKey key, OauthClient client, string token, string hint, IReadOnlyDictionary<string, string> variables)
    {
        try
        {
            await provider.RevokeAsync(client, token, hint, variables);
        }
        catch (ProviderException exception)
        {
            LogNotRevoked(key.Subject, exception.Cause ?? exception.Error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tokens of {Subject} could not be revoked at the provider: {Reason}")]
    private partial void LogNotRevoked(string subject, string reason);
}
