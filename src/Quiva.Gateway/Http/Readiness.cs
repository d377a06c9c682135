using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Http;

/// <summary>Whether the database works, see <see cref="DatabaseProbe"/>: open to anyone, and as cheap as one check a second.</summary>
internal sealed class Readiness(DatabaseProbe probe) : IHealthCheck
{
    private const string Tag = "ready";

    /// <summary>Adds the check.</summary>
    /// <param name="services">The services.</param>
    public static void Add(IServiceCollection services) => services.AddHealthChecks().AddCheck<Readiness>("database", tags: [Tag]);

    /// <summary>Serves <c>/health/live</c>, which says only that the process lives, and <c>/health/ready</c>.</summary>
    /// <param name="app">The application.</param>
    public static void Map(WebApplication app)
    {
        app.UseHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.UseHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Tag) });
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await probe.IsReadyAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The database can't be used.");
}
