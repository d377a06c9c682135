using System.ComponentModel.DataAnnotations;

namespace Quiva.Gateway.Http;

/// <summary>Section <c>Gateway</c>: where local files are, and how the gateway is seen from outside.</summary>
public sealed class GatewayOptions : IValidatableObject
{
    /// <summary>Directory of local files (SQLite's database, the local certificate and master key); made with mode 0700. Relative to the working directory.</summary>
    [Required]
    public string DataDirectory { get; set; } = "data";

    /// <summary>The URL that callers and providers see, without a path: <c>https://gateway.example.com</c>.</summary>
    [Required]
    public string PublicUrl { get; set; } = "https://localhost:7443";

    /// <summary>
    /// Connections that may be open at once; further ones are closed. Without it, as many as the process's limit of file descriptors
    /// allows with a reserve (on Linux; elsewhere as many as come).
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
            yield return new("Gateway:PublicUrl must be an absolute http or https URL without a path, such as https://gateway.example.com.");
        }
    }
}
