namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>
/// A configuration as the gateway uses it towards the provider: with its client secret. Never leaves the gateway.
/// </summary>
public sealed class OauthClient
{
    /// <summary>The integration's id.</summary>
    public required string Integration { get; init; }

    /// <summary>Scopes that may be asked for, separated by commas.</summary>
    public required string Scopes { get; init; }

    /// <summary>Client identifier (RFC 6749, section 2.2).</summary>
    public required string ClientId { get; init; }

    /// <summary>Client secret (RFC 6749, section 2.3.1).</summary>
    public required string ClientSecret { get; init; }

    /// <summary>Authorization endpoint.</summary>
    public required string AuthUrl { get; init; }

    /// <summary>Token endpoint.</summary>
    public required string TokenUrl { get; init; }

    /// <summary>Redirection endpoint.</summary>
    public required string RedirectUrl { get; init; }

    /// <summary>Revocation endpoint (RFC 7009), if the provider has one.</summary>
    public string? RevocationUrl { get; init; }

    /// <summary>How the provider differs from the RFCs.</summary>
    public ConfigOptions Options { get; init; } = new();

    /// <summary>Texts that are added to token and renewal requests, perhaps with variables.</summary>
    public IReadOnlyDictionary<string, string> TokenParams { get; init; } = new Dictionary<string, string>();

    /// <summary>How long access tokens work when the provider does not say; null when that is not known.</summary>
    public TimeSpan? DefaultLifetime => Options.DefaultExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The variables of the configuration.</summary>
    public VariableSet Variables => new(Options.Variables);

    /// <summary>
    /// How the token endpoint has accepted the client's credentials before; null when it has not been asked yet.
    /// </summary>
    public string? TokenAuthMethod { get; init; }

    /// <summary>The form of credentials to begin with when it has not been; null for no preference.</summary>
    public string? TokenAuthHint { get; init; }

    /// <summary>The configuration's version.</summary>
    public required long Version { get; init; }
}
