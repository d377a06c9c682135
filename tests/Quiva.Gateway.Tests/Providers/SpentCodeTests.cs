using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// Providers that take credentials in the body alone, and spend the code on the try that they refuse.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SpentCodeTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    private static IEnumerable<TestCaseData> Refusals()
    {
        static TestCaseData Case(string name, byte[] says) => new TestCaseData(says).SetArgDisplayNames(name);
        yield return Case(
            "invalid_client", RawProvider.Http(401, "application/json", """{"error":"invalid_client"}"""));
        yield return Case(
            "invalid_request", RawProvider.Http(400, "application/json", """{"error":"invalid_request"}"""));
        yield return Case("a page", RawProvider.Http(401, "text/html", "<html>"));
        yield return Case(
            "200 and an error",
            RawProvider.Http(200, "application/json", """{"ok":false,"error":"bad_client_secret"}"""));
    }

    [TestCaseSource(nameof(Refusals))]
    public async Task The_next_sign_in_starts_with_the_other_form(byte[] refusal)
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        var spent = new HashSet<string>();
        Provider.On(integration, request => request["grant_type"] switch
        {
            "authorization_code" when !spent.Add(request["code"]!) =>
                RawProvider.Http(400, "application/json", """{"error":"invalid_grant"}"""),
            null => RawProvider.Http(200, null, ""),
            _ when request["client_secret"] is null => refusal,
            _ => Wire.Json(Tokens(IsExchange(request) ? 1 : 2)),
        });
        using var first = await CallBackAsync(await LoginAsync(integration), "code=one");
        Assert.That(
            ((int)first.StatusCode, await first.ErrorAsync()),
            Is.EqualTo((400, "The provider no longer accepts this code or refresh token. Sign in again.")));
        await ConnectAsync(integration, parameters: "code=two");
        using var renewed = await RenewAsync(integration, "refresh-1");
        using var removed = await RemoveAsync(integration);
        Assert.That((int)renewed.StatusCode, Is.EqualTo(200));
        Assert.That(
            Provider.RequestsOf(integration)
                .Select(request => (request["code"] ?? request["refresh_token"], request.Basic is not null))
                .Take(4),
            Is.EqualTo(new[] { ("one", true), ("one", false), ("two", false), ("refresh-1", false) }));
        Assert.That(
            Provider.RequestsOf(integration).Skip(4).Select(request => request.Basic),
            Has.All.Null,
            "Revocations too.");
    }
}
