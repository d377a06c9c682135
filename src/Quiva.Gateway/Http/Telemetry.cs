using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Http;

/// <summary>Traces, metrics and logs over OTLP, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector.</summary>
internal static class Telemetry
{
    /// <summary>Adds OpenTelemetry.</summary>
    /// <param name="builder">The application's builder.</param>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddSource(RunTelemetry.Name).AddProcessor<WithoutQueries>())
            .WithMetrics(metrics => metrics.AddMeter(TokenAudit.MeterName, RunTelemetry.Name, "Microsoft.AspNetCore.*", "System.Runtime"))
            .WithLogging()
            .UseOtlpExporter();
    }

    /// <summary>
    /// Removes from a span whatever holds a query or a header, before the exporter reads it. The instrumentation redacts queries itself,
    /// but an environment variable turns that off (<c>OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION</c>).
    /// </summary>
    private sealed class WithoutQueries : BaseProcessor<Activity>
    {
        private static readonly string[] Names = ["url.query", "url.full", "http.url", "http.target"];

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
