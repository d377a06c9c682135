using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Tests.Oauth;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TokenRefreshTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    private async Task ConnectWithExpiredTokenAsync(string connection)
    {
        Provider.Answer = context => context.Response.WriteAsJsonAsync(FakeProvider.Tokens("old", 1));
        await ConnectAsync(connection);
        Provider.TokenRequests.Clear();
        Provider.Answer = context => context.Response.WriteAsJsonAsync(FakeProvider.Tokens("new"));
    }

    [Test]
    public async Task A_token_that_is_about_to_expire_is_renewed_when_it_is_read()
    {
        await ConnectWithExpiredTokenAsync("maria");
        var first = await ReadAsync("maria");
        var second = await ReadAsync("maria");
        Assert.That(
            (first.Access_token, first.Refresh_token, second.Access_token),
            Is.EqualTo(("access-new", "refresh-new", "access-new")));
        var request = Provider.TokenRequests.Single();
        Assert.That((request["grant_type"], request["refresh_token"]), Is.EqualTo(("refresh_token", "refresh-old")));
        Assert.That(second.Sequence, Is.EqualTo(first.Sequence));
        Assert.That(
            await App.Database.QueryAsync<string>(
                "select kind from changes where subject = @Subject order by sequence", new { first.Subject }),
            Is.EqualTo(new[] { "created", "refreshed" }));
    }

    [Test]
    public async Task An_answer_without_a_refresh_token_keeps_the_old_one()
    {
        await ConnectWithExpiredTokenAsync("maria");
        Provider.Answer =
            FakeProvider.Say(200, "application/json", """{"access_token":"access-new","expires_in":3600}""");
        var read = await ReadAsync("maria");
        Assert.That((read.Access_token, read.Refresh_token), Is.EqualTo(("access-new", "refresh-old")));
    }

    [Test]
    public async Task A_renewal_on_demand_needs_the_present_refresh_token()
    {
        await ConnectAsync("maria");
        Provider.Answer = context => context.Response.WriteAsJsonAsync(FakeProvider.Tokens("2"));
        var path = Path("oauth-refresh-token", "maria") + "?refresh_token=";
        var renewed = await User.GetFromJsonAsync<OauthConnection>(path + "refresh-1");
        using var replayed = await User.GetAsync(path + "refresh-1");
        using var missing = await User.GetAsync(Path("oauth-refresh-token", "maria"));
        Assert.That((renewed!.Access_token, renewed.Refresh_token), Is.EqualTo(("access-2", "refresh-2")));
        Assert.That(
            (replayed.StatusCode, missing.StatusCode),
            Is.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest)));
        Assert.That(
            await replayed.ErrorAsync(),
            Is.EqualTo("refresh_token is not the connection's present one. Read the connection again."));
        Assert.That(await missing.ErrorAsync(), Is.EqualTo("refresh_token is required."));
    }

    [Test]
    public async Task The_next_renewal_uses_the_new_configuration()
    {
        await ConnectWithExpiredTokenAsync("maria");
        var config = Provider.Config("fake");
        config["client_id"] = "new-client";
        using var put = await Admin.PutConfigAsync(config);
        await ReadAsync("maria");
        Assert.That(
            Provider.TokenRequests.Single()["authorization"],
            Is.EqualTo("Basic " + Convert.ToBase64String("new-client:s3cret"u8)));
    }

    [Test]
    public async Task Without_a_configuration_a_connection_is_readable_but_not_renewable()
    {
        await ConnectWithExpiredTokenAsync("maria");
        using var delete = await Admin.DeleteConfigAsync("fake");
        var read = await ReadAsync("maria");
        using var refresh = await User.GetAsync(Path("oauth-refresh-token", "maria") + "?refresh_token=refresh-old");
        Assert.That((read.Access_token, read.Expires_in), Is.EqualTo(("access-old", 0)).Or.EqualTo(("access-old", 1)));
        Assert.That(refresh.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(
            await refresh.ErrorAsync(),
            Is.EqualTo("This integration has no OAuth configuration any more, so its connections can't be renewed."));
    }

    [Test]
    public async Task A_refused_refresh_token_asks_for_a_new_sign_in()
    {
        await ConnectWithExpiredTokenAsync("maria");
        await Task.Delay(TimeSpan.FromSeconds(1));
        Provider.Answer = FakeProvider.Say(400, "application/json", """{"error":"invalid_grant"}""");
        using var refused = await User.GetAsync(Path("oauth-token", "maria"));
        Assert.That((refused.StatusCode, await refused.ErrorAsync()), Is.EqualTo(
            (HttpStatusCode.BadRequest, "The provider no longer accepts this code or refresh token. Sign in again.")));
        Provider.Answer = context => context.Response.WriteAsJsonAsync(FakeProvider.Tokens("again"));
        await ConnectAsync("maria");
        Assert.That((await ReadAsync("maria")).Access_token, Is.EqualTo("access-again"));
    }

    [Test]
    public async Task Of_many_who_wait_for_a_provider_that_fails_one_asks()
    {
        await ConnectAsync("maria");
        Provider.TokenRequests.Clear();
        var connection = (await App.Services.GetRequiredService<OauthConnectionStore>()
            .FindAsync(new("acme", "fake", "maria"), default))!;
        var everyoneWaits = new TaskCompletionSource();
        Provider.Answer = async context =>
        {
            await everyoneWaits.Task;
            await FakeProvider.Say(500, "application/json", "{}")(context);
        };
        var refresh = App.Services.GetRequiredService<TokenRefresh>();
        var readers = Enumerable.Range(0, 10).Select(_ => refresh.RefreshAsync(connection, "reader", default)).ToList();
        everyoneWaits.SetResult();
        foreach (var reader in readers)
        {
            Assert.That(
                async () => await reader,
                Throws.InstanceOf<GatewayException>().With.Message.EqualTo("The provider failed. Try again later."));
        }

        Assert.That(Provider.TokenRequests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_holder_that_outlives_its_lease_can_t_overwrite_a_newer_result()
    {
        await ConnectAsync("maria");
        var store = App.Services.GetRequiredService<ConnectionLeaseStore>();
        var connection = (await App.Services.GetRequiredService<OauthConnectionStore>()
            .FindAsync(new("acme", "fake", "maria"), default))!;
        var slow = await store.TryLeaseAsync(connection, "slow", TimeSpan.FromMilliseconds(1), default);
        await Task.Delay(50);
        var quick = await store.TryLeaseAsync(connection, "quick", TimeSpan.FromMinutes(1), default);
        Assert.That(
            await store.TryLeaseAsync(connection, "third", TimeSpan.FromMinutes(1), default), Is.Null, "It is leased.");
        Assert.That(quick, Is.GreaterThan(slow!.Value));
        Assert.That(async () => await store.RenewAsync(
            connection,
            "slow",
            slow!.Value,
            new("stale", "stale", "Bearer", null),
            DateTimeOffset.UtcNow,
            "slow"), Throws.InstanceOf<LeaseLostException>());
        Assert.That(await store.RenewAsync(
            connection, "quick", quick!.Value, new("fresh", "fresh", "Bearer", null), DateTimeOffset.UtcNow, "quick"));
        Assert.That(await store.RenewAsync(
            connection,
            "slow",
            slow!.Value,
            new("stale", "stale", "Bearer", null),
            DateTimeOffset.UtcNow,
            "slow"), Is.False);
        Assert.That((await ReadAsync("maria")).Access_token, Is.EqualTo("fresh"));
        Assert.That(
            await App.Database.FindAsync<int>("select count(*) from changes where kind = 'refreshed'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Of_50_readers_at_two_servers_one_asks_the_provider()
    {
        await ConnectWithExpiredTokenAsync("maria");
        Provider.Answer = async context =>
        {
            await Task.Delay(300);
            await context.Response.WriteAsJsonAsync(FakeProvider.Tokens("new"));
        };
        var key = await App.KeyAsync("acme", ["developer"]);
        using var one = await ServerProcess.StartAsync(App.TestDatabase, Settings);
        using var two = await ServerProcess.StartAsync(App.TestDatabase, Settings);
        using var first = one.Client(key);
        using var second = two.Client(key);
        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(
            i => (i % 2 == 0 ? first : second).GetFromJsonAsync<OauthConnection>(Path("oauth-token", "maria"))));
        Assert.That(responses.Select(read => read!.Access_token), Has.All.EqualTo("access-new"));
        Assert.That(Provider.TokenRequests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task When_the_one_that_asks_is_killed_another_takes_over()
    {
        await ConnectWithExpiredTokenAsync("maria");
        var asked = new TaskCompletionSource();
        Provider.Answer = async context =>
        {
            if (asked.TrySetResult())
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await context.Response.WriteAsJsonAsync(FakeProvider.Tokens("new"));
        };
        var key = await App.KeyAsync("acme", ["developer"]);
        using var victim =
            await ServerProcess.StartAsync(App.TestDatabase, [.. Settings, "--Oauth:ProviderTimeoutSeconds=2"]);
        using var survivor = await ServerProcess.StartAsync(App.TestDatabase, Settings);
        using var doomed = victim.Client(key);
        using var client = survivor.Client(key);
        var lost = doomed.GetAsync(Path("oauth-token", "maria"));
        await asked.Task;
        victim.Kill();
        var responses = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(_ => client.GetFromJsonAsync<OauthConnection>(Path("oauth-token", "maria"))));
        Assert.That(responses.Select(read => read!.Access_token), Has.All.EqualTo("access-new"));
        Assert.That(Provider.TokenRequests, Has.Count.EqualTo(2));
        Assert.That(async () => await lost, Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task The_sweep_renews_what_expires_soon_and_leaves_the_rest()
    {
        await ConnectWithExpiredTokenAsync("soon");
        await ConnectAsync("later");
        Provider.TokenRequests.Clear();
        var sweep = ActivatorUtilities.CreateInstance<ConnectionSweep>(App.Services);
        Assert.That(await sweep.SweepAsync(DateTimeOffset.UtcNow.AddMinutes(1), default), Is.EqualTo(1));
        Assert.That(await sweep.SweepAsync(DateTimeOffset.UtcNow.AddMinutes(1), default), Is.Zero);
        Assert.That(Provider.TokenRequests.Single()["refresh_token"], Is.EqualTo("refresh-old"));
        Assert.That(
            await App.Database.FindAsync<string>("select actor from changes where kind = 'refreshed'"),
            Is.EqualTo("sweep"));
    }

    [Test]
    public async Task The_sweep_does_not_press_a_provider_that_refuses()
    {
        await ConnectWithExpiredTokenAsync("soon");
        Provider.Answer = FakeProvider.Say(400, "application/json", """{"error":"invalid_grant"}""");
        var sweep = ActivatorUtilities.CreateInstance<ConnectionSweep>(App.Services);
        Assert.That(await sweep.SweepAsync(DateTimeOffset.UtcNow.AddMinutes(1), default), Is.Zero);
        Assert.That(await sweep.SweepAsync(DateTimeOffset.UtcNow.AddMinutes(1), default), Is.Zero);
        Assert.That(Provider.TokenRequests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Tokens_are_sealed_again_under_a_new_key()
    {
        await ConnectAsync("maria");
        KeyRing.Rotate(App.Services);
        var store = App.Services.GetRequiredService<OauthConnectionStore>();
        Assert.That((await store.ResealAsync(new("platform", "cli"), default)).Count, Is.EqualTo(1));
        Assert.That((await store.ResealAsync(new("platform", "cli"), default)).Count, Is.Zero);
        Assert.That((await ReadAsync("maria")).Refresh_token, Is.EqualTo("refresh-1"));
    }

    // The listing reads keys in parts of 200.
    [Test]
    public async Task Every_connection_of_every_account_is_sealed_again_once()
    {
        var keys = new[] { "acme", "acme-2", "zeta" }
            .SelectMany(account => Enumerable.Range(0, 150).Select(i => (account, id: $"c{i}")))
            .ToList();
        await App.Database.InTransactionAsync(
            async transaction =>
            {
                foreach (var (account, id) in keys)
                {
                    await transaction.ExecuteAsync(
                        InsertUnopenableSql,
                        new { account, id, token = new byte[] { 1, 2, 3 }, now = DateTimeOffset.UtcNow },
                        default);
                }

                return true;
            },
            default);
        var (count, unopened) = await App.Services.GetRequiredService<OauthConnectionStore>()
            .ResealAsync(new("platform", "cli"), default);
        Assert.That(count, Is.Zero);
        Assert.That(unopened, Is.EquivalentTo(keys.Select(key => $"ms.integration.oauth.{key.account}.fake.{key.id}")));
    }

    internal static readonly Sql InsertUnopenableSql = """
        insert into oauth_connections (account, integration_id, connection_id, access_token, token_type, scopes, version, modified_at, fence)
        values (@account, 'fake', @id, @token, 'Bearer', '', 0, @now, 0)
        """;
}
