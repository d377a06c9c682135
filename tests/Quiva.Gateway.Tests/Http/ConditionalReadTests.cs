using System.Net;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Contract;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Http;

/// <summary>304 for what the caller has (RFC 9110, section 13.1.2), and the headers that tell of limits.</summary>
public sealed class ConditionalReadTests
{
    private GatewayApp app = null!;
    private HttpClient client = null!;
    private string path = "", tag = "";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(
            DatabaseProvider.Sqlite,
            "--RateLimit:Enabled=true",
            "--RateLimit:CallerPerSecond=1",
            "--RateLimit:CallerBurst=100");
        client = await app.ClientAsync("acme", "developer");
        path = "/hub/collections/node/" + await client.CollectionAsync("node");
        tag = (await client.CallAsync("GET", path)).ETag!;
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    [TestCase("~", true)]
    [TestCase("W/~", true)]
    [TestCase("*", true)]
    [TestCase("\"other\", W/\"x\", ~", true)]
    [TestCase("\"other\"", false)]
    public async Task What_the_caller_has_is_not_sent_again(string known, bool isKnown)
    {
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.TryAddWithoutValidation("If-None-Match", known.Replace("~", tag, StringComparison.Ordinal));
            using var response = await client.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            Assert.That(
                (response.StatusCode, response.Headers.ETag?.ToString()),
                Is.EqualTo((isKnown ? HttpStatusCode.NotModified : HttpStatusCode.OK, tag)));
            Assert.That(body, isKnown || method == HttpMethod.Head ? Is.Empty : Is.Not.Empty);
        }
    }

    [TestCase("7")]
    [TestCase("")]
    public async Task A_malformed_condition_is_refused(string known)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", known);
        using var response = await client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public void Every_read_with_an_entity_tag_declares_it() => Assert.That(
        new ContractDocument(CheckedIn.Contract).Operations
            .Where(operation => operation.Method == "get" && operation.Responses.Any(
                found => found.Status == "200" && found.Response["headers"]?["ETag"] is not null))
            .Where(operation => operation.Responses.All(found => found.Status != "304")
                || operation.Parameters.All(found => found.Parameter["name"]?.Text != "If-None-Match"))
            .Select(operation => operation.Name),
        Is.Empty);

    [Test]
    public async Task Answers_tell_of_the_limit_and_of_what_is_left()
    {
        using var other = await app.ClientAsync("other", "developer");
        using var first = await other.GetAsync("/hub/collections");
        using var second = await other.GetAsync("/hub/collections/node/1");
        using var nobody = app.Client();
        using var refused = await nobody.GetAsync("/hub/collections");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Header(first, "RateLimit"), Is.EqualTo("\"caller\";r=99;t=1"));
            Assert.That(Header(first, "RateLimit-Policy"), Is.EqualTo("\"caller\";q=100;w=100"));
            Assert.That(Header(second, "RateLimit"), Does.Match("^\"caller\";r=9[89];t=[12]$"), "404 tells it too.");
            Assert.That(Header(refused, "RateLimit-Policy"), Is.EqualTo("\"address\";q=50;w=10"));
        }
    }

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.GetValues(name).Single();
}
