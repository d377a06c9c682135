using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace Quiva.Gateway.Http;

/// <summary>Section <c>Metrics</c>.</summary>
public sealed class MetricsOptions : IValidatableObject
{
    /// <summary>
    /// The address of its own at which <c>/metrics</c> is served to Prometheus, such as <c>http://127.0.0.1:9464</c> or
    /// <c>http://*:9464</c>; empty for none. It asks for no credentials, so no one but Prometheus should reach it.
    /// </summary>
    public string Url { get; set; } = "";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url.Length > 0 && (!Url.StartsWith("http://", StringComparison.Ordinal)
            || !Uri.TryCreate(Url.Replace("*", "localhost", StringComparison.Ordinal), UriKind.Absolute, out var url)
                || url.PathAndQuery != "/"))
        {
            yield return new("Metrics:Url must be an address and a port, such as http://127.0.0.1:9464.");
        }
    }
}

/// <summary>
/// Serves metrics to Prometheus on a port of its own: the gateway's own port never has them, and this one has nothing
/// else.
/// </summary>
internal sealed class MetricsServer(IOptions<MetricsOptions> options, IServiceProvider services)
    : IHostedService, IAsyncDisposable
{
    private WebApplication? server;

    /// <summary>Where it listens; null when it does not.</summary>
    public Uri? Address => server?.Urls.FirstOrDefault() is { } url ? new(url) : null;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Url.Length == 0)
        {
            return;
        }

        // Nothing of the gateway's settings: its certificates and limits are for its callers.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls(options.Value.Url);
        builder.Services.AddSingleton(services.GetRequiredService<ILoggerFactory>());
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        server = builder.Build();
        server.UseOpenTelemetryPrometheusScrapingEndpoint(
            services.GetRequiredService<MeterProvider>(), null, "/metrics", null, null);
        await server.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) =>
        server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
