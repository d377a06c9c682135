using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Security;

/// <summary>The clock of the host jumps while a key, a sign-in and a connection's token are alive.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ClockTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Long = TimeSpan.FromDays(400);

    private static IEnumerable<TestCaseData> Jumps()
    {
        yield return new TestCaseData(Hour, 200, 401, "access-renewed").SetArgDisplayNames("an hour on");
        yield return new TestCaseData(-Hour, 200, 200, "access-1").SetArgDisplayNames("an hour back");
        yield return new TestCaseData(Long, 401, 401, "access-renewed").SetArgDisplayNames("400 days on");
        yield return new TestCaseData(-Long, 200, 200, "access-1").SetArgDisplayNames("400 days back");
    }

    [TestCaseSource(nameof(Jumps))]
    public async Task What_lives_by_the_clock_expires_with_it_and_nothing_hangs(
        TimeSpan jump, int keyStatus, int signInStatus, string token)
    {
        var clock = new JumpingClock();
        await using var app = await GatewayApp.StartAsync(
            App.TestDatabase, services => services.AddSingleton<TimeProvider>(clock), [
                .. Settings,
                "--ApiKeys:CacheSeconds=0"
            ]);
        var brief = await app.KeyAsync("acme", ["developer"], TimeSpan.FromDays(30));
        using var briefly = app.Client(headers => headers.Add("X-Api-Key", brief));
        using var forever = await app.ClientAsync("acme", "developer");
        await ConnectAsync("clocked", forever);
        var waiting = await SignInAsync(forever, "waiting");
        Provider.Answer = context => Microsoft.AspNetCore.Http.HttpResponseJsonExtensions.WriteAsJsonAsync(
            context.Response, FakeProvider.Tokens("renewed"));

        clock.Offset = jump;
        using (var byBrief = await briefly.GetAsync("/hub/integrations/oauth-config"))
        {
            Assert.That((int)byBrief.StatusCode, Is.EqualTo(keyStatus));
        }

        Assert.That((await ReadAsync("clocked", forever)).Access_token, Is.EqualTo(token));
        using var callback = await app.Client().GetAsync(CallbackOf(waiting["state"]));
        Assert.That((int)callback.StatusCode, Is.EqualTo(signInStatus));

        // What the wrong clock stored is no obstacle once it is right again.
        clock.Offset = TimeSpan.Zero;
        using (var byBrief = await briefly.GetAsync("/hub/integrations/oauth-config"))
        {
            Assert.That((int)byBrief.StatusCode, Is.EqualTo(200));
        }

        Assert.That((await ReadAsync("clocked", forever)).Access_token, Is.AnyOf("access-1", "access-renewed"));
        await ConnectAsync("after", forever);
        using var ready = await app.Client().GetAsync("/health/ready");
        Assert.That((int)ready.StatusCode, Is.EqualTo(200));
    }

    /// <summary>A wall clock that is set; what measures durations goes on, as on a real host.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
