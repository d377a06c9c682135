using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
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

    // A button shows itself a moment after the page: a click that was meant for what lay there before does not hit it.
    private const string Style = """

        :root { color-scheme: light dark; }
        body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto 0; padding: 0 1.5rem 2rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 1.5rem 0; }
        dt { color: light-dark(#595959, #b0b0b0); }
        dd { margin: 0; overflow-wrap: anywhere; font-weight: 600; }
        form { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; animation: appear .8s step-end; }
        button { font: inherit; padding: .5rem 1.25rem; border-radius: .4rem; border: 1px solid GrayText; cursor: pointer; }
        button[value=connect] { background: #0b57d0; border-color: #0b57d0; color: #fff; }
        button:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
        @keyframes appear { from { visibility: hidden; } }

        """;

    // Of the styles and scripts that the pages have: few, and none of them made of what was sent.
    private static readonly ConcurrentDictionary<string, string> Hashes = new(StringComparer.Ordinal);

    /// <summary>Whether a request's answer should be a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="endpoint">Its operation.</param>
    /// <param name="status">The answer's status: an operation may have a page for some of them alone.</param>
    public static bool IsWanted(HttpContext context, Endpoint? endpoint, int status) =>
        IsAccepted(context.Request)
        && endpoint?.Metadata.OfType<IApiResponseMetadataProvider>().Any(response => response.StatusCode == status && DeclaresPage(response)) == true;

    /// <summary>Whether a request asks for a page.</summary>
    /// <param name="request">The request.</param>
    public static bool IsAccepted(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && type.Quality != 0);

    private static bool DeclaresPage(IApiResponseMetadataProvider response)
    {
        var types = new MediaTypeCollection();
        response.SetContentTypes(types);
        return types.Contains("text/html");
    }

    /// <summary>Text as HTML.</summary>
    /// <param name="text">The text.</param>
    public static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    /// <summary>A page that says what happened, as the result of an action.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status.</param>
    /// <param name="title">What happened, in a few words.</param>
    /// <param name="text">What happened, in a sentence.</param>
    public static ContentResult Result(HttpContext context, int status, string title, string text) => Result(context, status, title, Paragraph(text), "'none'");

    /// <summary>A page with a style of its own, as the result of an action.</summary>
    /// <param name="context">The request.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="style">The CSS.</param>
    /// <param name="content">The HTML below the title.</param>
    /// <param name="head">More of the HTML's head.</param>
    internal static ContentResult Document(HttpContext context, string title, string style, string content, string head = "")
    {
        Restrict(context, "'none'", style);
        return new() { StatusCode = StatusCodes.Status200OK, ContentType = ContentType, Content = Html(title, content, style, head) };
    }

    /// <summary>Writes a page with a script, which may call this gateway.</summary>
    /// <param name="context">The answer.</param>
    /// <param name="title">What it is for.</param>
    /// <param name="style">The CSS.</param>
    /// <param name="content">The HTML below the title.</param>
    /// <param name="script">The script.</param>
    internal static Task WriteAsync(HttpContext context, string title, string style, string content, string script)
    {
        Restrict(context, "'none'", style, $" script-src 'sha256-{HashOf(script)}'; connect-src 'self';");
        context.Response.ContentType = ContentType;
        return context.Response.WriteAsync(Html(title, $"{content}\n<script>{script}</script>", style), context.RequestAborted);
    }

    /// <summary>A page with a form that is sent to the gateway, as the result of an action.</summary>
    /// <param name="context">The request.</param>
    /// <param name="title">What is asked.</param>
    /// <param name="content">The HTML below the title.</param>
    public static ContentResult Form(HttpContext context, string title, string content) => Result(context, StatusCodes.Status200OK, title, content, "'self'");

    /// <summary>Writes a page that says what happened.</summary>
    /// <param name="context">The answer, with its status.</param>
    /// <param name="title">What happened, in a few words.</param>
    /// <param name="text">What happened, in a sentence.</param>
    public static Task WriteAsync(HttpContext context, string title, string text)
    {
        Restrict(context, "'none'");
        context.Response.ContentType = ContentType;
        return context.Response.WriteAsync(Html(title, Paragraph(text)), context.RequestAborted);
    }

    private static ContentResult Result(HttpContext context, int status, string title, string content, string formAction)
    {
        Restrict(context, formAction);
        return new() { StatusCode = status, ContentType = ContentType, Content = Html(title, content) };
    }

    // Its own address may carry a code: nothing is loaded that would learn it, nothing is kept, and no other page shows it in a frame.
    // An answer to an exception has lost the headers that every answer gets, so a page sets them itself.
    private static void Restrict(HttpContext context, string formAction, string style = Style, string more = "")
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'sha256-{HashOf(style)}';{more} base-uri 'none'; form-action {formAction}; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    private static string HashOf(string text) => Hashes.GetOrAdd(text, text => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text))));

    private static string Paragraph(string text) => $"<p>{Encode(text)}</p>";

    private static string Html(string title, string content, string style = Style, string head = "") => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Encode(title)}</title>
        <style>{style}</style>{head}
        </head>
        <body>
        <main>
        <h1>{Encode(title)}</h1>
        {content}
        </main>
        </body>
        </html>

        """;
}
