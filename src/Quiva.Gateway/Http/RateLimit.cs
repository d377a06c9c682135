using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Http;

/// <summary>
/// Section <c>RateLimit</c>: token buckets, one for each caller, and one for each address that sends no valid
/// credentials.
/// </summary>
public sealed class RateLimitOptions
{
    /// <summary>Whether requests are limited at all.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Requests a second that a caller with valid credentials may send in the long run.</summary>
    [Range(1, 1_000_000)]
    public int CallerPerSecond { get; set; } = 50;

    /// <summary>Requests that such a caller may send at once after a pause.</summary>
    [Range(1, 1_000_000)]
    public int CallerBurst { get; set; } = 200;

    /// <summary>Requests a second that an address may send without valid credentials in the long run.</summary>
    [Range(1, 1_000_000)]
    public int AddressPerSecond { get; set; } = 5;

    /// <summary>Such requests that an address may send at once after a pause.</summary>
    [Range(1, 1_000_000)]
    public int AddressBurst { get; set; } = 50;

    /// <summary>Lists, workflows and nodes that such a caller may be reading at once.</summary>
    [Range(1, 100_000)]
    public int CallerExpensive { get; set; } = 4;

    /// <summary>
    /// Requests with bodies above 256 KiB that all callers of one account may have under way at once.
    /// </summary>
    [Range(1, 100_000)]
    public int AccountLargeBodies { get; set; } = 1;

    /// <summary>Further ones of either kind that wait in line; more than that are refused.</summary>
    [Range(0, 100_000)]
    public int CallerExpensiveWaiting { get; set; } = 128;
}

/// <summary>Sets ASP.NET's rate limiter up from <see cref="RateLimitOptions"/>.</summary>
internal sealed class RateLimit(IOptions<RateLimitOptions> settings) : IConfigureOptions<RateLimiterOptions>
{
    private readonly PartitionedRateLimiter<HttpContext>? requests =
        settings.Value.Enabled
            ? PartitionedRateLimiter.Create<HttpContext, string>(context => PartitionOf(context, settings.Value))
            : null;

    private readonly PartitionedRateLimiter<HttpContext>? places =
        settings.Value.Enabled
            ? PartitionedRateLimiter.Create<HttpContext, string>(
                context => ExpensiveRequests.PartitionOf(context, settings.Value))
            : null;

    /// <summary>
    /// The limit of a caller, and how many requests are left of it; null where requests are not limited.
    /// </summary>
    /// <param name="context">A request of the caller.</param>
    public (string Name, int PerSecond, int Burst, long Left)? StateOf(HttpContext context)
    {
        if (requests?.GetStatistics(context) is not { } statistics)
        {
            return null;
        }

        var limits = settings.Value;
        return context.User.Identity is { IsAuthenticated: true }
            ? ("caller", limits.CallerPerSecond, limits.CallerBurst, statistics.CurrentAvailablePermits)
            : ("address", limits.AddressPerSecond, limits.AddressBurst, statistics.CurrentAvailablePermits);
    }

    /// <summary>Waits until an expensive request may begin, or refuses it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">What is done with it.</param>
    public async Task PlaceAsync(HttpContext context, RequestDelegate next)
    {
        if (places is null)
        {
            await next(context);
            return;
        }

        using var lease = await places.AcquireAsync(context, 1, context.RequestAborted);
        if (!lease.IsAcquired)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            Refuse(context, lease);
            return;
        }

        // Whatever waits for something else gives its place up: ExpensiveRequests.Leave.
        context.Features.Set(lease);
        await next(context);
    }

    public void Configure(RateLimiterOptions options)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = (context, _) =>
        {
            Refuse(context.HttpContext, context.Lease);
            return ValueTask.CompletedTask;
        };
        options.GlobalLimiter = requests;
    }

    private static void Refuse(HttpContext context, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after)
            ? Math.Max(1, Math.Ceiling(after.TotalSeconds))
            : 1;
        GatewayMetrics.RateLimited(context.User.Identity is { IsAuthenticated: true });
        context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
    }

    private static RateLimitPartition<string> PartitionOf(HttpContext context, RateLimitOptions limits) =>
        context.User.Identity is { IsAuthenticated: true }
            ? Bucket("caller " + Caller.Of(context.User), limits.CallerPerSecond, limits.CallerBurst)
            : Bucket(
                "address " + ClientAddress.SenderOf(context.Connection.RemoteIpAddress),
                limits.AddressPerSecond,
                limits.AddressBurst);

    private static RateLimitPartition<string> Bucket(string key, int perSecond, int burst) =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        });
}
