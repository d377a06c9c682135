using System.Diagnostics;
using System.Globalization;

namespace Quiva.Gateway.Benchmarks;

/// <summary>
/// Mixed load for minutes, with few callers and with many: every answer has to be the expected one, every acknowledged
/// change in the log, and memory flat.
/// </summary>
internal static class Soak
{
    private static readonly int[] Callers = [1, 8, 32, 128];

    /// <returns>Whether no answer was another than expected.</returns>
    public static async Task<bool> RunAsync(Seed seed, DirectoryInfo root, TimeSpan length)
    {
        using var server = await Server.StartAsync(Variant.Gateway, seed.CopyTo(root, "soak"), seed.Key);
        Console.WriteLine(
            "| callers | requests | requests/s | errors | p50 ms | p99 ms | CPU us/request | memory MB |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        var errors = 0;
        foreach (var callers in Callers)
        {
            using var client = Load.Client(server.Address, seed.Key, callers);
            var (started, before) = (Stopwatch.GetTimestamp(), server.Cpu.Total);
            var all = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller =>
                Task.Run(() => CallAsync(server, client, caller, started, length / Callers.Length))));
            var (elapsed, cpu) = (Stopwatch.GetElapsedTime(started), server.Cpu.Total - before);
            var times = all.SelectMany(one => one.Times).Order().ToList();
            errors += all.Sum(one => one.Errors);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {callers} | {times.Count} | {times.Count / elapsed.TotalSeconds:f0} | {all.Sum(one => one.Errors)} | {Milliseconds(times, 0.5):f2} | {Milliseconds(times, 0.99):f2} | {cpu.TotalMicroseconds / times.Count:f0} | {server.Memory / 1_000_000} |"));
        }

        server.CheckWork();
        return errors == 0;

        static double Milliseconds(List<long> sorted, double quantile) =>
            sorted[(int)(quantile * (sorted.Count - 1))] * 1000.0 / Stopwatch.Frequency;
    }

    private static async Task<(List<long> Times, int Errors)> CallAsync(
        Server server, HttpClient client, int caller, long started, TimeSpan length)
    {
        var (times, errors, mix) = (
            new List<long>(),
            0,
            Scenario.All.Where(scenario => !scenario.IsLarge && scenario.Version.Major == 1).ToList());
        // What is read has to be there.
        foreach (var (path, body) in Scenario.Put.Requests(caller))
        {
            using var content = Load.Body(body!);
            using var made = await client.PutAsync(path, content);
            made.EnsureSuccessStatusCode();
            server.Count(Scenario.Put, 1);
        }

        for (var turn = caller; Stopwatch.GetElapsedTime(started) < length; turn++)
        {
            var scenario = mix[turn % mix.Count];
            var requests = scenario.Requests(caller);
            var (path, body) = requests[turn % requests.Count];
            using var request = new HttpRequestMessage(scenario.Method, path);
            if (body is not null)
            {
                request.Content = Load.Body(body);
            }

            var sent = Stopwatch.GetTimestamp();
            using var answer = await client.SendAsync(request);
            times.Add(Stopwatch.GetTimestamp() - sent);
            if (answer.StatusCode == scenario.Expected)
            {
                server.Count(scenario, 1);
                continue;
            }

            if (errors++ == 0)
            {
                Console.WriteLine(
                    $"{scenario.Name}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }
        }

        return (times, errors);
    }
}
