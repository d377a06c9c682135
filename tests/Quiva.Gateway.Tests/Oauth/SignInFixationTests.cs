using System.Net;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>
/// Somebody starts a sign-in and sends its address to another person, whose browser finishes it at the provider. What
/// the provider granted must not become the first one's.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignInFixationTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    [Test]
    public async Task A_sign_in_whose_address_was_sent_to_another_person_stores_nothing_by_itself()
    {
        var state = (await SignInAsync(User, "mallory"))["state"];
        using var victim = BrowserProfile.Of(App);
        await victim.OpenAsync(CallbackOf(state));
        await AssertAbsentAsync("mallory");
    }

    [Test]
    public async Task The_page_names_account_connection_initiator_and_scopes()
    {
        using var victim = BrowserProfile.Of(App);
        var page = await victim.OpenAsync(CallbackOf((await SignInAsync(User, "mallory", "chat:write"))["state"]));
        Assert.That((page.Status, page.Title), Is.EqualTo((HttpStatusCode.OK, "Connect your account at Slack API?")));
        foreach (var shown in new[] { "acme", "mallory", "test (API key ", "chat:write", "This wasn’t me" })
        {
            Assert.That(page.Html, Does.Contain(shown));
        }

        Assert.That(page.Html, Does.Not.Contain("access-1").And.Not.Contain("refresh-1").And.Not.Contain("the-code"));
    }

    [Test]
    public async Task An_application_can_t_finish_with_another_user_s_handle()
    {
        // One key serves all users of an application, so what tells them apart is the session that it keeps for each.
        var (state, ofMallory) = await SignInForAsync(User, "mallory");
        var (_, ofVictim) = await SignInForAsync(User, "victim");
        using var victim = BrowserProfile.Of(App);
        var handle = HandleOf(await victim.OpenAsync(CallbackOf(state)));

        using var refused = await FinishAsync(User, "mallory", handle, ofVictim);
        Assert.That(
            (refused.StatusCode, await refused.ErrorAsync()),
            Is.EqualTo(
                (HttpStatusCode.BadRequest, "handle and session are not of one sign-in to this connection, which is over now. Start again.")));
        using var over = await FinishAsync(User, "mallory", handle, ofMallory);
        Assert.That(over.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), "A wrong pair ends the sign-in.");
        await AssertAbsentAsync("mallory");
        await AssertAbsentAsync("victim");
    }

    [Test]
    public async Task An_application_that_knows_its_user_s_sign_in_only_ends_the_other_s()
    {
        var (state, ofMallory) = await SignInForAsync(User, "mallory");
        var (_, ofVictim) = await SignInForAsync(User, "victim");
        using var victim = BrowserProfile.Of(App);
        var handle = HandleOf(await victim.OpenAsync(CallbackOf(state)));
        using var refused = await FinishAsync(User, "victim", handle, ofVictim);
        using var over = await FinishAsync(User, "mallory", handle, ofMallory);
        Assert.That(
            (refused.StatusCode, over.StatusCode), Is.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.NotFound)));
    }

    [Test]
    public async Task A_click_in_another_browser_ends_the_sign_in()
    {
        using var victim = BrowserProfile.Of(App);
        using var mallory = BrowserProfile.Of(App);
        var page = await victim.OpenAsync(CallbackOf((await SignInAsync(User, "mallory"))["state"]));
        var foreign = await mallory.ClickAsync(page, "connect");
        var own = await victim.ClickAsync(page, "connect");
        Assert.That(
            (foreign.Status, own.Status), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)));
        await AssertAbsentAsync("mallory");
    }

    [Test]
    public async Task Neither_way_takes_what_belongs_to_the_other()
    {
        using var victim = BrowserProfile.Of(App);
        var (state, session) = await SignInForAsync(User, "application");
        var handle = HandleOf(await victim.OpenAsync(CallbackOf(state)));
        using var click = await Browser.SendAsync(new(HttpMethod.Post, "/hub/integrations/oauth-confirm")
        {
            Headers = { { "Cookie", "__Host-quiva-sign-in=" + session } },
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["handle"] = handle,
                ["decision"] = "connect"
            }),
        });
        Assert.That(click.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));

        var page = await victim.OpenAsync(CallbackOf((await SignInAsync(User, "click"))["state"]));
        var cookie = page.Headers["Set-Cookie"].Split('=', ';')[1];
        using var finish = await FinishAsync(User, "click", page.Handle, cookie);
        Assert.That(finish.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        await AssertAbsentAsync("application");
        await AssertAbsentAsync("click");
    }

    private static IEnumerable<TestCaseData> Unnavigated()
    {
        TestCaseData Case(string name, params (string, string)[] headers) =>
            new TestCaseData(new object[] { headers }).SetArgDisplayNames(name);
        yield return Case("a script's fetch", ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"));
        yield return Case(
            "a script's fetch without CORS",
            ("Sec-Fetch-Mode", "no-cors"),
            ("Sec-Fetch-Dest", "empty"),
            ("Accept", "*/*"));
        yield return Case(
            "an image", ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image"), ("Accept", "image/*"));
        yield return Case("a frame", ("Sec-Fetch-Dest", "iframe"));
        yield return Case("a prefetch", ("Sec-Purpose", "prefetch"));
        yield return Case("a prerendering", ("Sec-Purpose", "prefetch;prerender"));
        yield return Case("an old prefetch", ("Purpose", "prefetch"));
    }

    [TestCaseSource(nameof(Unnavigated))]
    public async Task What_no_person_has_navigated_to_is_refused_and_spends_nothing((string, string)[] headers)
    {
        var state = (await SignInAsync(User, "maria"))["state"];
        using var person = BrowserProfile.Of(App);
        Assert.That((await person.OpenAsync(CallbackOf(state), headers)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(Provider.TokenRequests, Is.Empty);
        var page = await person.OpenAsync(CallbackOf(state));
        Assert.That((await person.ClickAsync(page, "connect", headers)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(
            (await person.ClickAsync(page, "connect", ("Sec-Fetch-Site", "cross-site"))).Status,
            Is.EqualTo(HttpStatusCode.BadRequest));
        await AssertAbsentAsync("maria");
        Assert.That((await person.ClickAsync(page, "connect")).Title, Is.EqualTo("Connected"));
    }

    [Test]
    public async Task An_application_behind_the_redirect_can_t_be_made_to_relay()
    {
        var config = Provider.Config("relayed");
        config["redirect_url"] = "https://app.example.com/callback";
        using var put = await Admin.PutConfigAsync(config);
        async Task<HttpStatusCode> RelayAsync(HttpClient relay)
        {
            using var response =
                await relay.GetAsync(CallbackOf((await SignInAsync(User, "maria", integration: "relayed"))["state"]));
            return response.StatusCode;
        }

        Assert.That(
            (await RelayAsync(Browser), await RelayAsync(Stranger)),
            Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)));
        Assert.That(Provider.TokenRequests, Is.Empty);
        Assert.That(await RelayAsync(User), Is.EqualTo(HttpStatusCode.OK));

        using var person = BrowserProfile.Of(App);
        var page =
            await person.OpenAsync(CallbackOf((await SignInAsync(User, "sent-on", integration: "relayed"))["state"]));
        Assert.That(
            page.Title, Does.StartWith("Connect your account"), "A browser that is sent on is asked like any other.");
    }
}
