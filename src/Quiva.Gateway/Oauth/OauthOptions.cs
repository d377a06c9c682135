using System.ComponentModel.DataAnnotations;
using System.Net;
using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Oauth;

/// <summary>Section <c>Oauth</c>.</summary>
public sealed class OauthOptions : IValidatableObject
{
    internal const int LongestTimeoutSeconds = 10;

    /// <summary>
    /// Networks in CIDR notation that URLs of providers may reach although they are private, on any port and also by plain http.
    /// For development, tests, and providers inside one's own network.
    /// </summary>
    public string[] AllowedNetworks { get; set; } = [];

    /// <summary>Seconds, on average, between sweeps that renew connections before they expire; 0 for none.</summary>
    [Range(0, 86400)]
    public int SweepIntervalSeconds { get; set; } = 300;

    /// <summary>Seconds, 1 to 10, that a provider may take to answer.</summary>
    [Range(1, LongestTimeoutSeconds)]
    public int ProviderTimeoutSeconds { get; set; } = 10;

    // Renewals begin two sweeps before the token expires, but not before half of its life is over.
    internal DateTimeOffset? RenewAt(DateTimeOffset obtainedAt, TimeSpan? lifetime) => lifetime is not { } life
        ? null
        : obtainedAt + TimeSpan.FromTicks(
            Math.Max((life - TokenRefresh.Margin - TimeSpan.FromSeconds(2 * SweepIntervalSeconds)).Ticks, life.Ticks / 2));

    internal IReadOnlyList<IPNetwork> ParsedNetworks => [.. AllowedNetworks.Select(IPNetwork.Parse)];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllowedNetworks
        .Where(network => !IPNetwork.TryParse(network, out _))
        .Select(network => new ValidationResult($"Oauth:AllowedNetworks: '{network}' is not a network in CIDR notation, such as 10.0.0.0/8."));
}
