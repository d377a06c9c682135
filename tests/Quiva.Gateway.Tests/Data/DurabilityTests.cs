using System.Net;
using System.Net.Http.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Data;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class DurabilityTests(DatabaseProvider engine)
{
    private const int Kills = 30;

    [Test]
    public async Task What_was_acknowledged_survives_a_kill_right_after_the_answer()
    {
        using var database = TestDatabase.Create(engine);
        string? key = null;
        for (var i = 0; i < Kills; i++)
        {
            using var server = await ServerProcess.StartAsync(database);
            key ??= server.FirstKey;
            using var client = server.Client(key!);
            using var response = await client.PutConfigAsync(Configs.Body($"kill-{i}"));
            server.Kill();
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        using var last = await ServerProcess.StartAsync(database);
        using var reader = last.Client(key!);
        var list = await reader.GetFromJsonAsync<OauthConfigList>("/hub/integrations/oauth-config");
        Assert.That(list!.Results.Select(config => config.Integration_id), Is.EquivalentTo(Enumerable.Range(0, Kills).Select(i => $"kill-{i}")));
    }

    [Test]
    public async Task A_terminated_server_finishes_and_exits_with_0()
    {
        using var database = TestDatabase.Create(engine);
        using var server = await ServerProcess.StartAsync(database);
        using var client = server.Client(server.FirstKey!);
        using var response = await client.PutConfigAsync(Configs.Body("graceful"));
        Assert.That(await server.TerminateAsync(), Is.Zero);
    }

    [Test]
    public async Task A_change_that_can_t_be_recorded_does_not_happen()
    {
        await using var app = await GatewayApp.StartAsync(engine);
        using var admin = await app.AdminAsync();
        using var before = await admin.PutConfigAsync(Configs.Body("audited", "before"));
        await app.Database.InTransactionAsync(transaction => transaction.ExecuteAsync(BreakChangesSql, null, default), default);
        using var update = await admin.PutConfigAsync(Configs.Body("audited", app.Canary));
        using var create = await admin.PutConfigAsync(Configs.Body("unaudited", app.Canary));
        using var delete = await admin.DeleteConfigAsync("audited");
        Assert.That(new[] { update, create, delete }.Select(response => (int)response.StatusCode), Is.EqualTo(new[] { 500, 500, 500 }));
        Assert.That(await update.ErrorAsync(), Is.EqualTo("Internal error."));
        using var read = await admin.GetConfigAsync("audited");
        using var absent = await admin.GetConfigAsync("unaudited");
        Assert.That(read.Headers.ETag, Is.EqualTo(before.Headers.ETag));
        Assert.That(absent.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(app.Logs, Does.Contain("PUT putIntegrationsOauthConfig failed").And.Not.Contain(app.Canary));
    }

    internal static readonly Sql BreakChangesSql = new(
        // Not a trigger: beside one, the `output` of the insert is refused when it is compiled (error 334), whatever the trigger does.
        SqlServer: "alter table changes with nocheck add constraint ck_break_changes check (kind = 'nothing')",
        Sqlite: "create trigger break_changes before insert on changes begin select raise(abort, 'broken'); end");
}
