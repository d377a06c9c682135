using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Quiva.Gateway.Benchmarks;

/// <summary>
/// A tenant that does its worst within its limits: 200 connections that send large bodies, read whole lists, and try
/// bad credentials.
/// </summary>
internal static class Worst
{
    private const int Callers = 200, Workflows = 10, Batch = 1000;
    private const int Large = (4 << 20) - 10_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Starts it in a process of its own, which gives way to what it measures where the two share cores.
    /// </summary>
    /// <param name="server">Where the gateway serves.</param>
    /// <param name="key">The tenant's API key.</param>
    /// <param name="length">How long it lasts.</param>
    public static Process Start(Uri server, string key, TimeSpan length)
    {
        string[] command =
        [
            typeof(Program).Assembly.Location,
            "worst",
            server.ToString(),
            key,
            length.TotalSeconds.ToString(CultureInfo.InvariantCulture)
        ];
        // Set from outside: on Unix a process that lowers itself lowers one thread.
        var process = OperatingSystem.IsWindows()
            ? Process.Start("dotnet", command)
            : Process.Start("nice", ["-n", "19", "dotnet", .. command]);
        if (OperatingSystem.IsWindows())
        {
            process.PriorityClass = ProcessPriorityClass.Idle;
        }

        return process;
    }

    /// <param name="settings">Address, key, seconds.</param>
    /// <returns>0 when no answer was a 5xx.</returns>
    public static async Task<int> RunAsync(string[] settings)
    {
        var (address, length) =
            (new Uri(settings[0]), TimeSpan.FromSeconds(double.Parse(settings[2], CultureInfo.InvariantCulture)));
        var started = Stopwatch.GetTimestamp();
        using var client = Load.Client(address, settings[1], Callers);
        using var stranger = Load.Client(address, "wrong", Callers);
        var acts = await ActsAsync(client);
        var answers = new ConcurrentDictionary<string, int>();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var turn = caller; Stopwatch.GetElapsedTime(started) < length; turn++)
            {
                var (method, path, body) = acts[turn % acts.Count];
                var outcome = await SendAsync(
                    path.Length == 0 ? stranger : client, method, path.Length == 0 ? "/hub/collections" : path, body);
                answers.AddOrUpdate(
                    $"{method} {(path.Length == 0 ? "with bad credentials" : path.Split('?')[0].TrimEnd("0123456789/".ToCharArray()))} {outcome}",
                    1,
                    (_, count) => count + 1);
                await Task.Delay(Pause);
            }
        })));
        foreach (var (answer, count) in answers.OrderBy(answer => answer.Key, StringComparer.Ordinal))
        {
            Console.WriteLine($"{count} x {answer}");
        }

        return answers.Keys.Any(answer => answer.Split(' ')[^1].StartsWith('5')) ? 1 : 0;
    }

    // An empty path stands for bad credentials.
    private static async Task<List<(HttpMethod Method, string Path, byte[]? Body)>> ActsAsync(HttpClient client)
    {
        var nodes = await MakeAsync(client, "/hub/collections", new { name = "Worst nodes", collection_type = "node" });
        var flows =
            await MakeAsync(client, "/hub/collections", new { name = "Worst flows", collection_type = "workflow" });
        var node = await MakeAsync(
            client,
            "/hub/nodes",
            new { collection = nodes, data = new { name = "n", node_type = "map", payload = new { } } });
        var acts = new List<(HttpMethod, string, byte[]?)>();
        for (var i = 0; i < Workflows; i++)
        {
            var subject = await MakeAsync(client, "/hub/workflows", new
            {
                name = $"Large {i}",
                collection = flows,
                config = new { @static = new { text = new string('x', Large) } }
            });
            var path = $"/hub/workflows/{string.Join('/', subject.Split('.')[^2..])}";
            acts.AddRange(
            [
                (HttpMethod.Get, "/hub/collections", null),
                (HttpMethod.Get, "/hub/workflows?draft=true", null),
                (HttpMethod.Get, "", null),
                (HttpMethod.Patch, path, JsonSerializer.SerializeToUtf8Bytes(new
                {
                    subject,
                    config = new { @static = new { text = new string((char)('a' + i), Large) } }
                })),
                (HttpMethod.Get, path + "?draft=true", null),
            ]);
        }

        var item = new
        {
            subject = node,
            data = new
            {
                name = "n",
                node_type = "map",
                payload = new { text = new string('y', (Large / Batch) - 150) }
            }
        };
        acts.Add((
            HttpMethod.Patch,
            "/hub/nodes/batch",
            JsonSerializer.SerializeToUtf8Bytes(Enumerable.Repeat(item, Batch))));
        acts.Add((
            HttpMethod.Patch,
            "/hub/nodes/batch",
            Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("{}", 1_000_000))}]")));
        return acts;
    }

    private static async Task<string> MakeAsync(HttpClient client, string path, object value)
    {
        using var content = Load.Body(JsonSerializer.SerializeToUtf8Bytes(value));
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement.GetProperty("subject").GetString()!
            : throw new InvalidOperationException($"POST {path}: {(int)answer.StatusCode} {text}");
    }

    private static async Task<string> SendAsync(HttpClient client, HttpMethod method, string path, byte[]? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Load.Body(body) };
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var content = await answer.Content.ReadAsStreamAsync();
            // Nothing of a list stays here.
            await content.CopyToAsync(Stream.Null);
            return ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            or OperationCanceledException)
        {
            return $"ended: {exception.GetType().Name}";
        }
    }
}
