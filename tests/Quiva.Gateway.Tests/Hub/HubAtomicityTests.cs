using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HubAtomicityTests(DatabaseProvider engine)
{
    // The log takes that things were moved, and not that something was removed.
    internal static readonly Sql RefuseRemovalsSql = new(
        // Not a trigger: beside one, the `output` of the insert is refused when it is compiled (error 334), and all
        // inserts fail.
        SqlServer: "alter table changes with nocheck add constraint ck_refuse_removals check (kind <> 'deleted')",
        Sqlite: "create trigger refuse_removals before insert on changes when new.kind = 'deleted' begin select raise(abort, 'refused'); end");

    [Test]
    public async Task What_fails_in_the_middle_has_changed_nothing()
    {
        await using var app = await GatewayApp.StartAsync(engine);
        using var client = await app.ClientAsync("acme", "developer");
        var (from, to) = (await client.CollectionAsync("node"), await client.CollectionAsync("node"));
        var (flowsFrom, flowsTo) = (await client.CollectionAsync("workflow"), await client.CollectionAsync("workflow"));
        await client.NodeAsync(from, "a");
        var flow = await client.WorkflowAsync(flowsFrom, "a");
        await client.PublishAsync(flowsFrom, flow);
        var before = await StateAsync();
        await app.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(RefuseRemovalsSql, null, default), default);
        foreach (var path in new[]
        {
            $"/hub/collections/node/{from}?move_resources_to_collection={to}", $"/hub/collections/workflow/{flowsFrom}?move_resources_to_collection={flowsTo}",
            $"/hub/workflows/{flowsFrom}/{flow}?draft=true", $"/hub/workflows/{flowsFrom}/{flow}", $"/hub/nodes/{from}/{Quiva.Gateway.Collections.Subjects.TopicFor("a")}",
        })
        {
            Assert.That((await client.CallAsync("DELETE", path)).Status, Is.EqualTo(500), path);
            Assert.That(await StateAsync(), Is.EqualTo(before), path);
        }

        async Task<string> StateAsync() => string.Join('\n', await HubModel.StateAsync(client))
            + await app.Database.FindAsync<int>("select count(*) from changes");
    }
}
