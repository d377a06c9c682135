using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Tests.Oauth;
using Quiva.Gateway.Tests.Runs;
using static SQLitePCL.raw;

namespace Quiva.Gateway.Tests.Operating;

/// <summary>
/// What Prometheus gets from a gateway to which everything has happened once, and what asks for it: dashboard, alarms,
/// documentation.
/// </summary>
public sealed class MetricsTests
{
    private FakeProvider provider = null!;
    private Target target = null!;
    private GatewayApp app = null!;
    private string scrape = "";
    private Dictionary<string, HashSet<string>> metrics = [];

    [OneTimeSetUp]
    public async Task LetEverythingHappenAsync()
    {
        provider = await FakeProvider.StartAsync();
        target = await Target.StartAsync();
        app = await GatewayApp.StartAsync(
            DatabaseProvider.Sqlite,
            [
                .. RunFixture.Settings, "--Oauth:AllowedNetworks:0=127.0.0.0/8", "--Oauth:SweepIntervalSeconds=1", "--Gateway:PublicUrl=https://api.quiva.ai",
                "--RateLimit:Enabled=true", "--RateLimit:AddressPerSecond=1", "--RateLimit:AddressBurst=10", "--Metrics:Url=http://127.0.0.1:0",
            ]);
        await ConnectAndRenewAsync();
        await RunAsync();
        await MeetTheLimitsAsync();
        await FailAsync();
        for (var wait = 0; wait < 100 && !(scrape = await ScrapeAsync())
            .Contains("quiva_gateway_oauth_sweeps_total", StringComparison.Ordinal); wait++)
        {
            await Task.Delay(100);
        }

        metrics = PrometheusText.MetricsOf(scrape);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await app.DisposeAsync();
        await target.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Test]
    public async Task Metrics_are_on_a_port_of_their_own_and_nothing_else_is()
    {
        Assert.That(scrape, Does.Not.Contain(app.Canary).And.Not.Contain("acme").And.Not.Contain("127.0.0.1:9"));
        using var client = await app.ClientAsync("acme", "client");
        using var elsewhere = await client.GetAsync("/metrics");
        using var own = new HttpClient { BaseAddress = app.Services.GetRequiredService<MetricsServer>().Address };
        using var operation = await own.GetAsync("/hub/nodes");
        Assert.That(((int)elsewhere.StatusCode, (int)operation.StatusCode), Is.EqualTo((404, 404)));
    }

    [Test]
    public void Calls_to_providers_are_counted_without_their_hosts() => Assert.That(
        scrape.Split('\n').Where(line => line.StartsWith("http_client_request_duration_seconds_count", StringComparison.Ordinal)),
        Is.Not.Empty.And.All.Not.Contain("server_"));

    [Test]
    public void The_dashboard_asks_for_what_there_is()
    {
        var panels = JsonNode.Parse(RepositoryFiles.Read("build", "grafana", "gateway.json"))!["panels"]!.AsArray();
        var expressions = panels.SelectMany(panel => panel!["targets"]?.AsArray() ?? [])
            .Select(query => (string)query!["expr"]!)
            .ToList();
        Assert.That(expressions, Has.Count.GreaterThan(20));
        Assert.That(panels.Select(panel => (int)panel!["id"]!), Is.Unique);
        AssertServed(expressions);
    }

    [Test]
    public void Each_alarm_asks_for_what_there_is_is_explained_and_has_a_case_that_fires_it()
    {
        var file = RepositoryFiles.Read("build", "prometheus", "alerts.yaml");
        var rules = file.Split("- alert: ")
            .Skip(1)
            .Select(text => (Name: text[..text.IndexOf('\n', StringComparison.Ordinal)], Text: text))
            .ToList();
        Assert.That(rules, Has.Count.GreaterThan(10));
        AssertServed(
            rules.Select(
                rule => rule.Text[(rule.Text.IndexOf("expr:", StringComparison.Ordinal) + 5)..rule.Text.IndexOf(
                    "labels: {", StringComparison.Ordinal)].Replace(">-", "", StringComparison.Ordinal)));
        var (cases, explained) = (RepositoryFiles.Read(
            "build", "prometheus", "alerts.test.yaml"), RepositoryFiles.Read("docs", "operations.md"));
        Assert.That(rules.Select(rule => rule.Name)
            .Where(name => !cases.Contains($"- name: {name} fires", StringComparison.Ordinal)), Is.Empty);
        Assert.That(rules.Select(rule => rule.Name)
            .Where(name => !cases.Contains($"{{ alertname: {name}, ", StringComparison.Ordinal)), Is.Empty);
        Assert.That(rules.Select(rule => rule.Name)
            .Where(name => !explained.Contains($"| `{name}` |", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Each_of_the_gateway_s_own_metrics_is_documented_and_no_other()
    {
        var published = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name.StartsWith("Quiva.Gateway", StringComparison.Ordinal))
            {
                published.Add(instrument.Name);
            }
        };
        listener.Start();
        var documented = RepositoryFiles.Read("docs", "metrics.md").Split('\n')
            .Where(line => line.StartsWith("| `quiva.gateway.", StringComparison.Ordinal)
                || line.StartsWith("| `gateway.", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]);
        Assert.That(documented, Is.EquivalentTo(published.Distinct()));
    }

    private void AssertServed(IEnumerable<string> expressions)
    {
        Assert.Multiple(() =>
        {
            foreach (var expression in expressions)
            {
                var selectors = PrometheusText.SelectorsOf(expression).ToList();
                foreach (var (metric, labels) in selectors)
                {
                    Assert.That(metrics.Keys, Does.Contain(metric), expression);
                    Assert.That(labels, Is.SubsetOf(metrics.GetValueOrDefault(metric, [])), expression);
                }

                Assert.That(
                    PrometheusText.GroupsOf(expression),
                    Is.SubsetOf(selectors.SelectMany(selector => metrics.GetValueOrDefault(selector.Metric, []))),
                    expression);
            }
        });
    }

    private async Task<string> ScrapeAsync()
    {
        using var prometheus =
            new HttpClient { BaseAddress = app.Services.GetRequiredService<MetricsServer>().Address };
        return await prometheus.GetStringAsync("/metrics");
    }

    private async Task ConnectAndRenewAsync()
    {
        using var admin = await app.AdminAsync();
        using var put = await admin.PutConfigAsync(provider.Config("fake"));
        await app.Services.GetRequiredService<OauthConnectionStore>().SaveAsync(
            new() { Account = "acme", Actor = "test", IntegrationId = "fake", ConnectionId = "c" },
            new("access", "refresh", "Bearer", TimeSpan.FromHours(1)),
            DateTimeOffset.UtcNow,
            default);
        using var user = await app.ClientAsync("acme", "client");
        using var renewed = await user.PostAsJsonAsync(
            "/hub/integrations/fake/oauth-refresh-token/c", new { refresh_token = "refresh" });
        using var read = await user.GetAsync("/hub/integrations/fake/oauth-token/c");
        using var probe = app.Client();
        using var ready = await probe.GetAsync("/health/ready");
        Assert.That(
            new[] { put, renewed, read, ready }.Select(response => (int)response.StatusCode), Has.All.EqualTo(200));
    }

    private async Task RunAsync()
    {
        using var developer = await app.ClientAsync("acme", "developer");
        var collection = await developer.CollectionAsync("workflow");
        var workflow = await developer.WorkflowAsync(
            collection, "called", $$"""{"nodes":[{"data":{"id":"c","node_type":"http","payload":{"url":"{{target.Url}}/x"} } }],"edges":[]}""");
        var reply = await developer.CallAsync(
            "POST", $"/hub/workflows/{collection}/{workflow}/run?draft=true", """{"trigger":{},"await":true}""");
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
    }

    private async Task MeetTheLimitsAsync()
    {
        using var unknown = app.Client(headers => headers.Add(ApiKeyHandler.HeaderName, app.Canary));
        for (var i = 0; i < 20; i++)
        {
            using var rejected = await unknown.GetAsync("/hub/nodes");
            Assert.That((int)rejected.StatusCode, Is.EqualTo(401).Or.EqualTo(429));
        }
    }

    private async Task FailAsync()
    {
        var attempts = 0;
        await app.Database.InTransactionAsync(
            _ => attempts++ == 0 ? Task.FromException<int>(new LostRaceException()) : Task.FromResult(0), default);
        Assert.That(
            async () => await app.Database.InTransactionAsync(
                _ => Task.FromException<int>(new SqliteException("full", SQLITE_FULL)), default),
            Throws.TypeOf<GatewayException>());
        // As SqlClient says it.
        using var client = new DiagnosticListener("SqlClientDiagnosticListener");
        using var connection = new SqlConnection("Server=sql.example.com;Database=Gateway");
        using var command = new SqlCommand(ApiKeyStore.ListSql.SqlServer, connection);
        var id = Guid.NewGuid();
        client.Write(
            "Microsoft.Data.SqlClient.WriteCommandBefore",
            new { OperationId = id, Operation = "ExecuteReader", ConnectionId = id, Command = command });
        client.Write(
            "Microsoft.Data.SqlClient.WriteCommandAfter",
            new { OperationId = id, Operation = "ExecuteReader", ConnectionId = id, Command = command });
    }
}
