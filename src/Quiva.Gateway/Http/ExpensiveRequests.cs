using System.Reflection;
using System.Text.Json;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.Controllers;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Http;

/// <summary>
/// What may take much memory or time: large bodies, of which an account sends a few at once, and lists and large
/// answers, of which a caller gets a few at once. Further ones wait in line, before their bodies are read.
/// </summary>
internal static class ExpensiveRequests
{
    private const long LargestCheapBody = 256 * 1024;

    /// <summary>Marks the operations.</summary>
    /// <param name="endpoint">An operation of the contract.</param>
    public static void Mark(EndpointBuilder endpoint)
    {
        var action = endpoint.Metadata.OfType<ControllerActionDescriptor>().FirstOrDefault();
        var returnsMuch = action is not null
            && (action.Parameters.Any(parameter => parameter.Name == "limit")
                || MayBeLarge(AnswerOf(action.MethodInfo.ReturnType)));
        var takesMuch = endpoint.Metadata.OfType<IRequestSizeLimitMetadata>()
            .Any(limit => limit.MaxRequestBodySize is null or > LargestCheapBody);
        if (takesMuch || returnsMuch)
        {
            endpoint.Metadata.Add(new Marker(returnsMuch));
        }
    }

    /// <summary>Lets them begin a few at a time, after the rate limit, and their answers leave in pieces.</summary>
    /// <param name="app">The application.</param>
    public static void UsePlacesForExpensiveRequests(this WebApplication app) => app.UseWhen(
        context => MarkerOf(context) is not null,
        branch => branch
            .Use((context, next) => context.RequestServices.GetRequiredService<RateLimit>().PlaceAsync(context, next))
            .UsePiecesForLargeAnswers());

    /// <summary>Gives up a request's place before its end, where it waits for something else.</summary>
    /// <param name="context">The request, whose body was read.</param>
    public static void Leave(HttpContext context) => context.Features.Get<RateLimitLease>()?.Dispose();

    /// <summary>What a request is counted with.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limits">How many at once, and how many may wait.</param>
    public static RateLimitPartition<string> PartitionOf(HttpContext context, RateLimitOptions limits)
    {
        if (MarkerOf(context) is not { } marker || context.User.Identity is not { IsAuthenticated: true })
        {
            return RateLimitPartition.GetNoLimiter("");
        }

        var caller = Caller.Of(context.User);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
            && context.Request.ContentLength is null or > LargestCheapBody)
        {
            return Few("bodies " + caller.Account, limits.AccountLargeBodies, limits.CallerExpensiveWaiting);
        }

        return marker.ReturnsMuch
            ? Few("answers " + caller, limits.CallerExpensive, limits.CallerExpensiveWaiting)
            : RateLimitPartition.GetNoLimiter("");
    }

    private static RateLimitPartition<string> Few(string key, int atOnce, int waiting) =>
        RateLimitPartition.GetConcurrencyLimiter(key, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = atOnce,
            QueueLimit = waiting,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });

    private static Marker? MarkerOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Marker>();

    // Task<ActionResult<T>>
    private static Type AnswerOf(Type type) => type.IsGenericType ? AnswerOf(type.GetGenericArguments()[0]) : type;

    // A stored workflow or node, and whatever has a list of steps with free-form outputs.
    private static bool MayBeLarge(Type type) => type.IsAssignableTo(typeof(IStored))
        || type.GetProperties().Select(property => property.PropertyType).Any(
        member => member.IsAssignableTo(typeof(IStored))
            || (member.IsGenericType && member.GetGenericArguments()[0].GetProperties().Any(IsFreeForm)));

    private static bool IsFreeForm(PropertyInfo property) =>
        property.PropertyType == typeof(JsonElement) || property.PropertyType == typeof(FreeForm);

    private sealed record Marker(bool ReturnsMuch);
}
