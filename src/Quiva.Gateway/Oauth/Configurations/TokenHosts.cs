namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>Which hosts an integration's tokens may be sent to: otherwise a workflow could send a colleague's token anywhere.</summary>
public static class TokenHosts
{
    /// <summary>Whether tokens of an integration may be sent to a URL: the host of its token endpoint, and hosts below it.</summary>
    /// <param name="client">The integration's configuration.</param>
    /// <param name="url">Where a token is to be sent.</param>
    public static bool Allow(OauthClient client, Uri url) =>
        Uri.TryCreate(client.TokenUrl, UriKind.Absolute, out var endpoint) && IsAtOrBelow(HostOf(url), HostOf(endpoint));

    private static bool IsAtOrBelow(string host, string parent) =>
        host == parent || (Uri.CheckHostName(parent) == UriHostNameType.Dns && host.EndsWith("." + parent, StringComparison.Ordinal));

    private static string HostOf(Uri url) => url.IdnHost.TrimEnd('.').ToLowerInvariant();
}
