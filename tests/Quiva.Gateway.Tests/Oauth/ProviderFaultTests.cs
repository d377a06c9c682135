using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Moq;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>A provider that misbehaves on demand: a clear sentence, nothing stored, and never its own text.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ProviderFaultTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    private const string Form = "application/x-www-form-urlencoded", Json = "application/json";
    private const string Refused = "The provider no longer accepts this code or refresh token. Sign in again.";
    private const string BadAnswer = "The provider gave an answer that is no token response.";
    private const string BadClient =
        "The provider refuses the gateway's client credentials or PKCE; the platform's staff has to correct the OAuth configuration.";

    private static IEnumerable<TestCaseData> Faults()
    {
        TestCaseData Case(string name, Func<HttpContext, Task> answer, int status, string text) =>
            new TestCaseData(answer, status, text).SetArgDisplayNames(name);
        TestCaseData Says(int upstream, string type, string body, int status, string text) => Case(
            $"{upstream} {type} {body[..Math.Min(40, body.Length)]}",
            FakeProvider.Say(upstream, type, body),
            status,
            text);

        yield return Says(400, Json, """{"error":"invalid_grant","error_description":"secret text"}""", 400, Refused);
        yield return Says(200, Form, "error=bad_verification_code&error_description=secret+text", 400, Refused);
        yield return Says(200, Json, """{"ok":false,"error":"invalid_code"}""", 400, Refused);
        yield return Says(
            400, Json, """{"error":"something_of_their_own: secret text"}""", 400, "The provider refused the request.");
        yield return Says(401, Json, """{"error":"invalid_client"}""", 502, BadClient);
        yield return Says(401, Json, "{}", 502, BadClient);
        yield return Says(500, Json, "{}", 502, "The provider failed. Try again later.");
        yield return Says(429, "text/html", "<html>secret text</html>", 502, "The provider is busy. Try again later.");
        yield return Says(200, "text/html", "<html>secret text</html>", 502, BadAnswer);
        yield return Says(200, "application/xml", "<access_token/>", 502, BadAnswer);
        yield return Says(200, Json, "[]", 502, BadAnswer);
        yield return Says(200, Json, "{", 502, BadAnswer);
        yield return Says(200, Json, "{}", 502, BadAnswer);
        yield return Says(200, Json, """{"access_token":5.5e999}""", 200, "");
        yield return Says(200, Json, """{"access_token":""}""", 502, BadAnswer);
        yield return Says(200, Json, """{"access_token":null}""", 502, BadAnswer);
        yield return Says(200, Json + "; charset=no-such", """{"access_token":"x"}""", 200, "");
        yield return Says(200, Json, $$"""{"access_token":"{{new string('x', 20_000)}}"}""", 502, BadAnswer);
        yield return Case("10 MB", FakeProvider.Say(200, Json, new string(' ', 10_000_000)), 502, BadAnswer);
        yield return Case(
            "hangs",
            context => Task.Delay(Timeout.Infinite, context.RequestAborted),
            504,
            "The provider did not answer in time. Try again later.");
        yield return Case("hangs in the body", async context =>
        {
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }, 504, "The provider did not answer in time. Try again later.");
        yield return Case("drops the connection", context =>
        {
            context.Abort();
            return Task.CompletedTask;
        }, 502, "The provider can't be reached. Try again later.");
        yield return Case("redirects inside", context =>
        {
            context.Response.Redirect("http://169.254.169.254/latest", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        }, 502, BadAnswer);
    }

    [TestCaseSource(nameof(Faults))]
    public async Task A_fault_is_told_in_our_own_words(Func<HttpContext, Task> answer, int status, string text)
    {
        Provider.Answer = answer;
        using var response = await CallBackAsync((await SignInAsync(User, "maria"))["state"]);
        Assert.That((int)response.StatusCode, Is.EqualTo(status), await response.Content.ReadAsStringAsync());
        if (status != 200)
        {
            Assert.That(await response.ErrorAsync(), Is.EqualTo(text));
            using var absent = await User.GetAsync(Path("oauth-token", "maria"));
            Assert.That(absent.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        }

        Assert.That(App.Logs, Does.Not.Contain("secret text"));
    }

    [TestCase("""{"access_token":"a","expires_in":"3600"}""", 3600)]
    [TestCase("""{"access_token":"a","expires_in":3600.9}""", 3600)]
    [TestCase("""{"access_token":"a","expires_in":0}""", null)]
    [TestCase("""{"access_token":"a","expires_in":-1}""", null)]
    [TestCase("""{"access_token":"a","expires_in":"soon"}""", null)]
    [TestCase("""{"access_token":"a"}""", null)]
    public async Task A_lifetime_that_is_not_told_is_not_known(string answer, int? expiresIn)
    {
        Provider.Answer = FakeProvider.Say(200, Json, answer);
        await ConnectAsync("maria");
        var read = await ReadAsync("maria");
        Assert.That(
            (read.Access_token, read.Token_type, read.Refresh_token), Is.EqualTo(("a", "Bearer", (string?)null)));
        Assert.That(read.Expires_in, expiresIn is null ? Is.Null : Is.InRange(expiresIn - 20, expiresIn));
        Assert.That(read.Expiry is null, Is.EqualTo(expiresIn is null));
    }

    [Test]
    public async Task An_answer_may_be_a_form()
    {
        Provider.Answer = FakeProvider.Say(200, Form, "access_token=gho%5F1&scope=repo&token_type=bearer");
        await ConnectAsync("maria");
        var read = await ReadAsync("maria");
        Assert.That((read.Access_token, read.Token_type), Is.EqualTo(("gho_1", "bearer")));
    }

    [Test]
    public async Task Credentials_go_the_way_that_the_provider_takes_and_that_is_remembered()
    {
        Provider.Answer = async context => await (context.Request.Form.ContainsKey("client_secret")
            ? context.Response.WriteAsJsonAsync(FakeProvider.Tokens())
            : FakeProvider.Say(401, Json, """{"error":"invalid_client"}""")(context));
        await ConnectAsync("one");
        await ConnectAsync("two");
        Assert.That(
            Provider.TokenRequests.Select(request => request.ContainsKey("client_secret")),
            Is.EqualTo(new[] { false, true, true }));
        Assert.That(
            Provider.TokenRequests.Select(request => request["authorization"].Length > 0),
            Is.EqualTo(new[] { true, false, false }));
        using var put = await Admin.PutConfigAsync(Provider.Config("fake"));
        await ConnectAsync("three");
        Assert.That(Provider.TokenRequests.Count, Is.EqualTo(5), "A new configuration is a new start.");
    }

    [Test]
    public async Task A_name_that_leads_inside_when_it_is_dialled_is_not_dialled([Values(
        "127.0.0.1", "10.0.0.1", "::ffff:169.254.169.254")] string inside)
    {
        var resolver = new Mock<IHostResolver>();
        resolver.Setup(mock => mock.ResolveAsync(It.IsAny<string>(), It.IsAny<CancellationToken>())).ReturnsAsync([]);
        resolver.SetupSequence(mock => mock.ResolveAsync("rebinding.example", It.IsAny<CancellationToken>()))
            .ReturnsAsync([IPAddress.Parse("93.184.215.14")])
            .ReturnsAsync([IPAddress.Parse(inside)]);
        await using var app = await GatewayApp.StartAsync(
            App.TestDatabase, services => services.AddSingleton(resolver.Object), "--Oauth:SweepIntervalSeconds=0");
        using var admin = await app.AdminAsync();
        using var user = await app.ClientAsync("acme", "developer");
        var config = Configs.Body("rebinding");
        config["token_url"] = "https://rebinding.example/token";
        using var put = await admin.PutConfigAsync(config);
        var login = await user.GetFromJsonAsync<OauthLoginResponse>(Path("oauth-login", "maria", "rebinding"));
        var state = System.Web.HttpUtility.ParseQueryString(new Uri(login!.Oauth_url).Query)["state"];
        using var response =
            await user.GetAsync(new Uri(app.Address, $"/hub/integrations/oauth-callback?state={state}&code=x"));
        Assert.That(
            (response.StatusCode, await response.ErrorAsync()),
            Is.EqualTo((HttpStatusCode.BadGateway, "The provider can't be reached. Try again later.")));
        resolver.Verify(
            mock => mock.ResolveAsync("rebinding.example", It.IsAny<CancellationToken>()), Times.Exactly(2));
    }
}
