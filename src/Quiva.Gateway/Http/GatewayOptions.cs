using System.ComponentModel.DataAnnotations;

namespace Quiva.Gateway.Http;

/// <summary>Section <c>Gateway</c>: where local files are, and how the gateway is seen from outside.</summary>
public sealed class GatewayOptions : IValidatableObject
{
    /// <summary>
    /// Directory of local files (SQLite's database, the local certificate and master key); made with mode 0700.
    /// Relative to the working directory.
    /// </summary>
    [Required]
    public string DataDirectory { get; set; } = "data";

    /// <summary>The URL that callers and providers see, without a path: <c>https://gateway.example.com</c>.</summary>
    [Required]
    public string PublicUrl { get; set; } = "https://localhost:7443";

    /// <summary>
    /// Addresses or networks (CIDR) of reverse proxies: their <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are
    /// believed, nobody else's.
    /// </summary>
    public string[] KnownProxies { get; set; } = [];

    /// <summary>Whether Swagger UI is served at <c>/swagger</c>; unless set, it is outside Production.</summary>
    public bool? SwaggerUi { get; set; }

    /// <summary>
    /// Origins (<c>https://app.example.com</c>) whose pages may call the API from a browser; none unless set.
    /// </summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>
    /// Connections that may be open at once; further ones are closed. Without it, as many as the process's limit of
    /// file descriptors allows with a reserve (on Linux; elsewhere as many as come).
    /// </summary>
    [Range(1, 1_000_000)]
    public int? MaxConnections { get; set; }

    internal string FullDataDirectory => Path.GetFullPath(DataDirectory);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
            || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0 || url.AbsolutePath != "/")
        {
            yield return new(
                "Gateway:PublicUrl must be an absolute http or https URL without a path, such as https://gateway.example.com.");
        }

        foreach (var proxy in KnownProxies.Where(proxy => ClientAddress.ParseNetwork(proxy) is null))
        {
            yield return new(
                $"Gateway:KnownProxies: '{proxy}' is neither an address nor a network in CIDR notation, such as 10.0.0.0/8.");
        }

        foreach (var origin in AllowedOrigins.Where(origin => !IsOrigin(origin)))
        {
            yield return new($"Gateway:AllowedOrigins: '{origin}' is not an origin, such as https://app.example.com.");
        }
    }

    // RFC 6454, section 6.1, in the one spelling that browsers send.
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
        && url.GetLeftPart(UriPartial.Authority) == text;
}
