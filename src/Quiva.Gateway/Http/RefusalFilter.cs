using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Quiva.Gateway.Http;

/// <summary>
/// Turns the refusals of an operation into answers where they are thrown: each middleware that an exception passes
/// would throw it again, and a refusal would cost several times what a success does.
/// </summary>
internal sealed class RefusalFilter : IExceptionFilter
{
    /// <inheritdoc/>
    public void OnException(ExceptionContext context)
    {
        if (context.Exception is GatewayException refusal && !context.HttpContext.Response.HasStarted)
        {
            context.Result = new Refusal(refusal);
        }
    }

    private sealed class Refusal(GatewayException refusal) : IActionResult
    {
        public async Task ExecuteResultAsync(ActionContext context)
        {
            var http = context.HttpContext;
            // Headers of an answer that is not given.
            http.Response.Clear();
            await http.RequestServices.GetRequiredService<IExceptionHandler>()
                .TryHandleAsync(http, refusal, http.RequestAborted);
        }
    }
}
