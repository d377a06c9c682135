using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests;

public sealed class TelemetryTests
{
    [Test]
    public async Task Traces_metrics_and_logs_reach_a_collector_without_secrets()
    {
        var received = new ConcurrentQueue<(string Path, string Body)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/{**path}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Enqueue((request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        await collector.StartAsync();

        string canary;
        await using (var app = await GatewayApp.StartAsync(
            DatabaseProvider.Sqlite, $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Urls.First()}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION=true"))
        {
            canary = app.Canary;
            using var admin = await app.AdminAsync();
            using var put = await admin.PutConfigAsync(Configs.Body("traced", canary));
            using var refused = await admin.PutConfigAsync(Configs.Body("traced", canary + "\n"));
            using var sneaked = await admin.GetAsync($"/hub/integrations/oauth-config?secret={canary}");
            Assert.That(
                new[] { put, refused, sneaked }.Select(response => (int)response.StatusCode),
                Is.EqualTo(new[] { 200, 400, 200 }));
        }

        Assert.That(
            received.Select(message => message.Path).Distinct(),
            Is.SupersetOf(new[] { "/v1/traces", "/v1/metrics", "/v1/logs" }));
        var text = string.Concat(received.Select(message => message.Body));
        Assert.That(
            text.Contains("hub/integrations/{integration_id}/oauth-config", StringComparison.Ordinal),
            "The route is told, not the path.");
        Assert.That(text.Contains(canary, StringComparison.Ordinal), Is.False, "A secret was exported.");
    }
}
