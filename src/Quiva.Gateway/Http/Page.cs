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

    private static readonly string StyleHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    /// <summary>Whether a request's answer should be a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="endpoint">Its operation.</param>
    public static bool IsWanted(HttpContext context, Endpoint? endpoint) =>
        IsAccepted(context.Request) && endpoint?.Metadata.OfType<IApiResponseMetadataProvider>().Any(DeclaresPage) == true;

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
    private static void Restrict(HttpContext context, string formAction)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'sha256-{StyleHash}'; base-uri 'none'; form-action {formAction}; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    private static string Paragraph(string text) => $"<p>{Encode(text)}</p>";

    private static string Html(string title, string content) => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Encode(title)}</title>
        <style>{Style}</style>
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
