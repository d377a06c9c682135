using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Http;

/// <summary>Whether the database can be used. One check a second, shared by everyone who asks: the answer is open to anyone.</summary>
internal sealed class Readiness(Database database, TimeProvider time) : IHealthCheck
{
    private const string Tag = "ready";
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(5);

    private readonly Lock choosing = new();
    private Task<bool>? latest;
    private long started;

    /// <summary>Adds the check.</summary>
    /// <param name="services">The services.</param>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<Readiness>();
        services.AddHealthChecks().AddCheck<Readiness>("database", tags: [Tag]);
    }

    /// <summary>Serves <c>/health/live</c>, which says only that the process lives, and <c>/health/ready</c>.</summary>
    /// <param name="app">The application.</param>
    public static void Map(WebApplication app)
    {
        app.UseHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.UseHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Tag) });
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await Latest().WaitAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The database can't be used.");

    private Task<bool> Latest()
    {
        lock (choosing)
        {
            if (latest is null || (latest.IsCompleted && time.GetElapsedTime(started) >= Age))
            {
                started = time.GetTimestamp();
                latest = CheckAsync();
            }

            return latest;
        }
    }

    // Not ended by whoever asked first: others wait for it too.
    private async Task<bool> CheckAsync()
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            return await Task.Run(() => database.IsReachableAsync(patience.Token)).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
