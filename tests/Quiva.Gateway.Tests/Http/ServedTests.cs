using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Http;

public sealed class ServedTests
{
    private GatewayApp app = null!;
    private HttpClient anyone = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        anyone = app.Client();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        anyone.Dispose();
        await app.DisposeAsync();
    }

    [Test]
    public async Task The_contract_is_served_as_it_is_checked_in()
    {
        using var response = await anyone.GetAsync("/openapi/gateway.yaml");
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.EqualTo(ServedContract.Bytes));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/yaml"));
    }

    [Test]
    public async Task Swagger_UI_runs_nothing_but_its_own_scripts()
    {
        using var entrance = await anyone.GetAsync("/swagger");
        Assert.That(entrance.Headers.Location!.ToString(), Does.Contain("index.html?url=/openapi/swagger.yaml"));
        using var response = await anyone.GetAsync("/swagger/index.html");
        var page = (await response.Content.ReadAsStringAsync()).ReplaceLineEndings("\n");
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        var script = Regex.Match(page, "<script>(.*?)</script>", RegexOptions.Singleline).Groups[1].Value;
        Assert.That(policy, Does.StartWith("default-src 'none'; script-src 'self' 'sha256-" + Convert.ToBase64String(
            SHA256.HashData(Encoding.UTF8.GetBytes(script)))));
        Assert.That(policy, Does.Not.Contain("script-src 'self' 'unsafe-inline'").And.Contain("connect-src 'self'"));
        using var bundle = await anyone.GetAsync("/swagger/swagger-ui-bundle.js");
        Assert.That(bundle.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Swagger_UI_preselects_the_gateway_that_serves_it()
    {
        var served = new ContractDocument(await anyone.GetStringAsync("/openapi/swagger.yaml"));
        var contract = new ContractDocument(Encoding.UTF8.GetString(ServedContract.Bytes));
        var urls = served.Root["servers"]!.Items!.Select(server => server["url"]!.Text).ToList();
        Assert.That(urls[0], Is.EqualTo("/"));
        Assert.That(urls, Is.EquivalentTo(contract.Root["servers"]!.Items!.Select(server => server["url"]!.Text)));
        Assert.That(
            served.Root["paths"]!.ToJson()!.ToJsonString(),
            Is.EqualTo(contract.Root["paths"]!.ToJson()!.ToJsonString()));
    }

    [TestCase("/health/live")]
    [TestCase("/health/ready")]
    public async Task Health_is_open(string path) =>
        Assert.That(await anyone.GetStringAsync(path), Is.EqualTo("Healthy"));

    [Test]
    public async Task Answers_are_not_stored_by_caches_nor_sniffed()
    {
        using var response = await anyone.GetConfigAsync("slack");
        Assert.That(response.Headers.CacheControl!.NoStore);
        Assert.That(response.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
        Assert.That(response.Headers.Server, Is.Empty);
    }
}

public sealed class RateLimitTests
{
    [Test]
    public async Task Each_caller_and_each_address_without_credentials_has_a_bucket_of_its_own()
    {
        await using var app = await GatewayApp.StartAsync(
            DatabaseProvider.Sqlite, "--RateLimit:Enabled=true", "--RateLimit:CallerBurst=3", "--RateLimit:CallerPerSecond=1", "--RateLimit:AddressBurst=2", "--RateLimit:AddressPerSecond=1");
        using var one = await app.ClientAsync("one", "developer");
        using var two = await app.ClientAsync("two", "developer");
        using var wrong = app.Client(headers => headers.Add("X-Api-Key", "wrong"));
        Assert.That(await StatusesAsync(one, 4), Is.EqualTo(new[] { 404, 404, 404, 429 }));
        Assert.That(await StatusesAsync(wrong, 3), Is.EqualTo(new[] { 401, 401, 429 }));
        Assert.That(await StatusesAsync(two, 1), Is.EqualTo(new[] { 404 }));
        Assert.That(await StatusesAsync(two, 1, "/health/live"), Is.EqualTo(new[] { 200 }));
    }

    private static async Task<List<int>> StatusesAsync(
        HttpClient client, int count, string path = "/hub/integrations/slack/oauth-config")
    {
        var statuses = new List<int>();
        for (var i = 0; i < count; i++)
        {
            using var response = await client.GetAsync(path);
            statuses.Add((int)response.StatusCode);
        }

        return statuses;
    }
}
