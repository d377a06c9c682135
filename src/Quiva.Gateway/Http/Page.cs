using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.Net.Http.Headers;

namespace Quiva.Gateway.Http;

/// <summary>A page for people who come to an operation by browser, where the contract declares one (<c>text/html</c>).</summary>
public static class Page
{
    private const string ContentType = "text/html; charset=utf-8";

    /// <summary>Whether a request's answer should be a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="endpoint">Its operation.</param>
    public static bool IsWanted(HttpContext context, Endpoint? endpoint) =>
        MediaTypeHeaderValue.TryParseList(context.Request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && type.Quality != 0)
        && endpoint?.Metadata.OfType<IApiResponseMetadataProvider>().Any(DeclaresPage) == true;

    private static bool DeclaresPage(IApiResponseMetadataProvider response)
    {
        var types = new MediaTypeCollection();
        response.SetContentTypes(types);
        return types.Contains("text/html");
    }

    /// <summary>The page, as the result of an action.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status.</param>
    /// <param name="title">What happened, in a few words.</param>
    /// <param name="text">What happened, in a sentence.</param>
    public static ContentResult Result(HttpContext context, int status, string title, string text)
    {
        Restrict(context);
        return new() { StatusCode = status, ContentType = ContentType, Content = Html(title, text) };
    }

    /// <summary>Writes the page.</summary>
    /// <param name="context">The answer, with its status.</param>
    /// <param name="title">What happened, in a few words.</param>
    /// <param name="text">What happened, in a sentence.</param>
    public static Task WriteAsync(HttpContext context, string title, string text)
    {
        Restrict(context);
        context.Response.ContentType = ContentType;
        return context.Response.WriteAsync(Html(title, text), context.RequestAborted);
    }

    // Its own address carries a code: nothing may be loaded that could be told it.
    private static void Restrict(HttpContext context) => context.Response.Headers.ContentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static string Html(string title, string text) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{HtmlEncoder.Default.Encode(title)}}</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto 0; padding: 0 1.5rem; }
        h1 { font-size: 1.5rem; }
        </style>
        </head>
        <body>
        <main>
        <h1>{{HtmlEncoder.Default.Encode(title)}}</h1>
        <p>{{HtmlEncoder.Default.Encode(text)}}</p>
        </main>
        </body>
        </html>

        """;
}
