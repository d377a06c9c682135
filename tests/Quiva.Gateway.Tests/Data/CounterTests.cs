using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Data;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CounterTests(DatabaseProvider engine) : HubFixture(engine)
{
    [Test]
    public async Task Counters_follow_every_change()
    {
        var (nodes, others) = (await Client.CollectionAsync("node"), await Client.CollectionAsync("node"));
        var node = await Client.NodeAsync(nodes, "a");
        await Client.NodeAsync(nodes, "b");
        await Client.NodeAsync(others, "c");
        await Client.UpdateNodeAsync(
            nodes, node, """ "data":{"name":"a","node_type":"map","payload":"a longer one: äöü"} """);
        var (flows, archive) = (await Client.CollectionAsync("workflow"), await Client.CollectionAsync("workflow"));
        var flow = await Client.WorkflowAsync(flows, "a");
        await Client.WorkflowAsync(flows, "b");
        await Client.UpdateWorkflowAsync(flows, flow, $""" "name":"ä","config":{HubCalls.Config("second")} """);
        await Client.PublishAsync(flows, flow);
        await Client.CallAsync(
            "PATCH",
            $"/hub/collections/workflow/{flows}",
            $$"""{"subject":"{{Subjects.OfCollection("workflow", flows)}}","description":"longer"}""");
        Assert.That(await FaultsAsync(), Is.Empty);
        await Client.CallAsync("DELETE", $"/hub/collections/node/{nodes}?move_resources_to_collection={others}");
        await Client.CallAsync("DELETE", $"/hub/collections/workflow/{flows}?move_resources_to_collection={archive}");
        Assert.That(await FaultsAsync(), Is.Empty);
        await Client.CallAsync("DELETE", $"/hub/nodes/{others}/{node}");
        await Client.CallAsync("DELETE", $"/hub/workflows/{archive}/{flow}?draft=true");
        Assert.That(await FaultsAsync(), Is.Empty);
        Assert.That((int)(await Client.CallAsync("GET", "/hub/nodes?limit=1")).Json["results_total"]!, Is.EqualTo(2));
    }

    [Test]
    public async Task Wrong_counters_are_found_and_repaired()
    {
        await Client.CollectionAsync("node");
        foreach (var sql in new[]
        {
            "update counters set total = 7, bytes = 7 where account = @account and kind = 'collection'",
            "update counters set total = 0 where account = @account and kind = 'sequence'"
        })
        {
            await App.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(sql, new { account = Account }, default), default);
        }

        Assert.That(await FaultsAsync(), Has.Count.EqualTo(3));
        await App.Services.GetRequiredService<CounterCheckStore>().CheckAsync(repair: true, default);
        Assert.That(await FaultsAsync(), Is.Empty);
        Assert.That(
            (await Client.CreateCollectionAsync("another", "node")).ETag,
            Is.EqualTo("\"3\""),
            "The first change was the key's.");
    }

    [Test]
    public async Task An_account_s_sequence_tells_nothing_of_other_accounts()
    {
        using var other = await App.ClientAsync("other-" + Account, "developer");
        var before = (await Client.CreateCollectionAsync("a", "node")).ETag;
        await other.CollectionAsync("node");
        await other.CollectionAsync("node");
        var after = (await Client.CreateCollectionAsync("b", "node")).ETag;
        Assert.That((before, after), Is.EqualTo(("\"2\"", "\"3\"")));
    }

    [Test]
    public async Task A_version_grows_also_after_a_removal()
    {
        var (collection, name) = (await Client.CollectionAsync("node"), "again");
        var first = await Client.CreateNodeAsync(collection, $$"""{"name":"{{name}}","node_type":"map","payload":1}""");
        await Client.CallAsync("DELETE", $"/hub/nodes/{collection}/{Subjects.TopicFor(name)}");
        var second =
            await Client.CreateNodeAsync(collection, $$"""{"name":"{{name}}","node_type":"map","payload":1}""");
        Assert.That((first.ETag, second.ETag), Is.EqualTo(("\"3\"", "\"5\"")));
    }

    [Test]
    public async Task The_migration_counts_what_is_there_and_goes_on_with_its_numbers()
    {
        var (nodes, flows) = (await Client.CollectionAsync("node"), await Client.CollectionAsync("workflow"));
        await Client.NodeAsync(nodes, "a");
        var flow = await Client.WorkflowAsync(flows, "b");
        await Client.PublishAsync(flows, flow);
        var script = MigrationScripts.All.Single(script => script.Name == "0008_fill_counters.sql").Contents;
        string[] undo =
        [
            "delete from counters",
            "update changes set bytes = 0, version = null",
            .. new[] { "collections", "nodes", "workflows" }.Select(table => $"update {table} set bytes = 0")
        ];
        foreach (var sql in undo.Select(text => (Sql)text).Append(new(script, new SqliteDialect().Process(script))))
        {
            await App.Database.InTransactionAsync(transaction => transaction.ExecuteAsync(sql, null, default), default);
        }

        Assert.That(await FaultsAsync(), Is.Empty);
        Assert.That(await App.Database.FindAsync<long>(
            "select bytes from nodes where account = @account", new { account = Account }), Is.Positive);
        var last = await App.Database.FindAsync<long>(
            "select max(sequence) from changes where account = @account", new { account = Account });
        Assert.That((await Client.CreateCollectionAsync("next", "node")).ETag, Is.EqualTo($"\"{last + 1}\""));
        Assert.That(
            (await Client.CallAsync("GET", $"/hub/workflows/{flows}/{flow}/history?draft=true")).Json.AsArray(),
            Has.Count.EqualTo(1));
    }

    private async Task<List<CounterFault>> FaultsAsync() =>
        [.. (await App.Services.GetRequiredService<CounterCheckStore>().CheckAsync(repair: false, default))
            .Where(fault => fault.Account == Account)];
}

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class QuotaTests(DatabaseProvider engine)
{
    [Test]
    public async Task Each_quota_refuses_what_goes_beyond_it_and_nothing_else()
    {
        await using var app = await GatewayApp.StartAsync(
            engine, "--Quotas:Collections=2", "--Quotas:Nodes=1", "--Quotas:Workflows=3", "--Quotas:HistoryEntries=4", "--Quotas:WorkflowBytes=1000", "--Quotas:NodeBytes=200");
        using var client = await app.ClientAsync("acme", "developer");
        var (nodes, flows) = (await client.CollectionAsync("node", "a"), await client.CollectionAsync("workflow", "b"));
        await RefusedAsync(client.CreateCollectionAsync("c", "node"), "2 collections");

        var node = await client.NodeAsync(nodes, "a");
        await RefusedAsync(client.CreateNodeAsync(nodes, """{"name":"b","node_type":"map","payload":1}"""), "1 nodes");
        await RefusedAsync(
            client.UpdateNodeAsync(
                nodes, node, $$""" "data":{"name":"a","node_type":"map","payload":"{{new string('x', 200)}}"} """),
            "200 bytes of nodes");

        var flow = await client.WorkflowAsync(flows, "a");
        await RefusedAsync(
            client.UpdateWorkflowAsync(flows, flow, $$""" "description":"{{new string('x', 1000)}}" """),
            "1000 bytes of workflow versions");
        Assert.That((await client.PublishAsync(flows, flow)).Status, Is.EqualTo(200));
        await client.WorkflowAsync(flows, "b");
        await RefusedAsync(client.CreateWorkflowAsync(flows, "c"), "3 workflow versions");
        Assert.That((await client.PublishAsync(flows, flow)).Status, Is.EqualTo(200));
        await RefusedAsync(client.PublishAsync(flows, flow), "4 configurations in histories");
        Assert.That(
            (await client.UpdateWorkflowAsync(flows, flow, """ "archived":true """)).Status,
            Is.EqualTo(200),
            "That adds no entry.");

        // What makes room is never refused, and another account has its own quotas.
        Assert.That(
            (await client.CallAsync("DELETE", $"/hub/workflows/{flows}/{flow}?draft=true")).Status, Is.EqualTo(200));
        using var other = await app.ClientAsync("other", "developer");
        await other.CollectionAsync("node");
    }

    private static async Task RefusedAsync(Task<Reply> call, string quota)
    {
        var reply = await call;
        Assert.That((reply.Status, reply.Error), Is.EqualTo((409, $"The account's quota is used up: {quota}.")));
    }
}
