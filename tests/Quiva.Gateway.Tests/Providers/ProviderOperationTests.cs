using System.Net;
using System.Net.Http.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ProviderOperationTests(DatabaseProvider engine)
{
    private GatewayApp app = null!;
    private HttpClient client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(engine);
        client = await app.ClientAsync("acme", "monitor");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    [Test]
    public async Task Without_credentials_it_is_refused([Values("/hub/providers", "/hub/providers/github")] string path)
    {
        using var anonymous = app.Client();
        using var response = await anonymous.GetAsync(path);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Every_role_reads_it()
    {
        foreach (var role in OneOfAttribute.TextsOf(typeof(Role)))
        {
            using var caller = await app.ClientAsync("acme", role);
            using var list = await caller.GetAsync("/hub/providers?limit=1");
            using var one = await caller.GetAsync("/hub/providers/github");
            Assert.That((list.StatusCode, one.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)), role);
        }
    }

    [Test]
    public async Task One_is_read_with_what_is_unsure()
    {
        var github = (await client.GetFromJsonAsync<Provider>("/hub/providers/github"))!;
        Assert.That((github.Provider_id, github.Name), Is.EqualTo(("github", "GitHub")));
        Assert.That(github.Config.Token_url, Is.EqualTo("https://github.com/login/oauth/access_token"));
        Assert.That(github.Config.Allowed_hosts, Does.Contain("api.github.com"));
        Assert.That(github.Unsure, Has.One.StartsWith("allowed_hosts: api.github.com"));
    }

    [TestCase("payfit", 404)]
    [TestCase("git", 404)]
    [TestCase("GitHub", 400)]
    public async Task What_is_absent_is_not_found(string id, int status)
    {
        using var response = await client.GetAsync("/hub/providers/" + id);
        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        if (status == 404)
        {
            Assert.That(await response.ErrorAsync(), Is.EqualTo("The catalogue has no such provider."));
        }
    }

    [Test]
    public async Task Parts_hold_every_provider_once_and_in_order([Values(1, 7, 1000)] int limit)
    {
        var found = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var part = (await client.GetFromJsonAsync<ProviderList>(
                $"/hub/providers?limit={limit}{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}"))!;
            Assert.That(part.Results, Has.Count.InRange(1, limit));
            Assert.That(part.Results_total, Is.EqualTo(CatalogueTests.All.Count));
            found.AddRange(part.Results.Select(provider => provider.Provider_id));
            cursor = part.Next_cursor;
        }

        var whole = (await client.GetFromJsonAsync<ProviderList>("/hub/providers"))!;
        Assert.That(found, Is.EqualTo(CatalogueTests.All.Select(provider => provider.Provider_id)).And.Ordered
            .Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(whole.Results.Select(provider => provider.Provider_id), Is.EqualTo(found));
        Assert.That(whole.Next_cursor, Is.Null);
    }

    [TestCase("GITH", "github")]
    [TestCase("hub", "github,hubspot")]
    [TestCase("Help Scout", "helpscout-mailbox")]
    [TestCase("no such provider", "")]
    [TestCase("%25", "")]
    public async Task A_search_looks_into_identifiers_and_names_in_any_case(string search, string found)
    {
        var list = (await client.GetFromJsonAsync<ProviderList>("/hub/providers?search=" + search))!;
        Assert.That(string.Join(',', list.Results.Select(provider => provider.Provider_id)), Is.EqualTo(found));
        Assert.That(list.Results_total, Is.EqualTo(list.Results.Count));
    }

    [Test]
    public async Task A_search_comes_in_parts_too()
    {
        var first = (await client.GetFromJsonAsync<ProviderList>("/hub/providers?search=hub&limit=1"))!;
        var second = (await client.GetFromJsonAsync<ProviderList>(
            "/hub/providers?search=hub&limit=1&cursor=" + first.Next_cursor))!;
        Assert.That(
            (first.Results.Single().Provider_id, second.Results.Single().Provider_id, second.Next_cursor),
            Is.EqualTo(("github", "hubspot", default(string))));
    }

    [TestCase("cursor=abc%3D")]
    [TestCase("cursor=a")]
    [TestCase("cursor=_w")]
    [TestCase("limit=0")]
    [TestCase("limit=x")]
    public async Task A_bad_place_in_the_list_is_refused(string query)
    {
        using var response = await client.GetAsync("/hub/providers?" + query);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await response.ErrorAsync(), Does.StartWith(query.Split('=')[0]));
    }
}
