using System.Net;

namespace Quiva.Gateway.Http;

/// <summary>
/// Headers that limit what browsers and caches do with an answer. Every answer has them, also those of exceptions.
/// </summary>
internal static class SecurityHeaders
{
    // A year, https://owasp.org/www-project-secure-headers. Not for loopback: browsers would apply it to every port of
    // a developer's machine.
    private const string Hsts = "max-age=31536000; includeSubDomains";

    // For what is no page. Pages and Swagger UI have policies of their own.
    private const string NoContent = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>
    /// Adds the headers when an answer starts: ASP.NET's exception handler clears what was set before.
    /// </summary>
    /// <param name="app">The application.</param>
    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(Add, context);
        return next(context);
    });

    private static Task Add(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.TryAdd("Content-Security-Policy", NoContent);
        if (context.Request.IsHttps && !IsLoopback(context.Request.Host.Host))
        {
            headers.StrictTransportSecurity = Hsts;
        }

        if (context.Request.Path.StartsWithSegments("/hub"))
        {
            headers.TryAdd("Cache-Control", "no-store");
            headers.TryAdd("Referrer-Policy", "no-referrer");
        }

        return Task.CompletedTask;
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
