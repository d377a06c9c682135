using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Quiva.Gateway.Tests;

/// <summary>JSON Web Tokens of an authority that the tests are.</summary>
public static class Tokens
{
    public const string Issuer = "https://issuer.example", Audience = "quiva-gateway";

    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly string JwksFile = WriteJwks();

    /// <summary>The settings of a gateway that trusts this authority.</summary>
    public static string[] Settings { get; } =
    [
        $"--Authentication:Schemes:Bearer:JwksFile={JwksFile}",
        $"--Authentication:Schemes:Bearer:ValidIssuer={Issuer}",
        $"--Authentication:Schemes:Bearer:ValidAudiences:0={Audience}",
    ];

    public static SecurityKey Key { get; } = new RsaSecurityKey(Rsa) { KeyId = "test" };

    /// <summary>The public key as text, which a careless server would take as the secret of an HMAC.</summary>
    public static SecurityKey PublicKeyAsSecret { get; } =
        new SymmetricSecurityKey(Encoding.ASCII.GetBytes(Rsa.ExportSubjectPublicKeyInfoPem())) { KeyId = "test" };

    public static string Make(
        string? account = "acme",
        string[]? roles = null,
        string? subject = "ann",
        string issuer = Issuer,
        string audience = Audience,
        TimeSpan? expiresIn = null,
        SecurityKey? key = null,
        string algorithm = SecurityAlgorithms.RsaSha256,
        string? type = "JWT",
        Dictionary<string, object>? headers = null)
    {
        var claims = new Dictionary<string, object>();
        foreach (var (name, value) in new[] { ("sub", subject), ("account", account) })
        {
            if (value is not null)
            {
                claims[name] = value;
            }
        }

        if (roles is [var single])
        {
            claims["role"] = single;
        }
        else if (roles is not null)
        {
            claims["role"] = roles;
        }

        var expires = DateTime.UtcNow + (expiresIn ?? TimeSpan.FromMinutes(5));
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Claims = claims,
            NotBefore = expires - TimeSpan.FromHours(1),
            IssuedAt = expires - TimeSpan.FromHours(1),
            Expires = expires,
            TokenType = type,
            AdditionalHeaderClaims = headers,
            SigningCredentials = algorithm == SecurityAlgorithms.None ? null : new(key ?? Key, algorithm),
        });
    }

    private static string WriteJwks()
    {
        var parameters = Rsa.ExportParameters(false);
        var file = Path.Combine(Directory.CreateTempSubdirectory("gateway-jwks-").FullName, "jwks.json");
        File.WriteAllText(file, $$"""
            {"keys":[{"kty":"RSA","kid":"test","use":"sig","n":"{{Base64UrlEncoder.Encode(parameters.Modulus)}}","e":"{{Base64UrlEncoder.Encode(parameters.Exponent)}}"}]}
            """);
        return file;
    }
}
