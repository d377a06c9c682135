using System.Net;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Oauth;
using Quiva.Gateway.Oauth.Configurations;

namespace Quiva.Gateway.Http;

/// <summary>
/// Which URLs an administrator may save: absolute https without user information or fragment (RFC 6749, sections 3.1
/// and 3.2), on port 443, at a host that is not, and does not resolve to, an address inside (SSRF). Judged when it is
/// saved, and again by every address it has when it is dialled.
/// </summary>
public sealed class EndpointRules(
    IHostResolver resolver, IOptions<OauthOptions> options, IOptions<GatewayOptions> gateway)
{
    private readonly IReadOnlyList<IPNetwork> allowed = options.Value.ParsedNetworks;
    private readonly string root = gateway.Value.PublicUrl.TrimEnd('/') + "/hub/integrations/";

    /// <summary>Refuses a configuration with a URL that breaks a rule; says all of them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="cancellationToken">Ends the wait for names.</param>
    /// <exception cref="GatewayException">A URL is refused.</exception>
    public async Task CheckAsync(IntegrationOauthConfig config, CancellationToken cancellationToken)
    {
        var variables = new VariableSet(config.Variables);
        var faults = await Task.WhenAll(
            FaultOfAsync("auth_url", config.Auth_url, cancellationToken),
            FaultOfAsync("token_url", config.Token_url, cancellationToken),
            // The gateway's own callback is where the gateway is, which in development is localhost.
            IsOwnCallback(config.Redirect_url, config.Integration_id)
                ? Task.FromResult<string?>(null)
                : FaultOfAsync("redirect_url", config.Redirect_url, cancellationToken),
            FaultOfAsync("revocation_url", config.Revocation_url, cancellationToken),
            FaultOfAsync("refresh_url", config.Refresh_url, cancellationToken),
            FaultOfAsync("issuer", config.Issuer, cancellationToken));
        if (faults.OfType<string>().ToList() is { Count: > 0 } told)
        {
            throw new GatewayException(GatewayError.Invalid, string.Join(' ', told));
        }

        // An address with variables is judged with values in their places.
        async Task<string?> FaultOfAsync(string field, string? template, CancellationToken cancellationToken)
        {
            foreach (var example in template is null ? [] : variables.Examples(template))
            {
                if (await this.FaultOfAsync(field, example, cancellationToken) is { } fault)
                {
                    return fault;
                }
            }

            return null;
        }
    }

    /// <summary>
    /// Whether a redirect URL leads to this gateway: to the callback that all integrations share, or to that of the
    /// integration.
    /// </summary>
    /// <param name="url">The URL.</param>
    /// <param name="integration">The integration's id.</param>
    public bool IsOwnCallback(string url, string integration) =>
        url == root + "oauth-callback" || IsCallbackOf(url, integration);

    /// <summary>Whether a redirect URL leads to this gateway's callback for one integration.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="integration">The integration's id.</param>
    public bool IsCallbackOf(string url, string integration) => url == root + integration + "/oauth-callback";

    private async Task<string?> FaultOfAsync(string field, string text, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
            || url.IdnHost.Length == 0)
        {
            return $"{field} must be an absolute https URL.";
        }

        if (text.Contains('#'))
        {
            return $"{field} must not have a fragment.";
        }

        // "https://@host" has empty user information, which Uri does not tell from none.
        if (url.UserInfo.Length > 0 || text.AsSpan(url.Scheme.Length + Uri.SchemeDelimiter.Length) is var rest
            && rest[..(rest.IndexOfAny('/', '?') is var end and >= 0 ? end : rest.Length)].Contains('@'))
        {
            return $"{field} must not have user information.";
        }

        return await FaultOfAsync(url, cancellationToken) is { } fault ? $"{field} {fault}" : null;
    }

    /// <summary>The addresses that a URL leads to now, all of which may be dialled.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="cancellationToken">Ends the wait for the name.</param>
    /// <exception cref="HttpRequestException">The name does not resolve, or an address of it is refused.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveForDialAsync(Uri url, CancellationToken cancellationToken)
    {
        var addresses = await AddressesOfAsync(url, cancellationToken);
        return addresses.Count > 0 && FaultOf(url, addresses) is null
            ? addresses
            : throw new HttpRequestException(
                HttpRequestError.NameResolutionError, "The host does not resolve, or resolves to a refused address.");
    }

    private async Task<string?> FaultOfAsync(Uri url, CancellationToken cancellationToken) =>
        FaultOf(url, await AddressesOfAsync(url, cancellationToken));

    private async Task<IReadOnlyList<IPAddress>> AddressesOfAsync(Uri url, CancellationToken cancellationToken) =>
        IPAddress.TryParse(HostOf(url), out var literal)
            ? [literal]
            : await resolver.ResolveAsync(HostOf(url), cancellationToken);

    private string? FaultOf(Uri url, IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count > 0 && addresses.All(
            address => !address.IsIPv4MappedToIPv6 && allowed.Any(network => network.Contains(address))))
        {
            return null;
        }

        return url.Scheme != Uri.UriSchemeHttps ? "must be an absolute https URL."
            : url.Port != 443 ? "must use port 443."
            : addresses.Any(address => !PublicAddress.Is(address)) || (addresses.Count == 0
                && PublicAddress.IsReservedName(HostOf(url))) ? "must not point to a private or reserved address."
            : null;
    }

    private static string HostOf(Uri url) => url.IdnHost.TrimEnd('.').Trim('[', ']');
}
