using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Runs of gateways in processes of their own on one SQLite file, and what can be seen of them from outside.</summary>
public sealed class RunProcesses : IAsyncDisposable
{
    public static readonly string[] Settings =
    [
        "--Runs:AllowedNetworks:0=127.0.0.0/8", "--Runs:RunsPerMinute=1000000", "--Runs:ConcurrentRuns=1000", "--Logging:LogLevel:Default=Warning",
        "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
    ];

    private static readonly string[] Outer = ["a", "b", "c"];

    private RunProcesses(Target target, TestDatabase database, string key)
    {
        Target = target;
        Database = database;
        Key = key;
    }

    public Target Target { get; }

    public TestDatabase Database { get; }

    /// <summary>A developer's API key.</summary>
    public string Key { get; }

    /// <summary>The path at which runs are started.</summary>
    public string Flow { get; private set; } = "";

    /// <summary>Runs that were answered with 200.</summary>
    public List<string> Answered { get; } = [];

    public static async Task<RunProcesses> CreateAsync(int fastest = 5, int slowest = 60)
    {
        var target = await Target.StartAsync();
        target.Answer = async context =>
        {
            await Task.Delay(Random.Shared.Next(fastest, slowest));
            await context.Response.WriteAsync("ok");
        };
        var database = TestDatabase.Create(DatabaseProvider.Sqlite);
        await using var app = Program.Build(["--environment=Development", "--Logging:LogLevel:Default=Warning", .. database.Settings]);
        await Startup.MigrateAsync(app.Services, () => Task.CompletedTask, default);
        var key = await app.Services.GetRequiredService<ApiKeyStore>().CreateAsync("acme", ["developer"], "test", null, default);
        return new(target, database, key.Key);
    }

    /// <summary>Makes the workflow: two steps side by side that call the target, one after them, and one without a call.</summary>
    public async Task MakeFlowAsync(HttpClient client)
    {
        var collection = await client.CollectionAsync("workflow");
        var node = (string id) => $$"""{"data":{"id":"{{id}}","node_type":"http","payload":{"url":"{{Target.Url}}/{{id}}","method":"post"} } }""";
        var config = $$"""{"nodes":[{{node("a")}},{{node("b")}},{{node("c")}},{"data":{"id":"r","node_type":"map","payload":["$.a.data","$.b.data","$.c.data"]} }],"edges":[{"source":"a","target":"c"},{"source":"b","target":"c"},{"source":"c","target":"r"}],"result":"r"}""";
        Flow = $"/hub/workflows/{collection}/{await client.WorkflowAsync(collection, "flow", config)}/run?draft=true";
    }

    /// <summary>Starts a run; false when the gateway has died over it.</summary>
    public async Task<bool> TryStartAsync(HttpClient client, int number)
    {
        try
        {
            var reply = await client.CallAsync("POST", Flow, $$"""{"trigger":{"i":{{number}} } }""");
            Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
            lock (Answered)
            {
                Answered.Add(((string)reply.Json["trackingId"]!).Split('.')[3]);
            }

            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return false;
        }
    }

    /// <summary>Steps that call outside in one of these states, as <c>run:node</c>, as the file has them now.</summary>
    public Task<List<string>> StepsAsync(string status) =>
        ReadAsync($"select run_id || ':' || node from run_steps where status = '{status}' and node <> 'r'");

    /// <summary>The ids of all runs.</summary>
    public Task<List<string>> RunsAsync() => ReadAsync("select id from runs");

    /// <summary>All that is recorded of runs and steps, a line each.</summary>
    public Task<List<string>> RecordsAsync() => ReadAsync(
        "select id || status || version || ended_at from runs union all select run_id || node || status || attempt || hex(output) || ended_at from run_steps order by 1");

    /// <summary>The first column of a query, read from the file as anybody may.</summary>
    public async Task<List<string>> ReadAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Database.Directory, "gateway.db")};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.IsDBNull(0) ? "" : reader.GetString(0));
        }

        return rows;
    }

    /// <summary>Whether nobody holds the lock of the file's writers for long.</summary>
    public async Task<bool> IsWritableAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Database.Directory, "gateway.db")};Pooling=false;Default Timeout=1");
        await connection.OpenAsync();
        try
        {
            await using var transaction = connection.BeginTransaction(deferred: false);
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    /// <summary>Waits until all runs that were answered, and all others that are stored, have succeeded.</summary>
    public async Task<TimeSpan> UntilAllSucceededAsync(TimeSpan patience)
    {
        var started = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var others = await ReadAsync("select id || ' ' || status from runs where status <> 'succeeded'");
            if (others.Count == 0)
            {
                break;
            }

            Assert.That(started.Elapsed, Is.LessThan(patience), $"{others.Count} runs are lost, such as {others[0]}.");
            await Task.Delay(50);
        }

        Assert.That(Answered, Is.SubsetOf(await RunsAsync()), "Runs that were answered with 200, and are not there.");
        Assert.That(Target.Calls.Keys.Order(), Is.EqualTo((await RunsAsync()).SelectMany(id => Outer.Select(step => $"{id}:{step}")).Order()), "Each step was called, with the same key at every attempt.");
        return started.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        Database.Dispose();
    }
}
