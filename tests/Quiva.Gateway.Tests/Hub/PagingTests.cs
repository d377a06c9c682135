using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Data;
using Quiva.Gateway.Nodes;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>Lists of some size, read in pages. How they are read is looked at, not how long it takes.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PagingTests(DatabaseProvider engine) : HubFixture(engine)
{
    [Test]
    public async Task Ten_thousand_collections_are_read_completely_and_in_order()
    {
        const int count = 10_000;
        await App.Database.InTransactionAsync(
            async transaction =>
            {
                for (var i = 0; i < count; i++)
                {
                    var topic = Subjects.TopicFor($"collection {i}");
                    await transaction.ExecuteAsync(
                        CollectionStore.InsertSql,
                        new
                        {
                            account = Account,
                            subject = Subjects.OfCollection("node", topic),
                            collectionType = "node",
                            topic,
                            name = $"collection {i}",
                            description = "",
                            type = "created",
                            version = 1,
                            now = DateTimeOffset.UtcNow,
                            bytes = 0
                        },
                        default);
                }

                return true;
            },
            default);
        await App.Services.GetRequiredService<CounterCheckStore>().CheckAsync(repair: true, default);
        var topics = new List<string>(count);
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await Client.CallAsync(
                "GET", $"/hub/collections?limit=1000{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}")).Json;
            topics.AddRange(page["results"]!.AsArray().Select(collection => (string)collection!["topic"]!));
            cursor = (string?)page["next_cursor"];
            Assert.That((int)page["results_total"]!, Is.EqualTo(count));
        }

        Assert.That(topics, Has.Count.EqualTo(count).And.Unique);
        Assert.That(topics, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(
            (await Client.CallAsync("GET", "/hub/collections")).Json["results"]!.AsArray(), Has.Count.EqualTo(count));
    }

    [Test]
    public async Task Two_hundred_workflows_of_five_hundred_nodes_are_read_in_pages()
    {
        using var client = await App.UncheckedClientAsync(Account, "developer");
        var collection = await client.CollectionAsync("workflow");
        var config = "{\"nodes\":[" + string.Join(',', Enumerable.Range(0, 500).Select(i =>
            $$$"""{"data":{"id":"n{{{i}}}","name":"Step {{{i}}}","node_type":"map","payload":{"value":"{trigger.x}","n":{{{i}}}.50}},"position":{"x":{{{i}}},"y":0}}"""))
            + "],\"edges\":[" + string.Join(
                ',', Enumerable.Range(1, 499).Select(i => $$"""{"source":"n{{i - 1}}","target":"n{{i}}"}""")) + "]}";
        for (var i = 0; i < 200; i++)
        {
            await client.WorkflowAsync(collection, $"workflow {i}", config);
        }

        var subjects = new HashSet<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await client.CallAsync(
                "GET", $"/hub/workflows?limit=30{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}");
            using var json = JsonDocument.Parse(page.Text);
            foreach (var workflow in json.RootElement.GetProperty("results").EnumerateArray())
            {
                Assert.That(subjects.Add(workflow.GetProperty("subject").GetString()!));
                Assert.That(workflow.GetProperty("config").GetRawText(), Is.EqualTo(config));
            }

            cursor = json.RootElement.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }

        Assert.That(subjects, Has.Count.EqualTo(200));
    }

    [Test]
    public async Task A_part_of_large_results_ends_before_its_limit()
    {
        using var client = await App.UncheckedClientAsync(Account, "developer");
        var collection = await client.CollectionAsync("workflow");
        var config = $$$"""{"static":{"text":"{{{new string('x', 3_000_000)}}}"}}""";
        foreach (var name in "abcde")
        {
            await client.WorkflowAsync(collection, $"{name}", config);
        }

        var first = (await client.CallAsync("GET", "/hub/workflows?limit=5")).Json;
        var second = (await client.CallAsync("GET", $"/hub/workflows?limit=5&cursor={first["next_cursor"]}")).Json;
        Assert.That(
            (first["results"]!.AsArray().Count, second["results"]!.AsArray().Count, second["next_cursor"]),
            Is.EqualTo((3, 2, (object?)null)));
        Assert.That((await client.CallAsync("GET", "/hub/workflows")).Json["results"]!.AsArray(), Has.Count.EqualTo(5));

        var topic = Subjects.TopicFor("a");
        for (var i = 0; i < 3; i++)
        {
            await client.UpdateWorkflowAsync(collection, topic, $"\"config\":{config}");
        }

        var history = await client.CallAsync("GET", $"/hub/workflows/{collection}/{topic}/history?draft=true&limit=4");
        Assert.That(
            (history.Json.AsArray().Count, history.Link),
            Is.EqualTo((3, history.Link)).And.Not.EqualTo((3, (string?)null)));
    }

    /// <summary>A page begins at its key: the index leads there, and nothing before it is read or sorted.</summary>
    [Test]
    public async Task A_page_is_found_by_its_key()
    {
        if (App.TestDatabase.Provider != DatabaseProvider.Sqlite)
        {
            Assert.Ignore(
                "SQLite tells its plan in words that a test can read; on SQL Server the same keys are those of the clustered primary key and of ix_workflows_collection.");
        }

        using (Assert.EnterMultipleScope())
        {
            const string byKey = "(account=? AND subject>? AND subject<?)";
            Assert.That(
                await PlanAsync(CollectionStore.ListSql),
                Is.EqualTo("SEARCH collections USING INDEX sqlite_autoindex_collections_1 " + byKey));
            Assert.That(
                await PlanAsync(NodeStore.ListSql),
                Is.EqualTo("SEARCH nodes USING INDEX sqlite_autoindex_nodes_1 " + byKey));
            Assert.That(
                await PlanAsync(WorkflowStore.ListSql),
                Is.EqualTo("SEARCH workflows USING INDEX sqlite_autoindex_workflows_1 " + byKey));
            Assert.That(
                await PlanAsync(WorkflowStore.ListOfCollectionSql),
                Is.EqualTo(
                    "SEARCH workflows USING INDEX ix_workflows_collection (account=? AND collection=? AND subject>? AND subject<?)"));
            // What is in both collections is looked up one by one, not each with each.
            Assert.That(
                await PlanAsync(NodeStore.FindClashSql),
                Does.Contain("USING COVERING INDEX sqlite_autoindex_nodes_1 (account=? AND subject=?)"));
            Assert.That(
                await PlanAsync(WorkflowVersionStore.FindClashSql),
                Does.Contain("USING COVERING INDEX sqlite_autoindex_workflows_1 (account=? AND subject=?)"));
            const string history =
                "SEARCH changes USING INDEX ix_changes_history (account=? AND resource=? AND version<?)";
            Assert.That(await PlanAsync(WorkflowStore.ListHistorySql), Is.EqualTo(history));
            Assert.That(await PlanAsync(WorkflowStore.ListHistorySizesSql), Is.EqualTo(history));
            const string connections = "SEARCH oauth_connections USING INDEX sqlite_autoindex_oauth_connections_1 ";
            Assert.That(
                await PlanAsync(ConnectionListStore.ListSql),
                Is.EqualTo(connections + "(account=? AND (integration_id,connection_id)>(?,?))"));
            Assert.That(
                await PlanAsync(ConnectionListStore.ListOfIntegrationSql),
                Is.EqualTo(connections + "(account=? AND integration_id=? AND connection_id>?)"));
            Assert.That(
                await PlanAsync(OauthConfigStore.ListSql),
                Is.EqualTo("SEARCH oauth_configs USING INDEX sqlite_autoindex_oauth_configs_1 (integration_id>?)"));
        }
    }

    private async Task<string> PlanAsync(Sql sql) => string.Join('\n', (await App.Database.QueryAsync<PlanStep>(
        "explain query plan " + sql.Sqlite, new
        {
            account = "a",
            collection = "c",
            connection = "c",
            resource = "r",
            from = "a",
            prefix = "p",
            draftPrefix = "p",
            after = "a",
            before = sql.Sqlite.Contains("ix_changes") ? (object)long.MaxValue : "b",
            integration = "i",
            rows = 10
        })).Select(step => step.Detail));

    private sealed class PlanStep
    {
        public string Detail { get; init; } = "";
    }
}
