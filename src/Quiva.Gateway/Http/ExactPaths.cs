using Microsoft.AspNetCore.Routing.Patterns;

namespace Quiva.Gateway.Http;

/// <summary>
/// Paths match letter by letter, as the contract writes them: ASP.NET's routing ignores case and a slash at the end,
/// and proxies that decide by path do not.
/// </summary>
internal static class ExactPaths
{
    /// <summary>Adds it; after routing.</summary>
    /// <param name="app">The application.</param>
    public static void UseExactPaths(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint
            && !IsExact(endpoint.RoutePattern, context.Request.Path.Value!))
        {
            context.SetEndpoint(null);
        }

        return next(context);
    });

    private static bool IsExact(RoutePattern pattern, string path)
    {
        var segments = path.Split('/').Skip(1).ToArray();
        // A method that a path lacks leads to an endpoint that matches everything.
        return pattern.PathSegments.Any(segment => segment.Parts is [RoutePatternParameterPart { IsCatchAll: true }])
            || pattern.PathSegments.Count == 0
            || (segments.Length == pattern.PathSegments.Count && pattern.PathSegments.Zip(segments).All(pair =>
                pair.First.Parts is not [RoutePatternLiteralPart literal] || literal.Content == pair.Second));
    }
}
