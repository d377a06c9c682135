using System.Net.Http.Json;
using System.Text;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Security;

/// <summary>
/// A random client secret is looked for wherever it might have gone, after success and after every kind of failure.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CanaryTests(DatabaseProvider engine)
{
    [Test]
    public async Task A_secret_goes_nowhere_but_into_its_sealed_column()
    {
        using var seen = new Observed();
        await using var app = await GatewayApp.StartAsync(engine);
        using (var admin = await app.AdminAsync())
        using (var developer = await app.ClientAsync("acme", "developer"))
        {
            var body = Configs.Body("canary", app.Canary);
            var broken = body.ToJsonString()[..^1];
            var statuses = new List<int>();
            foreach (var sending in new Func<Task<HttpResponseMessage>>[]
            {
                () => admin.PutConfigAsync(body),
                () => admin.PutConfigAsync(body, "\"0\""),
                () => admin.PutConfigAsync(body, app.Canary),
                () => developer.PutConfigAsync(body),
                () => app.Client().PutConfigAsync(body),
                () => app.Client(headers => headers.Add("X-Api-Key", app.Canary)).PutConfigAsync(body),
                () => app.Client(headers => headers.Authorization = new("Bearer", app.Canary)).PutConfigAsync(body),
                () => admin.PutConfigAsync("other", JsonContent.Create(body)),
                () => admin.PutConfigAsync("canary", new StringContent(broken, Encoding.UTF8, "application/json")),
                () => admin.PutConfigAsync("canary", new StringContent(broken, Encoding.UTF8, "text/plain")),
                () => admin.PutConfigAsync("canary", new StringContent(
                    body.ToJsonString().Replace("https://slack.com", app.Canary, StringComparison.Ordinal),
                    Encoding.UTF8,
                    "application/json")),
                () => admin.PutConfigAsync("canary", new StringContent(
                    body.ToJsonString() + new string(' ', 70_000), Encoding.UTF8, "application/json")),
                () => admin.PutConfigAsync("canary", new StringContent(
                    $"{{\"client_secret\":{{\"{app.Canary}\":1}}}}", Encoding.UTF8, "application/json")),
                () => admin.PutConfigAsync("canary", new StringContent(
                    $"{{\"client_secret\":\"{app.Canary}\\u0000\"}}", Encoding.UTF8, "application/json")),
                () => admin.GetConfigAsync("canary"),
                () => admin.GetAsync("/hub/integrations/oauth-config"),
                () => BrokenAsync(app, admin, body),
                () => admin.DeleteConfigAsync("canary"),
            })
            {
                using var response = await sending();
                statuses.Add((int)response.StatusCode);
            }

            Assert.That(statuses, Is.EqualTo(
                new[] { 200, 412, 400, 403, 401, 401, 401, 400, 400, 415, 400, 413, 400, 400, 200, 200, 500, 500 }));
        }

        Assert.That(app.Logs, Does.Contain("OAuth configuration canary created"));
        await seen.AssertNowhereAsync(app, app.Canary);
    }

    private static async Task<HttpResponseMessage> BrokenAsync(
        GatewayApp app, HttpClient admin, System.Text.Json.Nodes.JsonObject body)
    {
        await app.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(DurabilityTests.BreakChangesSql, null, default), default);
        return await admin.PutConfigAsync(body);
    }
}
