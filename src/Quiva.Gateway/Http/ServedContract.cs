using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Quiva.Gateway.Http;

/// <summary>
/// The contract as it is checked in, at <c>/openapi/gateway.yaml</c>, and Swagger UI for it at <c>/swagger</c>; both
/// open, no part of the contract.
/// </summary>
public static partial class ServedContract
{
    private const string DocumentPath = "/openapi/gateway.yaml";
    private const string UiPath = "/swagger";
    private const string UiDocumentPath = "/openapi/swagger.yaml";
    private const string Here = "  - url: /";

    /// <summary>The bytes of <c>openapi/gateway.yaml</c>.</summary>
    public static byte[] Bytes { get; } = Read();

    /// <summary>Serves both.</summary>
    /// <param name="app">The application.</param>
    public static void MapContract(this WebApplication app)
    {
        app.MapGet(DocumentPath, () => Results.Bytes(
            Bytes, "application/yaml", entityTag: new($"\"{Convert.ToHexStringLower(SHA256.HashData(Bytes))[..32]}\"")))
            .ExcludeFromDescription();
        // Not through the options: the settings are validated once the gateway is put together.
        var hasUi = bool.TryParse(app.Configuration["Gateway:SwaggerUi"], out var isWanted)
            ? isWanted
            : !app.Environment.IsProduction();
        app.MapGet("/", () => Results.Redirect(hasUi ? UiPath : DocumentPath)).ExcludeFromDescription();
        if (!hasUi)
        {
            return;
        }

        var forUi = Encoding.UTF8.GetBytes(WithThisServerFirst(Encoding.UTF8.GetString(Bytes)));
        app.MapGet(UiDocumentPath, () => Results.Bytes(forUi, "application/yaml")).ExcludeFromDescription();
        // All of it in the branch: otherwise the UI's middlewares would look at every request of the API.
        app.UseWhen(context => context.Request.Path.StartsWithSegments(UiPath), ui => ui
            .Use(WithContentSecurityPolicyAsync)
            .UseSwaggerUi(settings =>
            {
                settings.Path = UiPath;
                settings.DocumentPath = UiDocumentPath;
            }));
    }

    // The page preselects the first server, may call no other than this one, and would show a curl that sends the key
    // there.
    private static string WithThisServerFirst(string contract)
    {
        var lines = contract.Split('\n').ToList();
        var at = lines.IndexOf(Here);
        var end = at + 1;
        while (lines[end].StartsWith("    ", StringComparison.Ordinal))
        {
            end++;
        }

        var entry = lines[at..end];
        lines.RemoveRange(at, entry.Count);
        lines.InsertRange(lines.IndexOf("servers:") + 1, entry);
        return string.Join('\n', lines);
    }

    // The page has one inline script, whose text depends on the settings: it is allowed by its hash, and nothing else
    // inline is. connect-src keeps the page from loading the document of another server that a link may name.
    private static async Task WithContentSecurityPolicyAsync(HttpContext context, RequestDelegate next)
    {
        var body = context.Response.Body;
        using var page = new MemoryStream();
        context.Response.Body = page;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = body;
        }

        var hashes = context.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true
            ? HashesOfScripts(Encoding.UTF8.GetString(page.ToArray()))
            : [];
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'{string.Concat(hashes)}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        page.Position = 0;
        await page.CopyToAsync(body, context.RequestAborted);
    }

    // A browser hashes a script as it has read it, with every line ending as LF.
    private static IEnumerable<string> HashesOfScripts(string page) => InlineScript()
        .Matches(page.ReplaceLineEndings("\n"))
        .Select(script =>
            $" 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script.Groups[1].Value)))}'");

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex InlineScript();

    private static byte[] Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("gateway.yaml")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
