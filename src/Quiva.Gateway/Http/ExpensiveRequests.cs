using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.Controllers;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Http;

/// <summary>
/// Operations that may take much memory or time, lists and large bodies: of these each caller has a few at once. Others of the same caller wait
/// in line, before their bodies are read.
/// </summary>
internal static class ExpensiveRequests
{
    private const long LargestCheapBody = 64 * 1024;

    /// <summary>Marks the operations.</summary>
    /// <param name="endpoint">An operation of the contract.</param>
    public static void Mark(EndpointBuilder endpoint)
    {
        var takesMuch = endpoint.Metadata.OfType<IRequestSizeLimitMetadata>().Any(limit => limit.MaxRequestBodySize is null or > LargestCheapBody);
        var isList = endpoint.Metadata.OfType<ControllerActionDescriptor>().Any(action => action.Parameters.Any(parameter => parameter.Name == "limit"));
        if (takesMuch || isList)
        {
            endpoint.Metadata.Add(Marker.Instance);
        }
    }

    /// <summary>Whose requests a request is counted with.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limits">How many at once, and how many may wait.</param>
    public static RateLimitPartition<string> PartitionOf(HttpContext context, RateLimitOptions limits) =>
        context.User.Identity is { IsAuthenticated: true } && context.GetEndpoint()?.Metadata.GetMetadata<Marker>() is not null
            ? RateLimitPartition.GetConcurrencyLimiter("caller " + Caller.Of(context.User), _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = limits.CallerExpensive,
                QueueLimit = limits.CallerExpensiveWaiting,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            })
            : RateLimitPartition.GetNoLimiter("");

    private sealed class Marker
    {
        public static Marker Instance { get; } = new();
    }
}
