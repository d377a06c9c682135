using System.ComponentModel.DataAnnotations;
using System.Net;
using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Oauth;

/// <summary>Section <c>Oauth</c>.</summary>
public sealed class OauthOptions : IValidatableObject
{
    private const int LongestUrl = 2000;
    internal const int LongestTimeoutSeconds = 10;

    /// <summary>
    /// Networks in CIDR notation that URLs of providers may reach although they are private, on any port and also by
    /// plain http. For development, tests, and providers inside one's own network.
    /// </summary>
    public string[] AllowedNetworks { get; set; } = [];

    /// <summary>Seconds, on average, between sweeps that renew connections before they expire; 0 for none.</summary>
    [Range(0, 86400)]
    public int SweepIntervalSeconds { get; set; } = 300;

    /// <summary>Seconds, 1 to 10, that a provider may take to answer.</summary>
    [Range(1, LongestTimeoutSeconds)]
    public int ProviderTimeoutSeconds { get; set; } = 10;

    /// <summary>
    /// Addresses of applications that a sign-in may send the browser to, absolute and whole; by http on this machine
    /// only.
    /// </summary>
    public string[] ReturnUrls { get; set; } = [];

    /// <summary>Whether every sign-in has to be finished by an application that it returns to.</summary>
    public bool RequireReturnUrl { get; set; }

    // Renewals begin two sweeps before the token expires, but not before half of its life is over.
    internal DateTimeOffset? RenewAt(DateTimeOffset obtainedAt, TimeSpan? lifetime) => lifetime is not { } life
        ? null
        : obtainedAt + TimeSpan.FromTicks(
            Math.Max(
                (life - TokenRefresh.Margin - TimeSpan.FromSeconds(2 * SweepIntervalSeconds)).Ticks, life.Ticks / 2));

    internal IReadOnlyList<IPNetwork> ParsedNetworks => [.. AllowedNetworks.Select(IPNetwork.Parse)];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var network in AllowedNetworks.Where(network => !IPNetwork.TryParse(network, out _)))
        {
            yield return new(
                $"Oauth:AllowedNetworks: '{network}' is not a network in CIDR notation, such as 10.0.0.0/8.");
        }

        foreach (var url in ReturnUrls.Where(url => !IsReturnUrl(url)))
        {
            yield return new(
                $"Oauth:ReturnUrls: '{url}' is not an absolute https URL (http on this machine only) of at most {LongestUrl} characters without user information and fragment.");
        }

        if (RequireReturnUrl && ReturnUrls.Length == 0)
        {
            yield return new(
                "Oauth:RequireReturnUrl needs at least one of Oauth:ReturnUrls: without one no sign-in could start.");
        }
    }

    private static bool IsReturnUrl(string text) =>
        text.Length <= LongestUrl && text.All(character => character is > ' ' and <= '~' and not '#' and not '\\')
        && Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        && url.UserInfo.Length == 0;
}
