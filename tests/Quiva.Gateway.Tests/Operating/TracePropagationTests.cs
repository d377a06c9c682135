using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Tests.Oauth;
using Quiva.Gateway.Tests.Runs;

namespace Quiva.Gateway.Tests.Operating;

/// <summary>
/// Traces end at the gateway: no provider and no host that a step calls learns their ids, or what a caller put into
/// their baggage.
/// </summary>
public sealed class TracePropagationTests
{
    private static readonly string[] Headers =
    [
        "traceparent", "tracestate", "baggage", "correlation-context", "request-id", "b3", "x-b3-traceid"
    ];

    [Test]
    public async Task A_traced_call_outside_carries_no_header_of_traces()
    {
        using var spans = new Observed();
        await using var host = await Target.StartAsync();
        host.Answer = context => Microsoft.AspNetCore.Http.HttpResponseJsonExtensions.WriteAsJsonAsync(
            context.Response, FakeProvider.Tokens());
        await using var app = await GatewayApp.StartAsync(
            DatabaseProvider.Sqlite,
            [
                .. RunFixture.Settings,
                "--Oauth:AllowedNetworks:0=127.0.0.0/8",
                "--Oauth:SweepIntervalSeconds=0",
                "--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9"
            ]);
        using var admin = await app.AdminAsync();
        var config = Configs.Body("fake");
        config["token_url"] = host.Url + "/token";
        using var put = await admin.PutConfigAsync(config);
        await app.Services.GetRequiredService<OauthConnectionStore>().SaveAsync(
            new() { Account = "acme", Actor = "test", IntegrationId = "fake", ConnectionId = "c" },
            new("access", "refresh", "Bearer", TimeSpan.FromHours(1)),
            DateTimeOffset.UtcNow,
            default);
        using var user = await app.ClientAsync("acme", "developer");
        var caller = ActivityTraceId.CreateRandom().ToHexString();
        user.DefaultRequestHeaders.Add("traceparent", $"00-{caller}-{ActivitySpanId.CreateRandom().ToHexString()}-01");
        user.DefaultRequestHeaders.Add("baggage", "secret=" + app.Canary);

        using var renewed = await user.PostAsJsonAsync(
            "/hub/integrations/fake/oauth-refresh-token/c", new { refresh_token = "refresh" });
        var collection = await user.CollectionAsync("workflow");
        var workflow = await user.WorkflowAsync(
            collection, "called", $$"""{"nodes":[{"data":{"id":"c","node_type":"http","payload":{"url":"{{host.Url}}/x"} } }],"edges":[]}""");
        var run = await user.CallAsync(
            "POST", $"/hub/workflows/{collection}/{workflow}/run?draft=true", """{"trigger":{},"await":true}""");

        Assert.That(((int)renewed.StatusCode, run.Status), Is.EqualTo((200, 200)), run.ToString());
        Assert.That(host.Requests.Select(request => request.Path), Is.EquivalentTo(new[] { "/token", "/x" }));
        Assert.That(host.Requests.SelectMany(request => request.Headers.Keys.Select(key => key.ToLowerInvariant()))
            .Intersect(Headers), Is.Empty);
        Assert.That(
            host.Requests.SelectMany(request => request.Headers.Values).Select(value => value.ToString()),
            Has.None.Contains(caller).And.None.Contains(app.Canary));
    }
}
