using System.Globalization;

namespace Quiva.Gateway.Http;

/// <summary>
/// Tells callers their limit and what is left of it, in the headers of draft-ietf-httpapi-ratelimit-headers-10. A token
/// bucket is a quota of its size in the seconds that it takes to fill.
/// </summary>
internal static class RateLimitHeaders
{
    public const string Left = "RateLimit";
    public const string Policy = "RateLimit-Policy";

    /// <summary>Adds the headers when an answer starts, also to refusals.</summary>
    /// <param name="app">The application.</param>
    public static void UseRateLimitHeaders(this WebApplication app)
    {
        // Not before the first request: the settings are validated once the gateway is put together.
        RateLimit? known = null;
        app.Use((context, next) =>
        {
            var limit = known ??= app.Services.GetRequiredService<RateLimit>();
            if (limit.StateOf(context) is not null)
            {
                context.Response.OnStarting(Add, (context, limit));
            }

            return next(context);
        });
    }

    private static Task Add(object state)
    {
        var (context, limit) = ((HttpContext, RateLimit))state;
        if (limit.StateOf(context) is var (name, perSecond, burst, left))
        {
            var seconds = (burst - left + perSecond - 1) / perSecond;
            var window = (burst + perSecond - 1) / perSecond;
            var headers = context.Response.Headers;
            headers[Left] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={left};t={seconds}");
            headers[Policy] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={burst};w={window}");
        }

        return Task.CompletedTask;
    }
}
