using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Quiva.Gateway.Data;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Http;

/// <summary>
/// Traces, metrics and logs over OTLP, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector; metrics also for
/// Prometheus, see
/// <see cref="MetricsServer"/>.
/// </summary>
internal static class Telemetry
{
    /// <summary>Adds OpenTelemetry.</summary>
    /// <param name="builder">The application's builder.</param>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<MetricsOptions>("Metrics");
        var isPushed = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var isScraped = !string.IsNullOrEmpty(builder.Configuration["Metrics:Url"]);
        if (isPushed)
        {
            builder.Services.AddOpenTelemetry()
                .WithTracing(tracing => tracing.AddGateway())
                .WithLogging()
                .UseOtlpExporter();
        }

        if (isScraped)
        {
            builder.Services.AddSingleton<MetricsServer>()
                .AddHostedService(provider => provider.GetRequiredService<MetricsServer>());
        }

        if (isPushed || isScraped)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(metrics =>
            {
                metrics
                    .AddMeter(
                        GatewayMetrics.MeterName,
                        RunTelemetry.Name,
                        "Microsoft.AspNetCore.*",
                        OutboundSource,
                        "System.Runtime")
                    .AddSqlClientInstrumentation()
                    .AddView(instrument => instrument.Meter.Name == OutboundSource ? WithoutHosts : null);
                _ = isScraped ? metrics.AddPrometheusExporter() : metrics;
            });
        }
    }

    /// <summary>
    /// Spans of requests, runs, statements on SQL Server (by name) and calls to providers, without what may hold a
    /// secret.
    /// </summary>
    /// <param name="tracing">The builder.</param>
    internal static TracerProviderBuilder AddGateway(this TracerProviderBuilder tracing) => tracing
        .AddAspNetCoreInstrumentation()
        .AddSqlClientInstrumentation(
            sql => sql.EnrichWithSqlCommand = (span, command) => span.DisplayName = NameOf(command))
        .AddSource(RunTelemetry.Name, OutboundSource)
        .AddProcessor<WithoutQueries>();

    private static string NameOf(object command) => command is System.Data.Common.DbCommand { CommandText: var text }
        ? StatementNames.Of(text)
        : StatementNames.Unknown;

    // A configuration's variables can be part of a provider's host: names of customers, and as many series as callers
    // like.
    private static readonly MetricStreamConfiguration WithoutHosts = new()
    {
        TagKeys = ["http.request.method", "http.response.status_code", "error.type"],
    };

    // The source and the meter of HttpClient.
    private const string OutboundSource = "System.Net.Http";

    /// <summary>
    /// Removes from a span whatever holds a query, a header or the text of a statement, before the exporter reads it.
    /// The instrumentation redacts queries itself, but an environment variable turns that off
    /// (<c>OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION</c>).
    /// </summary>
    private sealed class WithoutQueries : BaseProcessor<Activity>
    {
        private static readonly string[] Names =
        [
            "url.query", "url.full", "http.url", "http.target", "db.query.text", "db.statement", "db.query.summary"
        ];

        public override void OnEnd(Activity data)
        {
            foreach (var tag in data.TagObjects.Where(tag => IsSecretBearing(tag.Key)).ToList())
            {
                data.SetTag(tag.Key, null);
            }
        }

        private static bool IsSecretBearing(string name) => Names.Contains(name)
            || name.StartsWith("http.request.header.", StringComparison.Ordinal)
            || name.StartsWith("http.response.header.", StringComparison.Ordinal);
    }
}
