using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Oauth;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignInStateTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    private async Task RefusedAsync(Task<HttpResponseMessage> callback, HttpStatusCode status, string start)
    {
        using var response = await callback;
        Assert.That((response.StatusCode, await response.ErrorAsync()), Is.EqualTo((status, start)));
        using var absent = await User.GetAsync(Path("oauth-token", "maria"));
        Assert.That(absent.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(Provider.TokenRequests, Is.Empty, "The provider is not even asked.");
    }

    private const string Unknown = "This sign-in is unknown, was finished already, or took too long. Start again.";

    [Test]
    public async Task A_state_that_is_unknown_or_tampered_with_is_refused()
    {
        var state = (await SignInAsync(User, "maria"))["state"]!;
        await RefusedAsync(CallBackAsync("unknown"), HttpStatusCode.Unauthorized, Unknown);
        await RefusedAsync(
            CallBackAsync((state[0] == 'A' ? 'B' : 'A') + state[1..]), HttpStatusCode.Unauthorized, Unknown);
        await RefusedAsync(CallBackAsync(state.ToUpperInvariant()), HttpStatusCode.Unauthorized, Unknown);
        await RefusedAsync(CallBackAsync(state + "x"), HttpStatusCode.Unauthorized, Unknown);
    }

    [Test]
    public async Task A_state_works_once()
    {
        var state = (await SignInAsync(User, "maria"))["state"];
        using var first = await CallBackAsync(state);
        using var second = await CallBackAsync(state);
        Assert.That(
            (first.StatusCode, second.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.Unauthorized)));
        Assert.That(Provider.TokenRequests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Of_20_callbacks_with_one_state_one_is_accepted()
    {
        var state = (await SignInAsync(User, "maria"))["state"];
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CallBackAsync(state)));
        Assert.That(responses.Count(response => response.StatusCode == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(responses.Count(response => response.StatusCode == HttpStatusCode.Unauthorized), Is.EqualTo(19));
    }

    [Test]
    public async Task A_declined_sign_in_is_over()
    {
        var state = (await SignInAsync(User, "maria"))["state"];
        await RefusedAsync(
            CallBackAsync(state, "error=access_denied"),
            HttpStatusCode.BadRequest,
            "The sign-in was declined at the provider, and nothing was stored. To connect after all, start again.");
        await RefusedAsync(CallBackAsync(state), HttpStatusCode.Unauthorized, Unknown);
        await RefusedAsync(
            CallBackAsync((await SignInAsync(User, "maria"))["state"], "error=server_error&error_description=<script>"),
            HttpStatusCode.BadRequest,
            "The provider refused the sign-in, and nothing was stored. Start again, or ask whoever runs the gateway.");
        await RefusedAsync(
            CallBackAsync((await SignInAsync(User, "maria"))["state"], ""),
            HttpStatusCode.BadRequest,
            "code is required.");
    }

    [Test]
    public async Task A_sign_in_ends_with_the_configuration_that_it_began_with()
    {
        const string Changed =
            "The integration's OAuth configuration has changed since this sign-in began. Start again.";
        var before = (await SignInAsync(User, "maria"))["state"];
        using var put = await Admin.PutConfigAsync(Provider.Config("fake"));
        await RefusedAsync(CallBackAsync(before), HttpStatusCode.BadRequest, Changed);
        var again = (await SignInAsync(User, "maria"))["state"];
        using var delete = await Admin.DeleteConfigAsync("fake");
        await RefusedAsync(CallBackAsync(again), HttpStatusCode.BadRequest, Changed);
    }

    [Test]
    public async Task An_answer_of_another_issuer_is_refused()
    {
        await RefusedAsync(
            CallBackAsync((await SignInAsync(User, "maria"))["state"], "code=the-code&iss=https://evil.example"),
            HttpStatusCode.BadRequest, "The answer comes from another provider than the one that was asked.");
        using var own =
            await CallBackAsync((await SignInAsync(User, "maria"))["state"], "code=the-code&iss=" + Provider.Url);
        Assert.That(own.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_sign_in_takes_10_minutes_at_most()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await GatewayApp.StartAsync(
            App.TestDatabase, services => services.AddSingleton<TimeProvider>(clock), Settings);
        using var user = await app.ClientAsync("acme", "developer");
        using var browser = app.Client();
        var (early, late) = ((await SignInAsync(user, "early"))["state"], (await SignInAsync(user, "late"))["state"]);
        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        using var inTime = await browser.GetAsync($"/hub/integrations/oauth-callback?state={early}&code=x");
        clock.Advance(TimeSpan.FromSeconds(1));
        using var tooLate = await browser.GetAsync($"/hub/integrations/oauth-callback?state={late}&code=x");
        Assert.That(
            (inTime.StatusCode, tooLate.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.Unauthorized)));
        await SignInAsync(user, "new");
        clock.Advance(TimeSpan.FromMinutes(11));
        await SignInAsync(user, "newer");
        Assert.That(
            await app.Database.FindAsync<int>("select count(*) from oauth_sign_ins"),
            Is.EqualTo(1),
            "Old ones are forgotten.");
    }

    [Test]
    public async Task A_stored_sign_in_holds_neither_state_nor_verifier()
    {
        var state = (await SignInAsync(User, "maria"))["state"]!;
        foreach (var file in Directory.GetFiles(App.TestDatabase.Directory, "gateway.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.That((await reader.ReadToEndAsync()).Contains(state, StringComparison.Ordinal), Is.False, file);
        }
    }
}
