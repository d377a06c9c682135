using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Whether runs go on here: part of <c>/health/ready</c>. Asks nothing of the database, which has a check of its own.</summary>
internal sealed class RunHealth(RunStarter starter) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(starter.Fault is { } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy());
}
