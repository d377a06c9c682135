using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Net.Http.Headers;

namespace Quiva.Gateway.Http;

/// <summary>
/// Answers 304 in the place of what the caller has already: wherever an operation puts an entity tag on what it reads
/// (RFC 9110, section 13.1.2).
/// </summary>
internal sealed class NotModified : IResultFilter
{
    /// <inheritdoc/>
    public void OnResultExecuting(ResultExecutingContext context)
    {
        var (request, response) = (context.HttpContext.Request, context.HttpContext.Response);
        if ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && context.Result is ObjectResult { StatusCode: null or StatusCodes.Status200OK }
            && response.Headers.ETag is [{ } tag]
            && request.Headers.IfNoneMatch.Count > 0
            && IsKnown(string.Join(", ", request.Headers.IfNoneMatch.AsEnumerable()), tag))
        {
            context.Result = new StatusCodeResult(StatusCodes.Status304NotModified);
        }
    }

    /// <inheritdoc/>
    public void OnResultExecuted(ResultExecutedContext context)
    {
    }

    private static bool IsKnown(string known, string tag) =>
        EntityTagHeaderValue.TryParseStrictList([known], out var tags)
        && tags.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any)
            || candidate.Compare(EntityTagHeaderValue.Parse(tag), useStrongComparison: false));
}
