using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Quiva.Gateway.Benchmarks;

/// <summary>
/// One tenant works normally, first alone and then beside one that does its worst within its limits
/// (<see cref="Worst"/>, in a process of its own with low priority): what the first one notices, and how much memory
/// the server takes.
/// </summary>
internal static class Neighbour
{
    private const int Callers = 4;
    private const string Config =
        "/hub/integrations/neighbour/oauth-config", Collection = "/hub/collections/node/1000000001";
    private const long MostMemory = 500_000_000;

    // Together 40 requests a second at most, below what one caller may send in the long run.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100), Quiet = TimeSpan.FromSeconds(30);
    private static readonly double LongestP99 = 50, MostTimesQuiet = 3;

    /// <returns>
    /// Whether p99 under load is at most the larger of 3 times the quiet one and 50 ms, no answer is a 5xx, and memory
    /// stays under 500 MB.
    /// </returns>
    public static async Task<bool> RunAsync(Seed seed, DirectoryInfo root, TimeSpan length)
    {
        // The bad tenant's collections were put there past its quota.
        var variant = Variant.Gateway with { Settings = ["--RateLimit:Enabled=true", "--Quotas:Collections=200000"] };
        using var server = await Server.StartAsync(variant, seed.CopyTo(root, "neighbour"), seed.Key);
        using var client = Load.Client(server.Address, seed.Key, Callers);
        using (var config = Load.Body(Scenario.Put.Requests(0)[0].Body!.Replaced("integration-0-0", "neighbour")))
        using (var made = await client.PutAsync(new Uri(Config, UriKind.Relative), config))
        {
            made.EnsureSuccessStatusCode();
        }

        // Connections are opened and code is compiled.
        await WorkAsync(client, TimeSpan.FromSeconds(5));
        var quiet = await WorkAsync(client, Quiet);
        Console.WriteLine("| neighbour | requests | refused | 5xx | p50 ms | p99 ms | longest ms | peak memory MB |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        Print("quiet", quiet, server);

        using var worst = Worst.Start(server.Address, seed.LargeKey, length);
        var loaded = await WorkAsync(client, length);
        await worst.WaitForExitAsync();
        Print("beside the worst", loaded, server);
        return worst.ExitCode == 0 && loaded.Failed == 0 && server.PeakMemory < MostMemory
            && loaded.At(0.99) <= Math.Max(LongestP99, MostTimesQuiet * quiet.At(0.99));
    }

    private static async Task<Work> WorkAsync(HttpClient client, TimeSpan length)
    {
        var started = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(
            Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(client, caller, started, length))));
        return new(
            [.. all.SelectMany(one => one.Times).Order()], all.Sum(one => one.Refused), all.Sum(one => one.Failed));
    }

    private static async Task<Work> CallAsync(HttpClient client, int caller, long started, TimeSpan length)
    {
        var (times, refused, failed) = (new List<long>(), 0, 0);
        for (var turn = caller; Stopwatch.GetElapsedTime(started) < length; turn++)
        {
            using var request = (turn % 3) switch
            {
                0 => new HttpRequestMessage(HttpMethod.Get, Config),
                1 => new(HttpMethod.Get, $"/hub/integrations/{Seed.Integration}/oauth-token/{Seed.Connection}"),
                _ => new(HttpMethod.Patch, Collection)
                {
                    Content = Load.Body(JsonSerializer.SerializeToUtf8Bytes(
                        new
                        {
                            subject = "ms.hub.config.collection.node.1000000001",
                            description = $"Turn {turn} of {caller}"
                        })),
                },
            };
            var sent = Stopwatch.GetTimestamp();
            using var answer = await client.SendAsync(request);
            times.Add(Stopwatch.GetTimestamp() - sent);
            failed += (int)answer.StatusCode >= 500 ? 1 : 0;
            refused += (int)answer.StatusCode is >= 400 and < 500 ? 1 : 0;
            if (!answer.IsSuccessStatusCode && refused + failed == 1)
            {
                Console.WriteLine(
                    $"{request.Method} {request.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }

            await Task.Delay(Pause);
        }

        return new(times, refused, failed);
    }

    private static void Print(string name, Work work, Server server) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {work.Times.Count} | {work.Refused} | {work.Failed} | {work.At(0.5):f1} | {work.At(0.99):f1} | {work.At(1):f1} | {server.PeakMemory / 1_000_000} |"));

    private static byte[] Replaced(this byte[] body, string text, string other) =>
        System.Text.Encoding.UTF8.GetBytes(
            System.Text.Encoding.UTF8.GetString(body).Replace(text, other, StringComparison.Ordinal));

    private sealed record Work(List<long> Times, int Refused, int Failed)
    {
        public double At(double quantile) => Times[(int)(quantile * (Times.Count - 1))] * 1000.0 / Stopwatch.Frequency;
    }
}
