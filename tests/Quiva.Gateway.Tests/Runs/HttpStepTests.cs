using Microsoft.AspNetCore.Http;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Steps that call outside: what they send, what they may reach, and what comes of bad answers.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HttpStepTests(DatabaseProvider engine) : RunFixture(engine)
{
    protected override string[] MoreSettings =>
        ["--Oauth:AllowedNetworks:0=127.0.0.0/8", "--Oauth:SweepIntervalSeconds=0"];

    [SetUp]
    public void AnswerAsEver() => Target.Answer = Target.Echo;

    private Task<Reply> CallAsync(string payload, string more = "", string trigger = "{}") =>
        CallOfTypeAsync("http", payload, more, trigger);

    private async Task<Reply> CallOfTypeAsync(string type, string payload, string more, string trigger = "{}") =>
        await RunAsync(await FlowAsync(
            $$"""{"id":"c","node_type":"{{type}}","payload":{{payload}}{{more}} }""", "", "\"result\":\"c\""), trigger);

    [Test]
    public async Task A_request_is_sent_as_configured()
    {
        var reply =
            await CallAsync(
                $$"""{"base_url":"{{Target.Url}}/v1/","url":"/items/|$.trigger.id","method":"post","query":{"a":["1","2"],"b":"x y"},"headers":{"X-One":"{trigger.id}"},"data":{"n":"$.trigger.n"} }""",
                "",
                """{"id":7,"n":1.50}""");
        Assert.That(
            (reply.Status, (int)reply.Json["result"]!["status"]!, (string)reply.Json["result"]!["data"]!["path"]!),
            Is.EqualTo((200, 200, "/v1/items/7")));
        var sent = Target.Requests.Last();
        Assert.That(
            (sent.Path, sent.Body, sent.Headers["X-One"].ToString(), sent.Headers.ContentType.ToString()),
            Is.EqualTo(("/v1/items/7?a=1&a=2&b=x%20y", """{"n":1.50}""", "7", "application/json")));
        Assert.That(
            sent.Headers["Idempotency-Key"].ToString(),
            Is.EqualTo(((string)reply.Json["trackingId"]!).Split('.')[3] + ":c"));
    }

    [TestCase("http://localhost.example/", "the host does not resolve, or resolves to an address that is refused")]
    [TestCase("http://10.0.0.1/", "the host does not resolve, or resolves to an address that is refused")]
    [TestCase(
        "https://169.254.169.254/latest/meta-data",
        "the host does not resolve, or resolves to an address that is refused")]
    [TestCase("https://[::1]/", "the host does not resolve, or resolves to an address that is refused")]
    [TestCase("https://[::ffff:127.0.0.1]/", "the host does not resolve, or resolves to an address that is refused")]
    [TestCase("https://167772161/", "the host does not resolve, or resolves to an address that is refused")]
    [TestCase("http://8.8.8.8/", "the host does not resolve, or resolves to an address that is refused")]
    [TestCase("https://8.8.8.8:22/", "the host does not resolve, or resolves to an address that is refused")]
    [TestCase("https://user@example.com/", "url must not have user information")]
    [TestCase("https://@example.com/", "url must not have user information")]
    [TestCase("file:///etc/passwd", "url must be an absolute https URL")]
    [TestCase("gopher://127.0.0.1/", "url must be an absolute https URL")]
    [TestCase("/only/a/path", "url must be an absolute https URL")]
    public async Task What_may_not_be_reached_is_not(string url, string error)
    {
        // By a reference, as an attacker who fills the trigger would.
        var reply = await CallAsync("""{"url":"$.trigger.u"}""", "", $$"""{"u":"{{url}}"}""");
        Assert.That(reply.Status, Is.EqualTo(422), reply.ToString());
        Assert.That(reply.Error, Is.EqualTo(error));
    }

    [TestCase("""{"Host":"internal"}""", "the header Host can't be set")]
    [TestCase("""{"Transfer-Encoding":"chunked"}""", "the header Transfer-Encoding can't be set")]
    [TestCase("""{"X-A":"$.trigger.h"}""", "a header has characters that are not allowed")]
    [TestCase("""{"X A":"b"}""", "a header has characters that are not allowed")]
    public async Task A_header_can_t_change_the_request(string headers, string error) =>
        Assert.That((await CallAsync(
            $$"""{"url":"{{Target.Url}}/x","headers":{{headers}} }""",
            "",
            """{"h":"a\r\nHost: b"}""")).Error, Is.EqualTo(error));

    [Test]
    public async Task A_redirect_is_not_followed()
    {
        Target.Answer = context =>
        {
            context.Response.Redirect("http://169.254.169.254/latest");
            return Task.CompletedTask;
        };
        var reply = await CallAsync($$"""{"url":"{{Target.Url}}/r"}""");
        Assert.That(
            (reply.Error, (int)reply.Json["status_code"]!),
            Is.EqualTo(("the answer is a redirect, which is not followed", 302)));
        Assert.That(
            (int)(await CallAsync(
                $$"""{"url":"{{Target.Url}}/r"}""",
                ",\"options\":{\"ignore_response_codes\":[302]}")).Json["result"]!["status"]!,
            Is.EqualTo(302));
    }

    [Test]
    public async Task Large_slow_and_broken_answers_are_bounded()
    {
        Target.Answer = async context => await context.Response.Body.WriteAsync(new byte[20 * 1024 * 1024]);
        Assert.That(
            (await CallAsync($$"""{"url":"{{Target.Url}}/l"}""")).Error, Is.EqualTo("the answer is larger than 1 MiB"));
        Target.Answer = async context =>
        {
            for (var i = 0; i < 100; i++)
            {
                await context.Response.WriteAsync("x");
                await context.Response.Body.FlushAsync();
                await Task.Delay(50);
            }
        };
        Assert.That(
            (await CallAsync($$"""{"url":"{{Target.Url}}/s"}""", ",\"options\":{\"timeout\":300}")).Error,
            Is.EqualTo("the answer did not come in time"));
        Target.Answer = context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(new string('[', 100_000));
        };
        Assert.That(
            (await CallAsync($$"""{"url":"{{Target.Url}}/b"}""")).Status, Is.EqualTo(200), "What is no JSON is text.");
    }

    [Test]
    public async Task A_failure_is_tried_again_as_often_as_configured()
    {
        Target.Answer = context =>
        {
            context.Response.StatusCode = Target.Requests.Count(request => request.Path == "/again") < 3 ? 503 : 200;
            return context.Response.WriteAsync("done");
        };
        var reply =
            await CallAsync($$"""{"url":"{{Target.Url}}/again"}""", ",\"options\":{\"attempts\":3,\"backoff_ms\":20}");
        Assert.That(
            (reply.Status, (string?)reply.Json["result"]?["data"]), Is.EqualTo((200, "done")), reply.ToString());
        Assert.That(Target.Requests.Where(request => request.Path == "/again")
            .Select(request => request.Headers["Idempotency-Key"].ToString())
            .Distinct()
            .Count(), Is.EqualTo(1));
        Target.Answer = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var failed = await CallAsync($$"""{"url":"{{Target.Url}}/never"}""", ",\"options\":{\"attempts\":2}");
        Assert.That(
            (failed.Error, Target.Requests.Count(request => request.Path == "/never")),
            Is.EqualTo(("the answer has status 500", 2)));
    }

    [Test]
    public async Task A_connection_s_token_goes_to_its_integration_alone()
    {
        await ConnectAsync("fake", Target.Url + "/token");
        var reply =
            await CallOfTypeAsync("integration", $$"""{"url":"{{Target.Url}}/me"}""", ",\"oauth\":\"fake.maria\"");
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        Assert.That(Target.Requests.Last().Headers.Authorization.ToString(), Is.EqualTo("Bearer access-secret"));
        var run = ((string)reply.Json["trackingId"]!).Split('.')[3];
        Assert.That((await ReadAsync(run)).ToJsonString() + App.Logs, Does.Not.Contain("access-secret"));

        // The integration's host is another one: the token stays, whatever the payload says.
        await ConnectAsync("elsewhere", "https://127.0.0.2/token");
        var stolen = await CallOfTypeAsync(
            "integration",
            $$"""{"url":"$.trigger.u"}""",
            ",\"oauth\":\"elsewhere.maria\"",
            $$"""{"u":"{{Target.Url}}/steal"}""");
        Assert.That(stolen.Error, Is.EqualTo("the host is none of those that the integration's tokens may be sent to"));
        Assert.That(Target.Requests.Any(request => request.Path == "/steal"), Is.False);
        Assert.That((await CallOfTypeAsync(
            "integration",
            $$"""{"url":"{{Target.Url}}/me","headers":{"authorization":"x"} }""",
            ",\"oauth\":\"fake.maria\"")).Error, Is.EqualTo("the header Authorization can't be set beside oauth"));
        Assert.That((await CallOfTypeAsync(
            "integration",
            $$"""{"url":"{{Target.Url}}/me"}""",
            ",\"oauth\":\"fake.nobody\"")).Error, Is.EqualTo("there is no such connection"));

        // A token that is refused is renewed once, and the call made once more.
        Target.Answer = context =>
        {
            context.Response.StatusCode = context.Request.Path == "/token"
                || context.Request.Headers.Authorization.ToString().Contains("renewed", StringComparison.Ordinal)
                    ? 200
                    : 401;
            return context.Request.Path == "/token"
                ? context.Response.WriteAsJsonAsync(FakeProvider.Tokens("renewed"))
                : context.Response.WriteAsync("ok");
        };
        var renewed =
            await CallOfTypeAsync("integration", $$"""{"url":"{{Target.Url}}/renew"}""", ",\"oauth\":\"fake.maria\"");
        Assert.That(
            (renewed.Status, Target.Requests.Count(request => request.Path == "/renew")),
            Is.EqualTo((200, 2)),
            renewed.ToString());
    }
}
