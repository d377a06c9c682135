namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>
/// What a provider says of itself in <c>iss</c> (RFC 9207), as far as it can be held against the authorization endpoint
/// that was asked: an issuer is an https URL without query and fragment (RFC 8414, section 2), and its endpoints
/// commonly lie at its host, below its path.
/// </summary>
public static class Issuer
{
    /// <summary>Whether an issuer can be that of an authorization endpoint.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="authUrl">The authorization endpoint.</param>
    public static bool CanBeOf(string issuer, string authUrl)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var stated) || issuer.AsSpan().ContainsAny("@?#\\"))
        {
            return false;
        }

        var asked = new Uri(authUrl);
        var path = stated.AbsolutePath.TrimEnd('/') + '/';
        return (stated.Scheme, stated.IdnHost, stated.Port) == (asked.Scheme, asked.IdnHost, asked.Port)
            && (asked.AbsolutePath + '/').StartsWith(path, StringComparison.Ordinal);
    }
}
