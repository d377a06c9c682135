using System.Text.Json.Nodes;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Rows that can't be read: their runs end as failed, and others' go on.</summary>
public sealed class PoisonTests
{
    private const string Wait =
        """{"id":"a","node_type":"condition","payload":[{"outcome":"d"}]},{"id":"d","node_type":"delay","payload":{"time_ms":2500}},{"id":"r","node_type":"map","payload":"$.trigger.n"}""";

    private static readonly (string Name, string Sql)[] Garbage =
    [
        ("what it was started with", "update runs set input = x'00ff' where id = @id"),
        ("a moment of the run", "update runs set deadline_at = 'soon' where id = @id"),
        ("its account of steps", "update run_steps set taken = '[' where run_id = @id and node = 'a'"),
        ("a moment of a step", "update run_steps set due_at = 'later' where run_id = @id and node = 'd'"),
        ("its configuration", "update run_configs set config = '{\"nodes\":[' where id = (select config_id from runs where id = @id)"),
        ("a configuration that fits nothing", "update run_configs set config = '{\"nodes\":[],\"edges\":[{\"source\":\"x\",\"target\":\"y\"}]}' where id = (select config_id from runs where id = @id)"),
        ("a text as a number", "update runs set version = 'new' where id = @id"),
        ("the engine's history", "update engine_history set body = '{\"$type\":\"System.IO.FileInfo\"}' where instance_id = @id || '/0'"),
        ("nothing as the engine's history", "update engine_history set body = 'null' where instance_id = @id || '/0'"),
        ("another's events", "update engine_history set body = (select body from engine_history where position = 0 limit 1) where instance_id = @id || '/0'"),
        ("a task of the engine", "insert into engine_tasks (instance_id, body, locked_until, fence, attempts) values (@id || '/0', '{', 9000000000000000, 0, 0)"),
        ("the engine's messages", "update engine_messages set body = 'x' where instance_id = @id || '/0'"),
    ];

    [Test]
    public async Task A_run_that_can_t_be_read_ends_as_failed_and_others_go_on()
    {
        using var database = TestDatabase.Create(DatabaseProvider.Sqlite);
        var ids = new List<string>();
        string key;
        await using (var app = await GatewayApp.StartAsync(database, settings: RunFixture.Settings))
        {
            key = await app.KeyAsync("acme", ["developer"]);
            using var client = app.Client(headers => headers.Add("X-Api-Key", key));
            var collection = await client.CollectionAsync("workflow");
            foreach (var (name, _) in Garbage.Append(("nothing", "")))
            {
                // Each has a configuration of its own.
                var config =
                    $$"""{"nodes":[{{string.Join(',', JsonNode.Parse($"[{Wait}]")!.AsArray().Select(node => $$"""{"data":{{node!.ToJsonString()}} }"""))}}],"edges":[{"source":"a","target":"d"},{"source":"d","target":"r"}],"result":"r","static":{"name":"{{name}}"} }""";
                ids.Add(await StartAsync(client, collection, config));
            }

            for (var wait =
                0; await CountAsync(app, "select count(*) from run_steps where node = 'd'") < ids.Count; wait++)
            {
                Assert.That(wait, Is.LessThan(400));
                await Task.Delay(25);
            }

            await app.Database.InTransactionAsync(
                async transaction =>
                {
                    for (var i = 0; i < Garbage.Length; i++)
                    {
                        Assert.That(
                            await transaction.ExecuteAsync(Garbage[i].Sql, new { id = ids[i] }, default),
                            Is.GreaterThan(0),
                            Garbage[i].Name);
                    }

                    return true;
                },
                default);
        }

        await using (var app = await GatewayApp.StartAsync(database, settings: RunFixture.Settings))
        {
            var statuses = new Dictionary<string, string>();
            for (var wait = 0; wait < 1200
                && statuses.Values.Count(status => status is "failed" or "succeeded") < ids.Count; wait++)
            {
                await Task.Delay(50);
                statuses = (await app.Database.QueryAsync<Row>("select id, status from runs", null, default))
                    .ToDictionary(row => row.Id, row => row.Status);
            }

            Assert.That(
                Garbage.Select((garbage, i) => $"{garbage.Name}: {statuses[ids[i]]}"), Has.All.EndsWith(": failed"));
            Assert.That(statuses[ids[^1]], Is.EqualTo("succeeded"));
            Assert.That(
                await CountAsync(app, "select running + queued from run_accounts where account = 'acme'"), Is.Zero);
            using var client = app.Client(headers => headers.Add("X-Api-Key", key));
            Assert.That(
                (string)(await client.CallAsync("GET", "/hub/workflows/runs/" + ids[0])).Json["error"]!,
                Is.EqualTo("the run could not be processed"));
        }
    }

    private static async Task<string> StartAsync(HttpClient client, string collection, string config)
    {
        var topic = await client.WorkflowAsync(collection, Guid.NewGuid().ToString(), config);
        var reply = await client.CallAsync(
            "POST", $"/hub/workflows/{collection}/{topic}/run?draft=true", """{"trigger":{"n":1}}""");
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        return ((string)reply.Json["trackingId"]!).Split('.')[3];
    }

    private static Task<int> CountAsync(GatewayApp app, string sql) => app.Database.FindAsync<int>(sql, null, default);

    private sealed class Row
    {
        public string Id { get; init; } = "";

        public string Status { get; init; } = "";
    }
}
