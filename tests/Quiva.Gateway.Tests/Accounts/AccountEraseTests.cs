using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Accounts;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Data.Rules;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Accounts;

/// <summary>Erasing an account, in every table that has an account by the schema.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AccountEraseTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    private static IEnumerable<string> Owned =>
        SqlSchema.Current.Tables.Values.Where(table => table.IsOwned).Select(table => table.Name);

    private string[] Verb(params string[] words) => [
        "accounts",
        "erase",
        .. words,
        .. App.TestDatabase.Settings,
        "--environment=Development",
        "--Oauth:AllowedNetworks:0=127.0.0.0/8"
    ];

    [Test]
    public void No_table_with_an_account_is_forgotten() => Assert.That(
        AccountEraseStore.Tables.Select(table => table.Name)
            .Concat(["changes", "oauth_connections", "oauth_pending_sign_ins"]),
        Is.EquivalentTo(Owned),
        "A table with an account: add it to AccountEraseStore (CountSql, a Delete…Sql, Tables) and to this test's account.");

    [Test]
    public async Task Everything_of_the_account_goes_and_nothing_else()
    {
        foreach (var (user, account) in new[] { (User, "acme"), (Stranger, "other") })
        {
            await FillAsync(user, account);
        }

        // What the platform's staff has done stays, whichever account it acted for.
        using var staff = await App.ClientAsync("acme", "quiva-admin");
        using var put = await staff.PutConfigAsync(Provider.Config("staffed"));
        var filled = await CountsAsync("acme");
        var untouched = await CountsAsync("other");
        Assert.That(
            filled.Where(count => count.Value == 0).Select(count => count.Key),
            Is.Empty,
            "The test's account has a row in every table.");

        var dry = await ServerProcess.RunAsync(Verb("acme", "--dry-run"));
        Assert.That(dry.ExitCode, Is.Zero, dry.Error);
        Assert.That(
            dry.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()),
            Is.EquivalentTo(
                filled.Select(count => $"{count.Key}\t{(count.Key == "changes" ? count.Value - 1 : count.Value)}")));
        Assert.That(await CountsAsync("acme"), Is.EqualTo(filled), "A dry run changes nothing.");

        var erased = await ServerProcess.RunAsync(Verb("acme"));
        Assert.That(erased.ExitCode, Is.Zero, erased.Error);
        Assert.That(erased.Output, Does.StartWith("Erased acme: 2 connections, "));
        Assert.That(
            Provider.Revocations.Select(revocation => revocation["token"]),
            Is.SupersetOf(new[] { "refresh-1", "access-1" }));
        Assert.That(
            (await CountsAsync("acme")).Where(count => count.Value != 0),
            Is.EqualTo(new[] { KeyValuePair.Create("changes", 1L) }));
        Assert.That(
            await App.Database.QueryAsync<string>("select subject from changes where account = 'acme'"),
            Is.EqualTo(new[] { "ms.integration.oauth.config.staffed" }));
        Assert.That(await CountsAsync("other"), Is.EqualTo(untouched));
        Assert.That(
            await App.Database.QueryAsync<string>(
                "select concat(kind, ' ', actor) from changes where subject = 'gateway.account.acme'"),
            Is.EqualTo(new[] { "erased cli" }));
        Assert.That(
            (await ReadAsync("kept", Stranger)).Access_token, Is.EqualTo("access-1"), "Another account goes on.");
    }

    [Test]
    public async Task Young_entries_of_the_log_stay_when_that_is_wanted_but_never_configurations()
    {
        await FillAsync(User, "acme");
        var before =
            await App.Database.FindAsync<int>("select count(*) from changes where account = 'acme' and body is null");
        var erased = await ServerProcess.RunAsync(Verb("acme", "--keep-changes", "30"));
        Assert.That(erased.ExitCode, Is.Zero, erased.Error);
        Assert.That(
            await App.Database.FindAsync<int>("select count(*) from changes where account = 'acme' and body is null"),
            Is.GreaterThanOrEqualTo(before));
        Assert.That(await App.Database.FindAsync<int>(
            "select count(*) from changes where account = 'acme' and body is not null"), Is.Zero);
    }

    [Test]
    public async Task What_is_no_account_or_the_platform_s_is_refused()
    {
        var unknown = await ServerProcess.RunAsync(Verb("nobody"));
        var platform = await ServerProcess.RunAsync(Verb("platform"));
        var malformed = await ServerProcess.RunAsync(Verb("a b"));
        Assert.That((unknown.ExitCode, platform.ExitCode, malformed.ExitCode), Is.EqualTo((1, 1, 1)));
        Assert.That(unknown.Error, Does.Contain("There is nothing of an account 'nobody'."));
        Assert.That(platform.Error, Does.Contain("can't be erased"));
    }

    [Test]
    public async Task An_erasure_that_was_interrupted_goes_on_and_a_provider_that_fails_is_told()
    {
        await FillAsync(User, "acme");
        var erasure = App.Services.GetRequiredService<AccountErasure>();
        using var stopped = new CancellationTokenSource();
        var revocations = 0;
        Provider.Revoke = context =>
        {
            // Ends the erasure at its first revocation, which the provider refuses.
            context.Response.StatusCode = 500;
            if (revocations++ == 0)
            {
                stopped.Cancel();
            }

            return Task.CompletedTask;
        };
        Assert.That(
            async () => await erasure.EraseAsync("acme", DateTimeOffset.MaxValue, "test", stopped.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await CountsAsync("acme")).Values.Sum(), Is.GreaterThan(0));
        Assert.That(
            await App.Database.QueryAsync<string>("select kind from changes where subject = 'gateway.account.acme'"),
            Is.EqualTo(new[] { "erased" }),
            "Also of one that was interrupted.");
        var erased = await erasure.EraseAsync("acme", DateTimeOffset.MaxValue, "test", default);
        Assert.That(erased.NotRevoked, Is.EqualTo(2), "The first refusal was the interrupted erasure's.");
        Assert.That(erased.Left, Is.Empty);
        Assert.That((await CountsAsync("acme")).Values, Has.All.Zero);
    }

    [Test]
    public async Task Each_token_that_a_provider_does_not_revoke_is_told()
    {
        await FillAsync(User, "acme");
        Provider.Revoke = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var erased = await App.Services.GetRequiredService<AccountErasure>()
            .EraseAsync("acme", DateTimeOffset.MaxValue, "test", default);
        Assert.That(
            (erased.Connections, erased.NotRevoked),
            Is.EqualTo((2, 3)),
            "Two connections, and a sign-in that waited.");
        Assert.That((await CountsAsync("acme")).Values, Has.All.Zero);
    }

    // A row in every table.
    private async Task FillAsync(HttpClient user, string account)
    {
        var config = Provider.Config("fake");
        config["revocation_url"] = Provider.Url + "/revoke";
        using var put = await Admin.PutConfigAsync(config);
        await ConnectAsync("kept", user);
        await ConnectAsync("other", user);
        // One sign-in that was begun, and one that waits to be finished.
        await SignInAsync(user, "begun");
        var (state, _) = await SignInForAsync(user, "waiting");
        using var page = await Browser.GetAsync(CallbackOf(state));
        await user.NodeAsync(await user.CollectionAsync("node"), "node of " + account);
        var collection = await user.CollectionAsync("workflow");
        var topic = await user.WorkflowAsync(
            collection, "flow", """{"nodes":[{"data":{"id":"m","node_type":"map","payload":{"a":1}}}],"edges":[]}""");
        using var run = new HttpRequestMessage(HttpMethod.Post, $"/hub/workflows/{collection}/{topic}/run?draft=true")
        {
            Content = JsonContent.Create(new JsonObject
            {
                ["trigger"] = new JsonObject(),
                ["await"] = true,
                ["enableLog"] = true
            }),
        };
        run.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var ran = await user.SendAsync(run);
        Assert.That((int)ran.StatusCode, Is.EqualTo(200), await ran.Content.ReadAsStringAsync());
    }

    private async Task<Dictionary<string, long>> CountsAsync(string account)
    {
        var counts = new Dictionary<string, long>();
        foreach (var table in Owned)
        {
            counts[table] = await App.Database.FindAsync<long>(
                $"select count(*) from {table} where account = @account", new { account });
        }

        return counts;
    }
}
