using System.Net;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.SignIns;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>A provider that means harm can't get the code of another one (RFC 9700, section 4.4).</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignInMixUpTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    private const string Elsewhere = "This sign-in belongs to another callback. Start again.";

    [SetUp]
    public async Task ConfigureAsync()
    {
        foreach (var id in new[] { "honest", "evil" })
        {
            var config = Provider.Config(id);
            config["redirect_url"] = $"https://api.quiva.ai/hub/integrations/{id}/oauth-callback";
            using var put = await Admin.PutConfigAsync(config);
            Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK), await put.Content.ReadAsStringAsync());
        }
    }

    [Test]
    public async Task A_callback_of_its_own_takes_the_answers_of_its_integration_only()
    {
        using var own = await Browser.GetAsync(OwnCallbackOf("honest", await StateAsync("honest")));
        Assert.That(own.StatusCode, Is.EqualTo(HttpStatusCode.OK), await own.Content.ReadAsStringAsync());

        // The evil provider sends the browser to the honest one; the code comes back where the honest one was told to
        // send it.
        await RefusedAsync(OwnCallbackOf("honest", await StateAsync("evil")), Elsewhere);
        await RefusedAsync(CallbackOf(await StateAsync("honest")), Elsewhere);
        await RefusedAsync(OwnCallbackOf("fake", await StateAsync("fake")), Elsewhere);
        using var shared = await Browser.GetAsync(CallbackOf(await StateAsync("fake")));
        Assert.That(shared.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Provider.TokenRequests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_mismatch_ends_the_sign_in()
    {
        var state = await StateAsync("evil");
        await RefusedAsync(OwnCallbackOf("honest", state), Elsewhere);
        using var late = await Browser.GetAsync(OwnCallbackOf("evil", state));
        Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task A_parameter_is_there_once_and_not_empty()
    {
        var refusals = new Dictionary<string, string>
        {
            ["code=a&code=b"] = "code must be given once.",
            ["code=a&iss="] = "iss must not be empty.",
            ["code=a&iss=x&iss=y"] = "iss must be given once.",
            ["code="] = "code must not be empty.",
            ["error=&code=a"] = "error must not be empty.",
            ["code=a&state=x"] = "state must be given once.",
        };
        foreach (var (parameters, sentence) in refusals)
        {
            using var refused = await Browser.GetAsync(CallbackOf(await StateAsync("fake"), parameters));
            Assert.That(
                (refused.StatusCode, await refused.ErrorAsync()),
                Is.EqualTo((HttpStatusCode.BadRequest, sentence)),
                parameters);
        }

        Assert.That(Provider.TokenRequests, Is.Empty);
    }

    [TestCase("https://idp.example/realms/one", "https://idp.example/realms/one/auth", ExpectedResult = true)]
    [TestCase("https://idp.example/realms/one/", "https://idp.example/realms/one/auth", ExpectedResult = true)]
    [TestCase("https://idp.example", "https://idp.example/authorize", ExpectedResult = true)]
    [TestCase("https://idp.example/", "https://idp.example/authorize?tenant=1", ExpectedResult = true)]
    [TestCase("https://IDP.example:443", "https://idp.example/authorize", ExpectedResult = true)]
    [TestCase("https://idp.example/realms/two", "https://idp.example/realms/one/auth", ExpectedResult = false)]
    [TestCase("https://idp.example/realms/on", "https://idp.example/realms/one/auth", ExpectedResult = false)]
    [TestCase("https://evil@idp.example", "https://idp.example/authorize", ExpectedResult = false)]
    [TestCase("https://@idp.example", "https://idp.example/authorize", ExpectedResult = false)]
    [TestCase("https://idp.example?a", "https://idp.example/authorize", ExpectedResult = false)]
    [TestCase("https://idp.example#a", "https://idp.example/authorize", ExpectedResult = false)]
    [TestCase("http://idp.example", "https://idp.example/authorize", ExpectedResult = false)]
    [TestCase("https://idp.example:8443", "https://idp.example/authorize", ExpectedResult = false)]
    [TestCase("https://sub.idp.example", "https://idp.example/authorize", ExpectedResult = false)]
    [TestCase("idp.example", "https://idp.example/authorize", ExpectedResult = false)]
    [TestCase("", "https://idp.example/authorize", ExpectedResult = false)]
    public bool An_issuer_can_be_that_of_an_endpoint_below_it(string issuer, string authUrl) =>
        Issuer.CanBeOf(issuer, authUrl);

    private static string OwnCallbackOf(string integration, string? state, string parameters = "code=the-code") =>
        $"/hub/integrations/{integration}/oauth-callback?state={state}&{parameters}";

    private async Task<string> StateAsync(string integration) =>
        (await SignInAsync(User, "maria", integration: integration))["state"]!;

    private async Task RefusedAsync(string path, string error)
    {
        var before = Provider.TokenRequests.Count;
        using var response = await Browser.GetAsync(path);
        Assert.That((response.StatusCode, await response.ErrorAsync()), Is.EqualTo((HttpStatusCode.BadRequest, error)));
        Assert.That(Provider.TokenRequests, Has.Count.EqualTo(before));
    }
}
