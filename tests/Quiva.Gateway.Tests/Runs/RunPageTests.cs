using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>The page that shows a run, and the one for people that asks for a key.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunPageTests(DatabaseProvider engine) : RunFixture(engine)
{
    private const string Hostile = "</title></text></svg><script>alert(1)</script><img src=x onerror=alert(2)>\\\"'&{{x}}\\u202e";

    [Test]
    public async Task A_run_that_has_succeeded_is_drawn_with_its_steps()
    {
        var run = await StartAsync(await FlowAsync("""{"id":"a","name":"First step","node_type":"map","payload":1},{"id":"b","node_type":"map","payload":2}""", "a>b"));
        await UntilAsync(run, "succeeded");
        var (page, policy) = await PageAsync(run);
        Assert.That(page, Does.Contain("<h1>Run: succeeded</h1>").And.Not.Contain("http-equiv").And.Not.Contain("<script"));
        Assert.That(policy, Does.StartWith("default-src 'none'; style-src 'sha256-").And.Not.Contain("script-src").And.Not.Contain("unsafe"));
        var picture = Picture(page);
        Assert.That(Labels(picture), Has.All.Matches(" succeeded, [0-9]+ ms$"));
        Assert.That(Labels(picture).Select(label => label.Split(',')[0]), Is.EqualTo(new[] { "First step: succeeded", "b: succeeded" }));
        Assert.That(picture.Descendants().Count(element => element.Name.LocalName == "path" && (string?)element.Attribute("class") == "edge taken"), Is.EqualTo(1));
        Assert.That(Regex.Matches(page, "<tr id=\"step-[01]\" tabindex=\"-1\">"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_run_that_goes_on_is_loaded_again()
    {
        var run = await StartAsync(await FlowAsync("""{"id":"d","node_type":"delay","payload":{"time_ms":600000}},{"id":"q","node_type":"input","payload":{}}"""));
        await UntilAsync(run, "waiting");
        var (page, _) = await PageAsync(run);
        Assert.That(page, Does.Contain("<meta http-equiv=\"refresh\" content=\"5\">").And.Contain("data-ended=\"false\""));
        Assert.That(Labels(Picture(page))[0], Does.StartWith("d: waiting until "));
        Assert.That(Labels(Picture(page))[1], Is.EqualTo("q: waits for an answer"));
        await Client.CallAsync("POST", $"/hub/workflows/runs/{run}/cancel");
        Assert.That((await PageAsync(run)).Page, Does.Contain("<h1>Run: cancelled</h1>").And.Not.Contain("http-equiv"));
    }

    [Test]
    public async Task A_failure_says_where_to_those_who_may_read_why()
    {
        Target.Answer = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var run = await StartAsync(await FlowAsync($$"""{"id":"h","name":"Ask the provider","node_type":"http","payload":{"url":"{{Target.Url}}/"},"options":{"attempts":2} },{"id":"e","node_type":"map","payload":1}""", "h>e"));
        await UntilAsync(run, "failed");
        var (page, _) = await PageAsync(run);
        Assert.That(page, Does.Contain("Failed at <a href=\"#step-0\"><bdi>Ask the provider</bdi></a>: <bdi>the answer has status 500</bdi>"));
        Assert.That(Labels(Picture(page))[0], Does.Match("^Ask the provider: failed, [0-9]+ ms, 2 attempts$"));
        Assert.That(Labels(Picture(page))[1], Is.EqualTo("e: skipped"));
        var (seen, _) = await PageAsync(run, await ClientAsync("monitor"));
        Assert.That(seen, Does.Contain("Failed at <a").And.Not.Contain("the answer has status 500"));
    }

    [Test]
    public async Task What_a_step_is_called_is_text_and_nothing_else()
    {
        var nodes = $$$"""{"id":"a","name":"{{{Hostile}}}","node_type":"error","payload":{"message":"{{{Hostile}}}"}}""";
        var run = await StartAsync(await FlowAsync(nodes));
        await UntilAsync(run, "failed");
        var (page, _) = await PageAsync(run);
        Assert.That(page, Does.Not.Contain("<script").And.Not.Contain("<img").And.Contain("&lt;script&gt;").And.Contain("&#x202E;"));
        Assert.That(Picture(page).DescendantsAndSelf().Attributes().Where(attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal)), Is.Empty);
        Assert.That(Labels(Picture(page)).Single(), Does.StartWith("</title></text></svg><script>"), "It is one attribute of a document that is well-formed.");
    }

    [Test]
    public async Task A_page_is_for_those_who_may_see_the_run()
    {
        var run = await StartAsync(await FlowAsync("""{"id":"a","node_type":"map","payload":1}"""));
        using var stranger = await App.ClientAsync("another", "root");
        using var nobody = App.Client();
        foreach (var (client, status) in new[] { (nobody, 401), (await ClientAsync("billing"), 403), (stranger, 404) })
        {
            using var response = await SendAsync(run, client, "text/html");
            Assert.That(((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType), Is.EqualTo((status, "application/json")));
        }

        using var absent = await SendAsync(Guid.NewGuid().ToString(), Client, "text/html");
        Assert.That((int)absent.StatusCode, Is.EqualTo(404));
        using var json = await SendAsync(run, Client, "*/*");
        Assert.That(json.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/json"), "Who asks for anything gets JSON.");
    }

    [Test]
    public async Task The_page_for_people_loads_nothing_and_runs_its_own_script_alone()
    {
        using var nobody = App.Client();
        using var response = await nobody.GetAsync("/runs");
        var page = await response.Content.ReadAsStringAsync();
        var script = Regex.Match(page, "<script>(.*?)</script>", RegexOptions.Singleline).Groups[1].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain($"script-src 'sha256-{hash}'; connect-src 'self';").And.Not.Contain("unsafe"));
        Assert.That(response.Headers.CacheControl!.NoStore);
        Assert.That(Regex.Matches(page, "https?://"), Is.Empty);
        Assert.That(script, Does.Not.Contain("localStorage").And.Not.Contain("sessionStorage").And.Not.Contain("cookie").And.Not.Contain("innerHTML ="));
        Assert.That(Regex.Matches(page, "<input(?![^>]*type=\"checkbox\")[^>]*autocomplete=\"off\""), Has.Count.EqualTo(2), "Browsers keep neither key nor run.");
    }

    private async Task<(string Page, string Policy)> PageAsync(string run, HttpClient? client = null)
    {
        using var response = await SendAsync(run, client ?? Client, "text/html");
        Assert.That((int)response.StatusCode, Is.EqualTo(200));
        Assert.That(response.Headers.CacheControl!.NoStore);
        return (await response.Content.ReadAsStringAsync(), response.Headers.GetValues("Content-Security-Policy").Single());
    }

    private static async Task<HttpResponseMessage> SendAsync(string run, HttpClient client, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hub/workflows/runs/" + run);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        return await client.SendAsync(request);
    }

    private static XElement Picture(string page) => XElement.Parse(Regex.Match(page, "<svg.*</svg>", RegexOptions.Singleline).Value);

    private static List<string> Labels(XElement picture) =>
        [.. picture.Elements().Where(element => element.Name.LocalName == "a").Select(element => (string)element.Attribute("aria-label")!)];
}
