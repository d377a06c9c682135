using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Moq;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Security;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SecretsTests(DatabaseProvider engine)
{
    private static readonly Sql FindSealed =
        "select client_secret from oauth_configs where integration_id = @integration";
    private static readonly Sql ReplaceSealed =
        "update oauth_configs set client_secret = @secret where integration_id = @integration";

    private GatewayApp app = null!;
    private HttpClient admin = null!;

    [SetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(engine);
        admin = await app.AdminAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        admin.Dispose();
        await app.DisposeAsync();
    }

    [Test]
    public async Task A_stored_secret_is_sealed_and_opens_in_its_place_only()
    {
        using var put = await admin.PutConfigAsync(Configs.Body("sealed", app.Canary));
        var stored = await SealedAsync("sealed");
        Assert.That(Encoding.UTF8.GetString(stored), Does.Not.Contain(app.Canary));
        var secrets = app.Services.GetRequiredService<SecretProtector>();
        Assert.That(secrets.Open(OauthConfigStore.PlaceOf("sealed"), stored), Is.EqualTo(app.Canary));
        foreach (var place in new[]
        {
            new SecretPlace("oauth_configs", "client_secret", "other"),
            new("oauth_configs", "other", "sealed"),
            new("other", "client_secret", "sealed")
        })
        {
            Assert.That(() => secrets.Open(place, stored), Throws.InstanceOf<CryptographicException>());
        }
    }

    [Test]
    public async Task A_ciphertext_that_was_copied_truncated_or_altered_does_not_open([Values(
        "copied", "truncated", "flipped", "emptied")] string how)
    {
        using var one = await admin.PutConfigAsync(Configs.Body("one", app.Canary));
        using var two = await admin.PutConfigAsync(Configs.Body("two", app.Canary));
        var stored = await SealedAsync("one");
        await ReplaceAsync("two", how switch
        {
            "copied" => stored,
            "truncated" => (await SealedAsync("two"))[..^1],
            "emptied" => [],
            _ => [.. stored[..^1], (byte)(stored[^1] ^ 1)],
        });
        using var put = await admin.PutConfigAsync(Configs.Body("two", app.Canary));
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(await put.ErrorAsync(), Is.EqualTo("Internal error."));
        Assert.That(app.Logs, Does.Contain("Error PUT putIntegrationsOauthConfig failed").And.Not.Contain(app.Canary));

        // It is evidence, so it stays until someone removes it on purpose; then the integration can be configured
        // again.
        using var delete = await admin.DeleteConfigAsync("two");
        using var again = await admin.PutConfigAsync(Configs.Body("two", app.Canary));
        Assert.That((delete.StatusCode, again.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
    }

    [Test]
    public async Task A_protector_that_fails_stores_nothing()
    {
        var broken = new Mock<IDataProtectionProvider>();
        broken.Setup(provider => provider.CreateProtector(It.IsAny<string>()))
            .Throws(new CryptographicException("broken"));
        await using var other = await GatewayApp.StartAsync(
            app.TestDatabase, services => services.AddSingleton(new SecretProtector(broken.Object, () => { })));
        using var client = await other.AdminAsync();
        using var put = await client.PutConfigAsync(Configs.Body("broken"));
        using var get = await client.GetConfigAsync("broken");
        Assert.That(
            (put.StatusCode, get.StatusCode),
            Is.EqualTo((HttpStatusCode.InternalServerError, HttpStatusCode.NotFound)));
    }

    [Test]
    public async Task Reseal_seals_under_the_newest_key_and_can_be_repeated()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            using var put = await admin.PutConfigAsync(Configs.Body(id, app.Canary));
        }

        var before = await SealedAsync("a");
        using var seen = await admin.GetConfigAsync("a");
        var store = app.Services.GetRequiredService<OauthConfigStore>();
        var actor = new Caller("platform", "cli");
        Assert.That((await store.ResealAsync(actor, default)).Count, Is.Zero);
        KeyRing.Rotate(app.Services);
        Assert.That((await store.ResealAsync(actor, default)).Count, Is.EqualTo(3));
        Assert.That((await store.ResealAsync(actor, default)).Count, Is.Zero);
        var after = await SealedAsync("a");
        Assert.That(after, Is.Not.EqualTo(before));
        Assert.That(
            app.Services.GetRequiredService<SecretProtector>().Open(OauthConfigStore.PlaceOf("a"), after),
            Is.EqualTo(app.Canary));
        using var same = await admin.GetConfigAsync("a");
        Assert.That(same.Headers.ETag, Is.EqualTo(seen.Headers.ETag), "To callers nothing has changed.");
        Assert.That(await app.Database.FindAsync<int>(
            "select count(*) from changes where kind = 'resealed' and fields = 'client_secret'"), Is.EqualTo(3));
    }

    [Test]
    public async Task Reseal_goes_through_connections_a_part_at_a_time_and_on_from_where_it_was_stopped()
    {
        const int All = 450;
        var store = app.Services.GetRequiredService<OauthConnectionStore>();
        await Parallel.ForAsync(0, All, async (number, _) => await store.SaveAsync(
            new()
            {
                Account = "account-" + (number % 3),
                Actor = "test",
                IntegrationId = "many",
                ConnectionId = "c" + number
            },
            new("access", "refresh", "Bearer", null),
            DateTimeOffset.UtcNow,
            default));
        var part = await app.Database.QueryAsync<string>(
            OauthConnectionStore.ListKeysOfAllAccountsSql, new { account = "", integration = "", connection = "" });
        Assert.That(part, Has.Count.LessThan(All), "Not all of them at once.");
        KeyRing.Rotate(app.Services);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        try
        {
            await store.ResealAsync(new("platform", "cli"), stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Somewhere in between, unless the machine is very fast.
        }

        var (rest, unopened) = await store.ResealAsync(new("platform", "cli"), default);
        Assert.That((rest, unopened), Is.EqualTo((rest, Array.Empty<string>())));
        Assert.That(
            await app.Database.FindAsync<int>("select count(*) from changes where kind = 'resealed'"),
            Is.EqualTo(All),
            "Each once.");
        Assert.That((await store.ResealAsync(new("platform", "cli"), default)).Count, Is.Zero);
    }

    [Test]
    public async Task Reseal_goes_on_past_what_does_not_open()
    {
        foreach (var id in new[] { "a", "b" })
        {
            using var put = await admin.PutConfigAsync(Configs.Body(id, app.Canary));
        }

        await ReplaceAsync("a", [1, 2, 3]);
        KeyRing.Rotate(app.Services);
        var (resealed, unopened) = await app.Services.GetRequiredService<OauthConfigStore>()
            .ResealAsync(new("platform", "cli"), default);
        Assert.That((resealed, unopened), Is.EqualTo((1, new[] { "ms.integration.oauth.config.a" })));
        Assert.That(await SealedAsync("a"), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task What_another_instance_has_sealed_under_a_newer_key_opens()
    {
        await using var other = await GatewayApp.StartAsync(app.TestDatabase);
        KeyRing.Rotate(other.Services);
        using var client = await other.AdminAsync();
        using var put = await client.PutConfigAsync(Configs.Body("newer", app.Canary));
        using var replaced = await admin.PutConfigAsync(Configs.Body("newer", app.Canary));
        Assert.That((put.StatusCode, replaced.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
    }

    [Test]
    public async Task The_key_ring_is_sealed_and_does_not_open_under_another_master_key()
    {
        using var put = await admin.PutConfigAsync(Configs.Body("ring", app.Canary));
        var ring = await app.Database.QueryAsync<string>("select xml from data_protection_keys");
        Assert.That(ring, Is.Not.Empty.And.All.Contains("masterKeySealed").And.All.Not.Contains("<value>"));
        Assert.That(
            async () => await GatewayApp.StartAsync(
                app.TestDatabase,
                null,
                $"--Secrets:MasterKey={Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}"),
            Throws.InvalidOperationException.With.Message.Contains("does not open with what Secrets configures"));
    }

    [Test]
    public async Task A_master_key_is_replaced_by_naming_the_previous_one()
    {
        using var put = await admin.PutConfigAsync(Configs.Body("moved", app.Canary));
        var previous = await File.ReadAllTextAsync(Path.Combine(app.TestDatabase.Directory, "master.key"));
        await using var other = await GatewayApp.StartAsync(
            app.TestDatabase, null, $"--Secrets:MasterKey={Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}", $"--Secrets:PreviousMasterKeys:0={previous}");
        using var client = await other.AdminAsync();
        using var replaced = await client.PutConfigAsync(Configs.Body("moved", app.Canary));
        Assert.That(replaced.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_key_ring_that_lies_open_stops_the_start()
    {
        await app.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(
                "insert into data_protection_keys (name, xml, created_at) values ('open', @xml, @now)",
                new
                {
                    xml = $"<key id=\"{Guid.NewGuid()}\"><descriptor><masterKey><value>AAAA</value></masterKey></descriptor></key>",
                    now = DateTimeOffset.UtcNow
                },
                default),
            default);
        Assert.That(
            async () => await GatewayApp.StartAsync(app.TestDatabase),
            Throws.InvalidOperationException.With.Message.Contains("a key that is not sealed"));
    }

    private async Task<byte[]> SealedAsync(string integration) =>
        (await app.Database.FindAsync<byte[]>(FindSealed, new { integration }))!;

    private Task<int> ReplaceAsync(string integration, byte[] secret) =>
        app.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(ReplaceSealed, new { integration, secret }, default), default);
}
