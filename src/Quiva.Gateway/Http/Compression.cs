using Microsoft.AspNetCore.ResponseCompression;

namespace Quiva.Gateway.Http;

/// <summary>
/// Compresses what may be large and holds no secret. Answers with tokens stay as they are: next to text that others
/// choose, the compressed length would reveal them (BREACH).
/// </summary>
internal static class Compression
{
    private static readonly string[] Paths = ["/hub/collections", "/hub/nodes", "/hub/workflows", "/openapi"];

    /// <summary>Adds the services.</summary>
    /// <param name="services">The services.</param>
    public static void AddCompression(this IServiceCollection services) => services.AddResponseCompression(options =>
    {
        options.EnableForHttps = true;
        options.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "application/yaml"];
    });

    /// <summary>Compresses answers of those paths, as the caller accepts it.</summary>
    /// <param name="app">The application.</param>
    public static void UseCompression(this WebApplication app) => app.UseWhen(
        context => Paths.Any(path => context.Request.Path.StartsWithSegments(path)), branch =>
            branch.UseResponseCompression());
}
