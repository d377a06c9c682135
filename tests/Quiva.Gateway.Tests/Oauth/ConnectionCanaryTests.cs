using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>
/// Tokens, codes, states and verifiers are looked for wherever they might have gone, after success and after failures.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ConnectionCanaryTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    [Test]
    public async Task Secrets_of_a_connection_go_nowhere_but_into_their_sealed_columns_and_to_their_account()
    {
        using var seen = new Observed();
        string access = Secret("access"), refresh = Secret("refresh"), code =
            Secret("code"), newAccess = Secret("new-access"), newRefresh = Secret("new-refresh");
        Provider.Answer = context => context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["access_token"] = access,
            ["refresh_token"] = refresh,
            ["expires_in"] = 1
        });
        var state = (await SignInAsync(User, "maria"))["state"]!;
        using var connected = await CallBackAsync(state, "code=" + code);
        Assert.That(
            await connected.Content.ReadAsStringAsync(),
            Does.Not.Contain(access).And.Not.Contain(refresh).And.Not.Contain(code));
        var verifier = Provider.TokenRequests.Last()["code_verifier"];
        using var replayed = await CallBackAsync(state, "code=" + code);

        await Task.Delay(TimeSpan.FromSeconds(1));
        Provider.Answer = FakeProvider.Say(500, "text/html", access + refresh);
        using var failed = await User.GetAsync(Path("oauth-token", "maria"));
        Provider.Answer = context => context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["access_token"] = newAccess,
            ["refresh_token"] = newRefresh,
            ["expires_in"] = 3600
        });
        using var wrong = await User.GetAsync(Path("oauth-refresh-token", "maria") + "?refresh_token=" + code);
        using var renewed = await User.GetAsync(Path("oauth-refresh-token", "maria") + "?refresh_token=" + refresh);
        using var foreign = await Stranger.GetAsync(Path("oauth-refresh-token", "maria") + "?refresh_token=" + refresh);
        using var list = await User.GetAsync("/hub/integrations/oauth-connections");
        Assert.That(
            new[] { connected, replayed, failed, wrong, renewed, foreign, list }
                .Select(response => (int)response.StatusCode),
            Is.EqualTo(new[] { 200, 401, 502, 400, 200, 404, 200 }));
        Assert.That(await renewed.Content.ReadAsStringAsync(), Does.Contain(newAccess).And.Contain(newRefresh));
        Assert.That(renewed.Headers.CacheControl!.NoStore);
        Assert.That(await list.Content.ReadAsStringAsync(), Does.Not.Contain(newAccess).And.Not.Contain(newRefresh));
        using var delete = await User.DeleteAsync(Path("oauth-connections", "maria"));
        Assert.That(delete.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await seen.AssertNowhereAsync(App, access, refresh, newAccess, newRefresh, code, state, verifier, "s3cret");
    }

    private static string Secret(string name) => $"{name}-{Guid.NewGuid():n}";
}
