using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>Sign-ins with a return address: the application that has started them finishes them.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignInByApplicationTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    [Test]
    public async Task The_application_finishes_with_the_browser_s_handle_and_its_user_s_session()
    {
        using var backend = await App.ClientAsync("acme", "client");
        var (state, session) = await SignInForAsync(backend, "maria");
        Assert.That(session, Has.Length.EqualTo(43));
        using var person = BrowserProfile.Of(App);
        var back = await person.OpenAsync(CallbackOf(state));
        Assert.That((back.Status, back.Html), Is.EqualTo((HttpStatusCode.SeeOther, "")));
        var handle = HandleOf(back);
        Assert.That(back.Location, Is.EqualTo(ReturnUrl + "&handle=" + handle));
        Assert.That(handle, Has.Length.EqualTo(43).And.Not.EqualTo(session));
        Assert.That(
            (back.Headers["Referrer-Policy"], back.Headers["Cache-Control"]), Is.EqualTo(("no-referrer", "no-store")));
        await AssertAbsentAsync("maria");

        // Another instance of the application may do it, with other credentials of the account.
        using var finished = await FinishAsync(User, "maria", handle, session);
        var connection = await finished.Content.ReadFromJsonAsync<OauthConnection>();
        Assert.That(
            (finished.StatusCode, connection!.Subject, connection.Access_token),
            Is.EqualTo((HttpStatusCode.OK, "ms.integration.oauth.acme.fake.maria", (string?)null)));
        Assert.That((await ReadAsync("maria")).Access_token, Is.EqualTo("access-1"));
        using var again = await FinishAsync(User, "maria", handle, session);
        using var guessed = await FinishAsync(User, "maria", handle, new string('A', 43));
        Assert.That(
            (again.StatusCode, guessed.StatusCode), Is.EqualTo((HttpStatusCode.Conflict, HttpStatusCode.NotFound)));
    }

    [Test]
    public async Task A_handle_is_the_account_s()
    {
        var (state, session) = await SignInForAsync(User, "maria");
        using var person = BrowserProfile.Of(App);
        var handle = HandleOf(await person.OpenAsync(CallbackOf(state)));
        using var foreign = await FinishAsync(Stranger, "maria", handle, session);
        Assert.That(foreign.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var own = await FinishAsync(User, "maria", handle, session);
        Assert.That(own.StatusCode, Is.EqualTo(HttpStatusCode.OK), "Nobody else has ended it.");
    }

    [TestCase("https://app.example.com/connected")]
    [TestCase("https://app.example.com/connected?via=quiva&more=1")]
    [TestCase("https://app.example.com/connected?via=Quiva")]
    [TestCase("https://evil.example/connected?via=quiva")]
    [TestCase("https://app.example.com/connected?via=quiva#")]
    [TestCase("javascript:alert(1)")]
    public async Task A_return_address_matches_whole(string url)
    {
        using var refused =
            await User.GetAsync(Path("oauth-login", "maria") + "?return_url=" + Uri.EscapeDataString(url));
        Assert.That(
            (refused.StatusCode, await refused.ErrorAsync()),
            Is.EqualTo((HttpStatusCode.BadRequest, "return_url must be one of the gateway's Oauth:ReturnUrls.")));
    }

    [Test]
    public async Task A_wrong_pair_revokes_what_the_provider_granted()
    {
        var config = Provider.Config("fake");
        config["revocation_url"] = Provider.Url + "/revoke";
        using var put = await Admin.PutConfigAsync(config);
        var (state, session) = await SignInForAsync(User, "maria");
        using var person = BrowserProfile.Of(App);
        var handle = HandleOf(await person.OpenAsync(CallbackOf(state)));
        using var refused = await FinishAsync(User, "maria", handle, new string('A', 43));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(
            Provider.Revocations.Select(revocation => revocation["token"]),
            Is.EqualTo(new[] { "refresh-1", "access-1" }));
        Assert.That(App.Logs, Does.Contain("Sign-in to ms.integration.oauth.acme.fake.maria by key:").And.Not
            .Contain(session).And.Not
            .Contain(handle));
    }

    [Test]
    public async Task Of_20_that_finish_at_once_one_does()
    {
        var (state, session) = await SignInForAsync(User, "maria");
        using var person = BrowserProfile.Of(App);
        var handle = HandleOf(await person.OpenAsync(CallbackOf(state)));
        var answers =
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FinishAsync(User, "maria", handle, session)));
        Assert.That(answers.Count(answer => answer.StatusCode == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict), Is.EqualTo(19));
    }

    [Test]
    public async Task A_failure_goes_back_to_the_application_without_a_handle()
    {
        using var person = BrowserProfile.Of(App);
        var declined = await person.OpenAsync(
            CallbackOf((await SignInForAsync(User, "maria")).State, "error=access_denied&error_description=no"));
        Assert.That(
            (declined.Status, declined.Location),
            Is.EqualTo((HttpStatusCode.SeeOther, ReturnUrl + "&error=access_denied")));
        Provider.Answer = FakeProvider.Say(500, "text/plain", "x");
        var failed = await person.OpenAsync(
            CallbackOf((await SignInForAsync(User, "maria", "http://localhost:3000/back")).State));
        Assert.That(failed.Location, Is.EqualTo("http://localhost:3000/back?error=server_error"));
        var forged = await person.OpenAsync(CallbackOf("unknown"));
        Assert.That((forged.Status, forged.Location), Is.EqualTo((HttpStatusCode.Unauthorized, (string?)null)));
    }

    [Test]
    public async Task A_handle_works_for_10_minutes()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await GatewayApp.StartAsync(
            App.TestDatabase, services => services.AddSingleton<TimeProvider>(clock), Settings);
        using var user = await app.ClientAsync("acme", "client");
        using var person = BrowserProfile.Of(app);
        var (early, late) = (await SignInForAsync(user, "early"), await SignInForAsync(user, "late"));
        clock.Advance(TimeSpan.FromMinutes(9));
        var (earlyHandle, lateHandle) = (HandleOf(
            await person.OpenAsync(CallbackOf(early.State))), HandleOf(await person.OpenAsync(CallbackOf(late.State))));
        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        using var inTime = await FinishAsync(user, "early", earlyHandle, early.Session);
        clock.Advance(TimeSpan.FromSeconds(1));
        using var tooLate = await FinishAsync(user, "late", lateHandle, late.Session);
        Assert.That((inTime.StatusCode, tooLate.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound)));
    }

    [Test]
    public async Task A_changed_configuration_ends_what_waits()
    {
        var (state, session) = await SignInForAsync(User, "maria");
        using var person = BrowserProfile.Of(App);
        var handle = HandleOf(await person.OpenAsync(CallbackOf(state)));
        using var put = await Admin.PutConfigAsync(Provider.Config("fake"));
        using var refused = await FinishAsync(User, "maria", handle, session);
        Assert.That(
            (refused.StatusCode, await refused.ErrorAsync()),
            Is.EqualTo(
                (HttpStatusCode.BadRequest, "The integration's OAuth configuration has changed since this sign-in began. Start again.")));
        await AssertAbsentAsync("maria");
    }

    [Test]
    public async Task A_setting_makes_this_the_only_way()
    {
        var before = (await SignInAsync(User, "maria"))["state"];
        await using var app =
            await GatewayApp.StartAsync(App.TestDatabase, null, [.. Settings, "--Oauth:RequireReturnUrl=true"]);
        using var user = await app.ClientAsync("acme", "client");
        using var refused = await user.GetAsync(Path("oauth-login", "maria"));
        Assert.That((refused.StatusCode, await refused.ErrorAsync()), Is.EqualTo(
            (HttpStatusCode.BadRequest, "return_url is required: sign-ins are finished by an application.")));
        using var script = app.Client();
        using var late = await script.GetAsync(CallbackOf(before));
        Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(Provider.TokenRequests, Is.Empty);
        var (state, session) = await SignInForAsync(user, "maria");
        using var person = BrowserProfile.Of(app);
        using var finished =
            await FinishAsync(user, "maria", HandleOf(await person.OpenAsync(CallbackOf(state))), session);
        Assert.That(finished.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("--Oauth:ReturnUrls:0=http://app.example.com/back")]
    [TestCase("--Oauth:ReturnUrls:0=/back")]
    [TestCase("--Oauth:ReturnUrls:0=https://app.example.com/back#here")]
    [TestCase("--Oauth:ReturnUrls:0=https://user@app.example.com/back")]
    [TestCase("--Oauth:ReturnUrls:0=https://app.example.com/a b")]
    [TestCase("--Oauth:ReturnUrls:0=javascript:alert(1)")]
    [TestCase("--Oauth:RequireReturnUrl=true")]
    public void Return_addresses_that_can_t_be_some_are_refused_at_start(string setting) => Assert.That(
        async () => await GatewayApp.StartAsync(Engine, setting),
        Throws.InstanceOf<SettingsException>().With.Message.Contains("Oauth:"));
}
