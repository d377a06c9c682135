using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>Answers without tokens: what callers and the sweep see of each.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AnswerTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    private static IEnumerable<TestCaseData> Bad() =>
        Wire.Bad().Select(row => new TestCaseData(row.Says, row.Status, row.Text).SetArgDisplayNames(row.Name));

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
        Assert.That(
            (int)again.StatusCode,
            Is.EqualTo(text.EndsWith("Sign in again.", StringComparison.Ordinal) ? 400 : 200),
            "No lease is left, and only a grant that is gone stays gone.");
    }

    [Test]
    public async Task A_new_refresh_token_is_kept_even_if_its_answer_has_no_other_use()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConnectAsync(integration);
        Provider.On(
            integration,
            _ => RawProvider.Http(200, "application/json", """{"access_token":"a\n","refresh_token":"refresh-2"}"""));
        using var failed = await RenewAsync(integration, "refresh-1");
        Assert.That((int)failed.StatusCode, Is.EqualTo(502));
        Provider.On(integration, _ => Wire.Json(Tokens(3)));
        using var renewed = await RenewAsync(integration, "refresh-2");
        Assert.That((int)renewed.StatusCode, Is.EqualTo(200));
        Assert.That(Provider.RequestsOf(integration)[^1]["refresh_token"], Is.EqualTo("refresh-2"));
    }

    [OneTimeTearDown]
    public void No_answer_s_text_is_logged() =>
        Assert.That(App.Logs, Does.Not.Contain("no_more_tea").And.Not.Contain("X-Evil"));

    [Test]
    public async Task The_provider_learns_who_asks_and_nothing_of_traces()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConnectAsync(integration);
        var headers = Provider.RequestsOf(integration).Single().Headers;
        Assert.That(headers["user-agent"], Does.Match(@"^Quiva\.Gateway/\d+\.\d+\.\d+$"));
        Assert.That(headers.Keys, Is.EquivalentTo(
            new[] { "host", "accept", "user-agent", "authorization", "content-type", "content-length" }));
    }
}
