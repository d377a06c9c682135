namespace Quiva.Gateway.Http;

/// <summary>
/// What a browser says about its request (W3C Fetch Metadata, https://www.w3.org/TR/fetch-metadata): whether a person's
/// navigation has caused it, or a script, an image or a frame. Browsers send all of it and let no script change it;
/// other callers send nothing, or the mode alone, as the fetch of Node.js does.
/// </summary>
public static class FetchMetadata
{
    private const string Mode = "Sec-Fetch-Mode", Destination = "Sec-Fetch-Dest", Site = "Sec-Fetch-Site";

    private static readonly string[] Purposes = ["Sec-Purpose", "Purpose", "X-Moz"];

    private static readonly GatewayException NotNavigated =
        new(
            GatewayError.Invalid,
            "This address is for a browser's own window: scripts, frames and prefetches are refused.");

    private static readonly GatewayException OtherSite =
        new(GatewayError.Invalid, "This form is sent by the gateway's own page only.");

    /// <summary>Refuses what a browser sends without a person's navigation in its window.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="GatewayException">It is a script's, a frame's, a prefetch …</exception>
    public static void RequireNavigation(HttpRequest request)
    {
        if (IsPrefetch(request)
            || (Says(request) && (!Is(request, Mode, "navigate") || !Is(request, Destination, "document"))))
        {
            throw NotNavigated;
        }
    }

    /// <summary>Refuses a form that a browser sends from another site's page.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="GatewayException">The page is another site's.</exception>
    public static void RequireSameOrigin(HttpRequest request)
    {
        if (Says(request) && !Is(request, Site, "same-origin"))
        {
            throw OtherSite;
        }
    }

    /// <summary>Whether a browser has sent the request: it says how, or asks for a page.</summary>
    /// <param name="request">The request.</param>
    public static bool IsBrowser(HttpRequest request) => Says(request) || Page.IsAccepted(request);

    private static bool IsPrefetch(HttpRequest request) => Purposes
        .SelectMany(name => request.Headers[name])
        .Any(value => value?.Contains("prefetch", StringComparison.OrdinalIgnoreCase) == true
            || value?.Contains("preview", StringComparison.OrdinalIgnoreCase) == true);

    private static bool Says(HttpRequest request) =>
        request.Headers.ContainsKey(Site) || request.Headers.ContainsKey(Destination);

    private static bool Is(HttpRequest request, string header, string expected) =>
        request.Headers[header] is [var value] && value == expected;
}
