using Microsoft.Net.Http.Headers;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Http;

/// <summary>
/// Cross-origin calls from pages in browsers: only from the origins in <c>Gateway:AllowedOrigins</c>, and never with
/// cookies.
/// </summary>
internal static class CrossOrigin
{
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    private static readonly string[] Sent =
    [
        HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.IfMatch, HeaderNames.IfNoneMatch, ApiKeyHandler.HeaderName, "Idempotency-Key",
    ];

    // What else than the few that browsers always show a page may read.
    private static readonly string[] Shown =
    [
        HeaderNames.ETag, HeaderNames.Link, HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate,
        RateLimitHeaders.Left, RateLimitHeaders.Policy,
    ];

    /// <summary>Answers preflight requests and marks answers that a page may read.</summary>
    /// <param name="app">The application.</param>
    public static void UseAllowedOrigins(this WebApplication app)
    {
        // Not through the options: the settings are validated once the gateway is put together.
        if (app.Configuration.GetSection("Gateway:AllowedOrigins").Get<string[]>() is { Length: > 0 } origins)
        {
            app.UseCors(policy => policy
                .WithOrigins(origins)
                .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
                .WithHeaders(Sent)
                .WithExposedHeaders(Shown)
                .SetPreflightMaxAge(PreflightAge));
        }
    }
}
