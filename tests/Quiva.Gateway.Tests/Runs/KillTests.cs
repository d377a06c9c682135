using Microsoft.AspNetCore.Http;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// <c>kill -9</c> in the middle of runs: none is lost, no recorded step is called again, what was in flight is repeated
/// with the same key.
/// <c>GATEWAY_TEST_KILLS=20</c> runs the whole of it.
/// </summary>
public sealed class KillTests
{
    private static readonly int Kills =
        int.TryParse(Environment.GetEnvironmentVariable("GATEWAY_TEST_KILLS"), out var kills) ? kills : 2;

    private static readonly string[] Settings =
        [
            "--Runs:AllowedNetworks:0=127.0.0.0/8",
            "--Runs:RunsPerMinute=1000000",
            "--Runs:ConcurrentRuns=1000",
            "--Logging:LogLevel:Default=Warning",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information"
        ];

    [Test]
    public async Task Nothing_is_lost_and_nothing_recorded_is_called_again()
    {
        const int runs = 60;
        await using var target = await Target.StartAsync();
        target.Answer = async context =>
        {
            await Task.Delay(Random.Shared.Next(5, 60));
            await context.Response.WriteAsync("ok");
        };
        using var database = TestDatabase.Create(DatabaseProvider.Sqlite);
        var server = await ServerProcess.StartAsync(database, Settings);
        var (_, printed, _) = await ServerProcess.RunAsync([
            "keys", "create", "--account", "acme", "--role", "developer", "--environment=Development",
            .. database.Settings
        ]);
        var key = printed.Split("API key: ")[1].Trim();
        var client = server.Client(key);
        var collection = await client.CollectionAsync("workflow");
        var node =
            (string id) =>
                $$"""{"data":{"id":"{{id}}","node_type":"http","payload":{"url":"{{target.Url}}/{{id}}","method":"post"} } }""";
        var config =
            $$"""{"nodes":[{{node("a")}},{{node("b")}},{{node("c")}},{"data":{"id":"r","node_type":"map","payload":["$.a.data","$.b.data","$.c.data"]} }],"edges":[{"source":"a","target":"c"},{"source":"b","target":"c"},{"source":"c","target":"r"}],"result":"r"}""";
        var flow =
            $"/hub/workflows/{collection}/{await client.WorkflowAsync(collection, "flow", config)}/run?draft=true";
        var ids = new List<string>();
        for (var i = 0; i < runs; i++)
        {
            var reply = await client.CallAsync("POST", flow, $$"""{"trigger":{"i":{{i}} } }""");
            Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
            ids.Add(((string)reply.Json["trackingId"]!).Split('.')[3]);
        }

        var recorded = new Dictionary<string, int>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(Random.Shared.Next(50, 600));
            server.Kill();
            server.Dispose();
            client.Dispose();
            // Whoever reads the file knows what was recorded at that moment.
            foreach (var step in await RecordedAsync(database))
            {
                recorded.TryAdd(step, target.Calls.GetValueOrDefault(step));
            }

            server = await ServerProcess.StartAsync(database, Settings);
            client = server.Client(key);
        }

        for (var wait = 0; ; wait++)
        {
            var done = (await client.CallAsync("GET", "/hub/workflows/runs?status=succeeded&limit=1000")).Json[
                "results"]!
                .AsArray()
                .Select(run => (string)run!["run_id"]!)
                .ToHashSet();
            if (ids.All(done.Contains))
            {
                break;
            }

            Assert.That(wait, Is.LessThan(300), $"{ids.Count(id => !done.Contains(id))} of {runs} runs are lost.");
            await Task.Delay(100);
        }

        Assert.That(
            recorded.Where(step => target.Calls[step.Key] != step.Value),
            Is.Empty,
            "Steps that were recorded, and called again.");
        Assert.That(
            target.Calls.Keys.Order(),
            Is.EqualTo(ids.SelectMany(id => new[] { "a", "b", "c" }.Select(step => $"{id}:{step}")).Order()),
            "Keys are the same at every attempt.");
        server.Dispose();
        client.Dispose();
    }

    private static async Task<List<string>> RecordedAsync(TestDatabase database)
    {
        await using var connection =
            new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(database.Directory, "gateway.db")}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select run_id || ':' || node from run_steps where status = 'succeeded' and node <> 'r'";
        await using var reader = await command.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await reader.ReadAsync())
        {
            steps.Add(reader.GetString(0));
        }

        return steps;
    }
}
