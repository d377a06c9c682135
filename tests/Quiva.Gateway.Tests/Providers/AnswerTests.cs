using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>Whatever a token endpoint answers: the whole circle with each behaviour, and what callers and the sweep see of each failure.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AnswerTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    private static IEnumerable<TestCaseData> Good() => Wire.Good().Select(row => new TestCaseData(row.Say).SetArgDisplayNames(row.Name));

    private static IEnumerable<TestCaseData> Bad() => Wire.Bad().Select(row => new TestCaseData(row.Says, row.Status, row.Text).SetArgDisplayNames(row.Name));

    [TestCaseSource(nameof(Good))]
    public async Task Tokens_are_had_from(Func<JsonObject, byte[]> say)
    {
        var integration = NewIntegration();
        Provider.On(integration, request => say(Tokens(IsExchange(request) ? 1 : 2)));
        await ConfigureAsync(integration);
        await ConnectAsync(integration);
        var first = await ReadAsync(integration);
        Assert.That((first.Access_token, first.Refresh_token, first.Token_type), Is.EqualTo(("access-1", "refresh-1", "Bearer")));
        Assert.That(first.Expires_in, Is.InRange(3500, 3600));
        using var renewed = await RenewAsync(integration, "refresh-1");
        var second = await renewed.Content.ReadFromJsonAsync<OauthConnection>();
        Assert.That((second!.Access_token, second.Refresh_token), Is.EqualTo(("access-2", "refresh-2")), "The new refresh token is kept.");
        using var removed = await RemoveAsync(integration);
        Assert.That((int)removed.StatusCode, Is.EqualTo(200));
        Assert.That(
            Provider.RequestsOf(integration).Select(request => request["grant_type"] ?? request["token"]),
            Is.EqualTo(new[] { "authorization_code", "refresh_token", "refresh-2", "access-2" }));
    }

    [TestCaseSource(nameof(Bad))]
    public async Task A_failure_is_told_costs_nothing_and_leaves_no_lease(byte[] says, int status, string text)
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        Provider.On(integration, _ => says);
        using var refused = await CallBackAsync(await LoginAsync(integration));
        Assert.That(((int)refused.StatusCode, await refused.ErrorAsync()), Is.EqualTo((status, text)));

        Provider.On(integration, _ => Wire.Json(Tokens(1, expiresIn: 30)));
        await ConnectAsync(integration);
        Provider.On(integration, _ => says);
        Assert.That((await ReadAsync(integration)).Access_token, Is.EqualTo("access-1"), "The old token still works.");
        using var failed = await RenewAsync(integration, "refresh-1");
        Assert.That(((int)failed.StatusCode, await failed.ErrorAsync()), Is.EqualTo((status, text)));

        Provider.On(integration, _ => Wire.Json(Tokens(2)));
        using var again = await RenewAsync(integration, "refresh-1");
        Assert.That((int)again.StatusCode, Is.EqualTo(text.EndsWith("Sign in again.", StringComparison.Ordinal) ? 400 : 200), "No lease is left, and only a grant that is gone stays gone.");
    }

    [Test]
    public async Task A_new_refresh_token_is_kept_even_if_its_answer_has_no_other_use()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConnectAsync(integration);
        Provider.On(integration, _ => RawProvider.Http(200, "application/json", """{"access_token":"a\n","refresh_token":"refresh-2"}"""));
        using var failed = await RenewAsync(integration, "refresh-1");
        Assert.That((int)failed.StatusCode, Is.EqualTo(502));
        Provider.On(integration, _ => Wire.Json(Tokens(3)));
        using var renewed = await RenewAsync(integration, "refresh-2");
        Assert.That((int)renewed.StatusCode, Is.EqualTo(200));
        Assert.That(Provider.RequestsOf(integration)[^1]["refresh_token"], Is.EqualTo("refresh-2"));
    }

    [OneTimeTearDown]
    public void No_answer_s_text_is_logged() => Assert.That(App.Logs, Does.Not.Contain("no_more_tea").And.Not.Contain("X-Evil"));

    [Test]
    public async Task The_provider_learns_who_asks_and_nothing_of_traces()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConnectAsync(integration);
        var headers = Provider.RequestsOf(integration).Single().Headers;
        Assert.That(headers["user-agent"], Does.Match(@"^Quiva\.Gateway/\d+\.\d+\.\d+$"));
        Assert.That(headers.Keys, Is.EquivalentTo(new[] { "host", "accept", "user-agent", "authorization", "content-type", "content-length" }));
    }
}
