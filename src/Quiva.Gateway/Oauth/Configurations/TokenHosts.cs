using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>
/// Which hosts a connection's tokens may be sent to: otherwise a workflow could send a colleague's token anywhere.
/// </summary>
public static class TokenHosts
{
    /// <summary>
    /// Whether a connection's tokens may be sent to a URL: to the configuration's <c>allowed_hosts</c>, or without them
    /// to the host of its token endpoint and hosts below it.
    /// </summary>
    /// <param name="client">The integration's configuration.</param>
    /// <param name="variables">The connection's values of the configuration's variables.</param>
    /// <param name="url">Where a token is to be sent.</param>
    public static bool Allow(OauthClient client, IReadOnlyDictionary<string, string> variables, Uri url)
    {
        var host = HostOf(url);
        return client.Options.AllowedHosts is { Count: > 0 } allowed
            ? allowed.Any(entry => Fill(client.Variables, entry, variables) is { } filled && Matches(host, filled))
            : client.Variables.FillUrl(client.TokenUrl, variables) is { } endpoint
                && Uri.TryCreate(endpoint, UriKind.Absolute, out var filledIn)
                && IsAtOrBelow(host, HostOf(filledIn));
    }

    // Only what the provider's token answer said may be a whole address, and only as a whole entry.
    private static string? Fill(VariableSet variables, string entry, IReadOnlyDictionary<string, string> values) =>
        variables.FillText(entry, values) is not { } filled ? null
        : variables.From(VariablePlace.Token).Any(variable => entry == $"$({variable.Name})")
            && Uri.TryCreate(filled, UriKind.Absolute, out var address) ? HostOf(address)
        : filled.ToLowerInvariant();

    private static bool Matches(string host, string entry) =>
        entry.StartsWith('.')
            ? host.Length > entry.Length && host.EndsWith(entry, StringComparison.Ordinal)
            : entry.Length > 0 && host == entry;

    private static bool IsAtOrBelow(string host, string parent) =>
        host == parent
        || (Uri.CheckHostName(parent) == UriHostNameType.Dns && host.EndsWith("." + parent, StringComparison.Ordinal));

    private static string HostOf(Uri url) => url.IdnHost.TrimEnd('.').ToLowerInvariant();
}
