using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Quiva.Gateway.Data;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Http;

/// <summary>Whether the database works, see <see cref="DatabaseProbe"/>: open to anyone, and as cheap as one check a second.</summary>
internal sealed class Readiness(Database database, DatabaseProbe probe) : IHealthCheck
{
    // A full disk takes the probe's write, which fits into the log as it is, and no other.
    private const long LeastFreeBytes = 1024 * 1024;

    private const string Tag = "ready";

    /// <summary>Adds the check.</summary>
    /// <param name="services">The services.</param>
    public static void Add(IServiceCollection services) => services.AddHealthChecks().AddCheck<Readiness>("database", tags: [Tag]).AddCheck<RunHealth>("runs", tags: [Tag]);

    /// <summary>Serves <c>/health/live</c>, which says only that the process lives, and <c>/health/ready</c>.</summary>
    /// <param name="app">The application.</param>
    public static void Map(WebApplication app)
    {
        app.UseHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.UseHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Tag) });
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        !await probe.IsReadyAsync(cancellationToken) ? HealthCheckResult.Unhealthy("The database can't be used.")
        : database.File is { } file && !HasSpace(file) ? HealthCheckResult.Unhealthy("The disk of the database is full.")
        : HealthCheckResult.Healthy();

    private static bool HasSpace(string file)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(file)!).AvailableFreeSpace >= LeastFreeBytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
