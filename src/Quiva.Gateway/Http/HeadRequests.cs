using Microsoft.AspNetCore.Http.Features;

namespace Quiva.Gateway.Http;

/// <summary>
/// HEAD wherever GET works (RFC 9110, section 9.3.2): the request runs as GET, and its content goes nowhere. Without
/// this an answer with content breaks the stream over HTTP/2.
/// </summary>
internal static class HeadRequests
{
    /// <summary>Adds it.</summary>
    /// <param name="app">The application.</param>
    public static void UseHeadAsGet(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await next(context);
            return;
        }

        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null, body));
        context.Request.Method = HttpMethods.Get;
        try
        {
            await next(context);
        }
        finally
        {
            // Nothing is sent yet: now Kestrel ends the answer as one to HEAD.
            context.Request.Method = HttpMethods.Head;
            context.Features.Set(body);
        }
    });
}
