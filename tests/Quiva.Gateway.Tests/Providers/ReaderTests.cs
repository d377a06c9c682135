using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// Many read a connection whose token has expired, at a provider whose refresh tokens work once: one asks it, whatever
/// it answers, and no refresh token is lost. With <c>GATEWAY_TEST_LONG=1</c> 50 read at two processes, else 10 at one.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ReaderTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    private static readonly string[] Settings =
        ["--Oauth:AllowedNetworks:0=127.0.0.0/8", "--Oauth:SweepIntervalSeconds=0", "--Oauth:ProviderTimeoutSeconds=1"];

    private readonly List<ServerProcess> servers = [];
    private readonly List<HttpClient> readers = [];

    [OneTimeSetUp]
    public async Task StartServersAsync()
    {
        var key = await App.KeyAsync("acme", ["developer"]);
        for (var number = 0; IsLong && number < 2; number++)
        {
            servers.Add(await ServerProcess.StartAsync(App.TestDatabase, Settings));
            readers.Add(servers[^1].Client(key));
        }

        if (!IsLong)
        {
            readers.Add(await App.ClientAsync("acme", "developer"));
        }
    }

    [OneTimeTearDown]
    public void StopServers()
    {
        readers.ForEach(reader => reader.Dispose());
        servers.ForEach(server => server.Dispose());
    }

    private static IEnumerable<TestCaseData> Answers()
    {
        static TestCaseData Case(string name, int milliseconds, byte[] says, int status, string next) =>
            new TestCaseData(milliseconds, says, status, next).SetArgDisplayNames(name);

        const string json = "application/json";
        yield return Case("late", 800, Wire.Json(Tokens(2)), 200, "refresh-2");
        yield return Case("too late", 3000, Wire.Json(Tokens(2)), 504, "refresh-1");
        yield return Case("late garbage", 500, RawProvider.Http(200, "text/html", "<html>"), 502, "refresh-1");
        yield return Case("late nothing", 500, [], 502, "refresh-1");
        yield return Case("late failure", 500, RawProvider.Http(500, null, ""), 502, "refresh-1");
        yield return Case(
            "late half a pair", 500, RawProvider.Http(400, json, """{"error":"\ud83d"}"""), 400, "refresh-1");
        yield return Case(
            "a token of no use, and a new refresh token",
            500,
            RawProvider.Http(200, json, """{"access_token":"a\n","refresh_token":"refresh-2"}"""),
            502,
            "refresh-2");
        yield return Case(
            "an error, and a new refresh token", 500, RawProvider.Http(
                400, json, """{"error":"odd","refresh_token":"refresh-2"}"""), 400, "refresh-2");
        yield return Case(
            "the end of the grant", 500, RawProvider.Http(400, json, """{"error":"invalid_grant"}"""), 400, "none");
    }

    [TestCaseSource(nameof(Answers))]
    public async Task Of_many_readers_one_asks_and_no_refresh_token_is_lost(
        int milliseconds, byte[] says, int status, string next)
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config => config["token_endpoint_auth_method"] = "client_secret_basic");
        await ExpireAsync(integration);
        Provider.On(integration, async (_, stream, cancellationToken) =>
        {
            await Task.Delay(milliseconds, cancellationToken);
            await stream.WriteAsync(says, cancellationToken);
        });
        // Connected before they ask: one that came after the failure would ask again.
        await ReadAllAsync($"/hub/integrations/{integration}/oauth-connections");
        var responses = await ReadAllAsync($"/hub/integrations/{integration}/oauth-token/maria");
        Assert.That(responses.Select(response => (int)response.StatusCode), Has.All.EqualTo(status));
        Assert.That(Provider.RequestsOf(integration), Has.Count.EqualTo(1));

        // Now it is well again, and takes the refresh token that it gave last.
        Provider.On(integration, request => request["refresh_token"] == next
            ? Wire.Json(Tokens(3))
            : RawProvider.Http(400, "application/json", """{"error":"invalid_grant"}"""));
        using var read = await readers[0].GetAsync($"/hub/integrations/{integration}/oauth-token/maria");
        Assert.That(
            (int)read.StatusCode, Is.EqualTo(next == "none" ? 400 : 200), await read.Content.ReadAsStringAsync());
        if (next != "none")
        {
            Assert.That(
                (await read.Content.ReadFromJsonAsync<OauthConnection>())!.Refresh_token,
                Is.EqualTo(status == 200 ? "refresh-2" : "refresh-3"));
        }
    }

    /// <summary>
    /// The one loss that there is: a refresh token that came, in a process that dies before it is stored.
    /// </summary>
    [Test]
    public async Task Who_is_killed_between_answer_and_commit_loses_one_token_and_the_user_is_asked_to_sign_in_again()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config => config["token_endpoint_auth_method"] = "client_secret_basic");
        await ExpireAsync(integration);
        var (held, answered, killed) =
            (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        Task holding = Task.CompletedTask;
        Provider.On(integration, async (request, stream, cancellationToken) =>
        {
            if (held.Task.IsCompleted)
            {
                await stream.WriteAsync(
                    RawProvider.Http(400, "application/json", """{"error":"invalid_grant"}"""), cancellationToken);
                return;
            }

            // From here on nobody can write the row: what is answered now is not stored before the kill.
            holding = App.Database.InTransactionAsync(
                async transaction =>
                {
                    await transaction.ExecuteAsync(
                        "update oauth_connections set fence = fence where account = @account and integration_id = @integration",
                        new { account = "acme", integration },
                        default);
                    held.SetResult();
                    await killed.Task;
                    return 0;
                },
                default);
            await held.Task;
            await stream.WriteAsync(Wire.Json(Tokens(2)), cancellationToken);
            answered.SetResult();
        });
        var key = await App.KeyAsync("acme", ["developer"]);
        using var victim = await ServerProcess.StartAsync(App.TestDatabase, Settings);
        using var doomed = victim.Client(key, isChecked: false);
        var lost = doomed.GetAsync($"/hub/integrations/{integration}/oauth-token/maria");
        await answered.Task;
        await Task.Delay(300);
        victim.Kill();
        killed.SetResult();
        await holding;
        Assert.That(async () => await lost, Throws.InstanceOf<HttpRequestException>());

        // After the dead one's lease the next one asks, with the refresh token that is spent.
        using var told = await User.GetAsync($"/hub/integrations/{integration}/oauth-token/maria");
        Assert.That(
            ((int)told.StatusCode, await told.ErrorAsync()),
            Is.EqualTo((400, "The provider no longer accepts this code or refresh token. Sign in again.")));
        Assert.That(
            Provider.RequestsOf(integration).Select(request => request["refresh_token"]),
            Is.EqualTo(new[] { "refresh-1", "refresh-1" }));
        var listed =
            await User.GetFromJsonAsync<OauthConnectionsList>($"/hub/integrations/{integration}/oauth-connections");
        Assert.That(listed!.Results.Single().Status, Is.EqualTo(ConnectionStatus.Needs_sign_in));

        Provider.On(integration, _ => Wire.Json(Tokens(4)));
        await ConnectAsync(integration);
        Assert.That((await ReadAsync(integration)).Access_token, Is.EqualTo("access-4"));
    }

    private Task<HttpResponseMessage[]> ReadAllAsync(string path) =>
        Task.WhenAll(
            Enumerable.Range(0, IsLong ? 50 : 10).Select(number => readers[number % readers.Count].GetAsync(path)));

    private async Task ExpireAsync(string integration) => await App.Services.GetRequiredService<OauthConnectionStore>()
        .SaveAsync(
        new() { Account = "acme", Actor = "test", IntegrationId = integration, ConnectionId = "maria" },
        new("access-1", "refresh-1", "Bearer", TimeSpan.FromSeconds(1)),
        DateTimeOffset.UtcNow.AddMinutes(-1),
        default);
}
