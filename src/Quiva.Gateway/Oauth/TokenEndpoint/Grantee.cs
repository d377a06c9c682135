using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>
/// Whose grant tokens are, as far as an ID token says (OpenID Connect Core, section 2). It came from the provider
/// itself, so its signature adds nothing.
/// </summary>
internal static class Grantee
{
    /// <summary>A hash of issuer and subject.</summary>
    /// <param name="idToken">The ID token; null when there is none.</param>
    /// <returns>Null when it does not say.</returns>
    public static byte[]? Of(string? idToken)
    {
        if (idToken?.Split('.') is not [_, var claims, _])
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(claims));
            return json.RootElement.TryGetProperty("iss", out var issuer)
                && json.RootElement.TryGetProperty("sub", out var subject)
                ? SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer.GetString()}\n{subject.GetString()}"))
                : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
