using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Quiva.Gateway.Benchmarks;

/// <summary>
/// Runs of workflows: how many a second and at what CPU, how long a caller waits for one, what a step costs, what the engine adds to a start
/// and to memory, and how soon a killed gateway has finished what it was at. On SQLite, durable, steps recorded.
/// </summary>
internal static class Flows
{
    private const int Callers = 32, Row = 50, OuterRow = 10, Killed = 200, Starts = 7;
    private static readonly string[] Settings = ["--Runs:RunsPerMinute=10000000", "--Runs:ConcurrentRuns=100000", "--Runs:AllowedNetworks:0=127.0.0.0/8"];
    private static readonly Variant On = Variant.Gateway with { Name = "runs on", Settings = Settings };
    private static readonly Variant Off = Variant.Gateway with { Name = "runs off", Settings = ["--Runs:Enabled=false"] };

    private const string Five = """
        {"nodes":[{"data":{"id":"a","node_type":"map","payload":{"n":"$.trigger.n","claim":"C-|$.trigger.n"}}},
                  {"data":{"id":"c","node_type":"condition","payload":[{"condition":{"operator":">=","input":["$.a.n",0]},"outcome":["l","r"]},{"outcome":"RESOLVE_ERROR"}]}},
                  {"data":{"id":"l","node_type":"map","payload":"$.a.claim"}},{"data":{"id":"r","node_type":"map","payload":["$.a.n","$.a.claim"]}},
                  {"data":{"id":"j","node_type":"map","payload":{"left":"$.l","right":"$.r"}}}],
         "edges":[{"source":"a","target":"c"},{"source":"c","target":"l"},{"source":"c","target":"r"},{"source":"l","target":"j"},{"source":"r","target":"j"}],
         "result":"j"}
        """;

    /// <returns>Whether the targets are met.</returns>
    public static async Task<bool> RunAsync(Seed seed, DirectoryInfo root, int rounds, TimeSpan length)
    {
        await using var target = await TargetAsync();
        var met = true;
        using (var server = await Server.StartAsync(On, seed.CopyTo(root, "flows"), seed.Key))
        {
            using var client = Load.Client(server.Address, seed.Key, Callers);
            var five = await FlowAsync(client, Five);
            await RoundAsync(server, client, five, Callers, length);
            var measured = new List<Measured>();
            for (var i = 0; i < rounds; i++)
            {
                measured.Add(await RoundAsync(server, client, five, Callers, length));
            }

            var cpu = Median(measured.Select(round => round.Cpu));
            Write($"5 steps in memory, {Callers} callers, awaited: {Median(measured.Select(round => round.Rate)):f0} runs/s, CPU {cpu:f2} ms a run, p50 {Median(measured.Select(round => round.P50)):f1} ms, p99 {Median(measured.Select(round => round.P99)):f1} ms ({string.Join(' ', measured.Select(round => round.Cpu.ToString("f2", CultureInfo.InvariantCulture)))})");
            var alone = await RoundAsync(server, client, five, 1, length);
            Write($"the same, 1 caller: p50 {alone.P50:f1} ms, p99 {alone.P99:f1} ms, CPU {alone.Cpu:f2} ms a run");
            var row = await RoundAsync(server, client, await FlowAsync(client, RowOf(Row, i => $$"""{"id":"n{{i}}","node_type":"map","payload":{{(i == 0 ? "1" : $"\"$.n{i - 1}\"")}}}""")), 1, length);
            Write($"{Row} steps in memory in a row, 1 caller: p50 {row.P50:f1} ms, that is {(row.P50 - alone.P50) / (Row - 5):f2} ms a step");
            var outer = await RoundAsync(server, client, await FlowAsync(client, RowOf(OuterRow, i => $$"""{"id":"n{{i}}","node_type":"http","payload":{"url":"{{target.Urls.First()}}/"} }""")), 1, length);
            Write($"{OuterRow} calls to a server beside in a row, 1 caller: p50 {outer.P50:f1} ms, that is {outer.P50 / OuterRow:f2} ms a step with its call");
            met = cpu <= 2 && alone.P50 <= 10 && outer.P50 / OuterRow <= 10;
        }

        await StartsAsync(seed, root);
        var recovery = await KillAsync(seed, root, target.Urls.First());
        return met && recovery <= TimeSpan.FromSeconds(2);
    }

    private static async Task<Measured> RoundAsync(Server server, HttpClient client, string flow, int callers, TimeSpan length)
    {
        var (before, started) = (server.Cpu.Total, Stopwatch.GetTimestamp());
        var all = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var times = new List<double>();
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                var sent = Stopwatch.GetTimestamp();
                using var answer = await client.PostAsJsonAsync(flow, new { trigger = new { n = caller }, @await = true });
                if (!answer.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException($"A run is answered with {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
                }

                times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }

            return times;
        })));
        var (elapsed, cpu, sorted) = (Stopwatch.GetElapsedTime(started), server.Cpu.Total - before, all.SelectMany(one => one).Order().ToList());
        return new(sorted.Count / elapsed.TotalSeconds, cpu.TotalMilliseconds / sorted.Count, sorted[sorted.Count / 2], sorted[(int)(0.99 * (sorted.Count - 1))]);
    }

    private static async Task StartsAsync(Seed seed, DirectoryInfo root)
    {
        var (times, memory) = (new[] { new List<double>(), new List<double>() }, new[] { new List<double>(), new List<double>() });
        string[] directories = [seed.CopyTo(root, "on"), seed.CopyTo(root, "off")];
        for (var i = 0; i < Starts * 2; i++)
        {
            var which = i % 2;
            var started = Stopwatch.GetTimestamp();
            using var server = await Server.StartAsync(which == 0 ? On : Off, directories[which], seed.Key);
            times[which].Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            await Task.Delay(2000);
            memory[which].Add(server.Memory / 1048576.0);
        }

        Write($"start to the first 200, {Starts} times in turn: {Median(times[0]):f0} ms with runs, {Median(times[1]):f0} ms without; memory 2 s later {Median(memory[0]):f0} MiB with, {Median(memory[1]):f0} MiB without");
    }

    private static async Task<TimeSpan> KillAsync(Seed seed, DirectoryInfo root, string target)
    {
        var directory = seed.CopyTo(root, "killed");
        using (var server = await Server.StartAsync(On, directory, seed.Key))
        {
            using var client = Load.Client(server.Address, seed.Key, Callers);
            var flow = await FlowAsync(client, RowOf(3, i => $$"""{"id":"n{{i}}","node_type":"http","payload":{"url":"{{target}}/slow"} }"""));
            await Task.WhenAll(Enumerable.Range(0, Killed).Select(async _ => (await client.PostAsJsonAsync(flow, new { trigger = new { } })).EnsureSuccessStatusCode()));
        }

        var started = Stopwatch.GetTimestamp();
        using var again = await Server.StartAsync(On, directory, seed.Key);
        var answers = Stopwatch.GetElapsedTime(started);
        var before = await CountAsync(directory, "succeeded");
        var first = TimeSpan.Zero;
        while (await CountAsync(directory, "succeeded") is var done && done < Killed)
        {
            first = first == TimeSpan.Zero && done > before ? Stopwatch.GetElapsedTime(started) : first;
            await Task.Delay(20);
        }

        Write($"killed with {Killed - before} of {Killed} runs of 3 calls under way: answers {answers.TotalMilliseconds:f0} ms after its start, the next run finished after {(first - answers).TotalMilliseconds:f0} ms more, all after {(Stopwatch.GetElapsedTime(started) - answers).TotalMilliseconds:f0} ms");
        return first - answers;
    }

    private static async Task<int> CountAsync(string directory, string status)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "gateway.db")};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"select count(*) from runs where status = '{status}'";
        return (int)(long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<WebApplication> TargetAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/", () => "ok");
        app.MapGet("/slow", async () =>
        {
            await Task.Delay(50);
            return "ok";
        });
        await app.StartAsync();
        return app;
    }

    private static string RowOf(int count, Func<int, string> node) => $$"""
        {"nodes":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $"{{\"data\":{node(i)}}}"))}}],
         "edges":[{{string.Join(',', Enumerable.Range(1, count - 1).Select(i => $"{{\"source\":\"n{i - 1}\",\"target\":\"n{i}\"}}"))}}],"result":"n{{count - 1}}"}
        """;

    private static async Task<string> FlowAsync(HttpClient client, string config)
    {
        var collection = (string)(await SendAsync(client, "/hub/collections", new { name = Guid.NewGuid().ToString(), collection_type = "workflow" }))["topic"]!;
        var made = await SendAsync(client, "/hub/workflows", new { name = Guid.NewGuid().ToString(), collection = "ms.hub.config.collection.workflow." + collection, config = JsonSerializer.Deserialize<JsonElement>(config) });
        return $"/hub/workflows/{collection}/{((string)made["subject"]!).Split('.')[^1]}/run?draft=true";
    }

    private static async Task<JsonNode> SendAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException(text);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private sealed record Measured(double Rate, double Cpu, double P50, double P99);
}
