using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.SignIns;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>Sign-ins without a return address: a person finishes them with a click.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignInByClickTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    private async Task<BrowserPage> PageAsync(BrowserProfile person, string connection = "maria") =>
        await person.OpenAsync(CallbackOf((await SignInAsync(User, connection))["state"]));

    [Test]
    public async Task A_click_stores_the_connection_and_another_says_so()
    {
        using var person = BrowserProfile.Of(App);
        var state = (await SignInAsync(User, "maria"))["state"];
        var page = await person.OpenAsync(CallbackOf(state));
        Assert.That(Provider.TokenRequests, Has.Count.EqualTo(1), "The code may live for seconds only.");
        var again = await person.OpenAsync(CallbackOf(state));
        Assert.That(
            (again.Title, again.Handle), Is.EqualTo((page.Title, page.Handle)), "The page may be loaded again.");

        var connected = await person.ClickAsync(page, "connect");
        Assert.That((connected.Status, connected.Title), Is.EqualTo((HttpStatusCode.OK, "Connected")));
        Assert.That((await ReadAsync("maria")).Access_token, Is.EqualTo("access-1"));
        Assert.That((await person.ClickAsync(page, "connect")).Title, Is.EqualTo("Connected already"));
        Assert.That((await person.ClickAsync(page, "decline")).Title, Is.EqualTo("Connected already"));
        Assert.That((await person.OpenAsync(CallbackOf(state))).Title, Is.EqualTo("Connected already"));
        using var other = BrowserProfile.Of(App);
        Assert.That((await other.OpenAsync(CallbackOf(state))).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await ReadAsync("maria")).Access_token, Is.EqualTo("access-1"));
        Assert.That((Provider.TokenRequests.Count, Provider.Revocations.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task A_browser_may_have_several_sign_ins_at_once()
    {
        using var person = BrowserProfile.Of(App);
        var (first, second) = (await PageAsync(person, "first"), await PageAsync(person, "second"));
        Assert.That((await person.ClickAsync(first, "connect")).Title, Is.EqualTo("Connected"));
        Assert.That((await person.ClickAsync(second, "decline")).Title, Is.EqualTo("Not connected"));
        await ReadAsync("first");
        await AssertAbsentAsync("second");
    }

    [Test]
    public async Task A_declined_sign_in_is_revoked_and_over()
    {
        await WithRevocationAsync();
        using var person = BrowserProfile.Of(App);
        var page = await PageAsync(person);
        var declined = await person.ClickAsync(page, "decline");
        Assert.That((declined.Status, declined.Title), Is.EqualTo((HttpStatusCode.BadRequest, "Not connected")));
        Assert.That(
            Provider.Revocations.Select(revocation => revocation["token"]),
            Is.EqualTo(new[] { "refresh-1", "access-1" }));
        Assert.That((await person.ClickAsync(page, "connect")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        await AssertAbsentAsync("maria");
    }

    [Test]
    public async Task Of_20_clicks_at_once_one_stores()
    {
        using var person = BrowserProfile.Of(App);
        var page = await PageAsync(person);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => person.ClickAsync(page, "connect")));
        Assert.That(answers.Count(answer => answer.Title == "Connected"), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.Title == "Connected already"), Is.EqualTo(19));
    }

    [Test]
    public async Task The_pages_load_nothing_keep_nothing_and_send_their_form_home()
    {
        using var person = BrowserProfile.Of(App);
        var page = await PageAsync(person);
        var pages = new[]
        {
            page,
            await person.ClickAsync(page, "connect"),
            await person.ClickAsync(page, "connect"),
            await person.OpenAsync(CallbackOf("unknown")),
            await person.OpenAsync(CallbackOf("x"), ("Sec-Fetch-Dest", "iframe"))
        };
        foreach (var (shown, index) in pages.Select((shown, index) => (shown, index)))
        {
            Assert.That(shown.Headers["X-Content-Type-Options"], Is.EqualTo("nosniff"));
            Assert.That(shown.Headers["Referrer-Policy"], Is.EqualTo("no-referrer"));
            Assert.That(shown.Headers["Cache-Control"], Does.Contain("no-store"));
            Assert.That(shown.Headers[
                "Content-Security-Policy"], Does.StartWith("default-src 'none'; style-src 'sha256-").And
                .Contain("frame-ancestors 'none'").And
                .Contain(index == 0 ? "form-action 'self'" : "form-action 'none'").And.Not
                .Contain("unsafe"));
            Assert.That(shown.Html, Does.Not.Contain("<script").And.Not.Contain("access-1"));
        }

        Assert.That(
            page.Headers["Set-Cookie"].Split("; ")[1..],
            Is.EquivalentTo(new[] { "max-age=600", "path=/", "secure", "samesite=lax", "httponly" }));
        Assert.That(page.Headers["Set-Cookie"], Does.StartWith("__Host-"));
    }

    [Test]
    public async Task Names_can_t_break_out_of_the_page()
    {
        var config = Provider.Config("fake");
        config["name"] = "<script>alert(1)</script>";
        using var put = await Admin.PutConfigAsync(config);
        using var person = BrowserProfile.Of(App);
        var page = await PageAsync(person);
        Assert.That(page.Html + (await person.ClickAsync(page, "connect")).Html, Does.Not.Contain("<script"));
    }

    [Test]
    public async Task A_form_that_is_not_the_page_s_is_refused()
    {
        foreach (var (body, type, status) in new[]
        {
            ("", "application/x-www-form-urlencoded", 400),
            ("handle=short&decision=connect", "application/x-www-form-urlencoded", 400),
            ("handle=" + new string('A', 43) + "&decision=maybe", "application/x-www-form-urlencoded", 400),
            (
                "handle=" + new string('A', 43) + "&decision=connect&decision=decline",
                "application/x-www-form-urlencoded",
                400),
            ("handle=" + new string('A', 43) + "&decision=connect", "application/x-www-form-urlencoded", 401),
            ("{\"handle\":\"" + new string('A', 43) + "\",\"decision\":\"connect\"}", "application/json", 415),
            (new string('A', 5000), "application/x-www-form-urlencoded", 413),
        })
        {
            using var response = await Browser.PostAsync(
                "/hub/integrations/oauth-confirm",
                new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(type)));
            Assert.That((int)response.StatusCode, Is.EqualTo(status), body);
        }
    }

    [Test]
    public async Task A_changed_configuration_ends_what_waits()
    {
        using var person = BrowserProfile.Of(App);
        var page = await PageAsync(person);
        using var put = await Admin.PutConfigAsync(Provider.Config("fake"));
        var refused = await person.ClickAsync(page, "connect");
        Assert.That(
            (refused.Status, refused.Html.Contains("has changed since this sign-in began", StringComparison.Ordinal)),
            Is.EqualTo((HttpStatusCode.BadRequest, true)));
        Assert.That((await person.ClickAsync(page, "connect")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        await AssertAbsentAsync("maria");
    }

    [Test]
    public async Task The_last_click_decides_over_a_connection_that_has_changed_meanwhile()
    {
        using var person = BrowserProfile.Of(App);
        var early = await PageAsync(person);
        Provider.Answer = FakeProvider.Say(200, "application/json", FakeProvider.Tokens("2").ToJsonString());
        await ConnectAsync("maria");
        await person.ClickAsync(early, "connect");
        Assert.That((await ReadAsync("maria")).Access_token, Is.EqualTo("access-1"));
        using var deleted = await User.DeleteAsync(Path("oauth-connections", "maria"));
        Assert.That(
            (await person.ClickAsync(early, "connect")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "Connected already would not be true.");
    }

    [Test]
    public async Task What_nobody_finishes_is_revoked_and_forgotten_after_10_minutes()
    {
        await WithRevocationAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAtAsync(clock);
        using var user = await app.ClientAsync("acme", "client");
        using var person = BrowserProfile.Of(app);
        var page = await person.OpenAsync(CallbackOf((await SignInAsync(user, "late"))["state"]));
        var sweep = ActivatorUtilities.CreateInstance<PendingSignInSweep>(app.Services);
        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        await sweep.SweepAsync(default);
        Assert.That(await WaitingAsync(app), Is.EqualTo(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await person.ClickAsync(page, "connect")).Html, Does.Contain("took too long"));
        await sweep.SweepAsync(default);
        Assert.That(
            Provider.Revocations.Select(revocation => revocation["token"]).Distinct(),
            Is.EqualTo(new[] { "refresh-1", "access-1" }));
        Assert.That(await WaitingAsync(app), Is.Zero);
        await AssertAbsentAsync("late", user);
    }

    [Test]
    public async Task A_sign_in_that_can_t_be_revoked_keeps_no_other_waiting_and_is_forgotten_in_the_end()
    {
        await WithRevocationAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAtAsync(clock);
        using var user = await app.ClientAsync("acme", "client");
        using var person = BrowserProfile.Of(app);
        foreach (var id in new[] { "unopened", "unreachable", "finished" })
        {
            var page = await person.OpenAsync(CallbackOf((await SignInAsync(user, id))["state"]));
            if (id == "finished")
            {
                await person.ClickAsync(page, "connect");
            }
        }

        await app.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(
                "update oauth_pending_sign_ins set tokens = state_hash where connection_id = 'unopened'",
                null,
                default), default);
        await Provider.DisposeAsync();
        var sweep = ActivatorUtilities.CreateInstance<PendingSignInSweep>(app.Services);
        clock.Advance(TimeSpan.FromMinutes(11));
        await sweep.SweepAsync(default);
        Assert.That(await WaitingAsync(app), Is.EqualTo(2), "Both are tried again, the finished one is forgotten.");
        for (var hour = 0; hour < SignInFinish.MostAttempts; hour++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await sweep.SweepAsync(default);
        }

        Assert.That(await WaitingAsync(app), Is.Zero);
        Assert.That(app.Logs, Does.Contain("do not open").And.Contain("could not be revoked"));
    }

    [Test]
    public async Task Tokens_that_do_not_open_any_more_are_no_failure_of_the_gateway()
    {
        using var person = BrowserProfile.Of(App);
        var page = await PageAsync(person);
        await App.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(
                "update oauth_pending_sign_ins set tokens = state_hash", null, default), default);
        Assert.That((await person.ClickAsync(page, "connect")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        await AssertAbsentAsync("maria");
    }

    [Test]
    public async Task Stored_are_neither_handle_nor_session_nor_tokens()
    {
        using var person = BrowserProfile.Of(App);
        var page = await PageAsync(person);
        var cookie = page.Headers["Set-Cookie"].Split('=', ';')[1];
        var (state, session) = await SignInForAsync(User, "application");
        var handle = HandleOf(await person.OpenAsync(CallbackOf(state)));
        using var seen = new Observed();
        using var refused =
            await FinishAsync(User, "application", handle, session[..42] + (session[42] == 'A' ? 'B' : 'A'));
        using var listed = await User.GetAsync("/hub/integrations/oauth-connections");
        await seen.AssertNowhereAsync(App, page.Handle, cookie, session, handle, "access-1", "refresh-1");
    }

    // The test sweeps itself.
    private Task<GatewayApp> StartAtAsync(TimeProvider clock) => GatewayApp.StartAsync(
        App.TestDatabase,
        services =>
        {
            services.AddSingleton(clock);
            services.Remove(services.Single(service => service.ImplementationType == typeof(PendingSignInSweep)));
        },
        Settings);

    private static Task<int> WaitingAsync(GatewayApp app) =>
        app.Database.FindAsync<int>("select count(*) from oauth_pending_sign_ins")!;

    private async Task WithRevocationAsync()
    {
        var config = Provider.Config("fake");
        config["revocation_url"] = Provider.Url + "/revoke";
        using var put = await Admin.PutConfigAsync(config);
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }
}
