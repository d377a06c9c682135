using System.Diagnostics;
using System.Globalization;

namespace Quiva.Gateway.Benchmarks;

/// <summary>
/// Measures the gateway against a hand-written API that does the same work, and the time from its start to its first answer.
/// <c>dotnet run -c Release --project tests/Quiva.Gateway.Benchmarks</c>; returns 1 when a target is missed.
/// </summary>
internal static class Program
{
    private const double MostTimesBaseline = 1.5;
    private const int Starts = 9;
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);

    /// <param name="args">
    /// <c>--rounds=9 --seconds=3</c>; <c>--also=NAME=PATH/Quiva.Gateway.dll</c> takes another build of the gateway along in the same rounds;
    /// <c>--only=TEXT</c> runs the scenarios that hold the text; <c>--soak=MINUTES</c> loads the gateway alone, with a mix of all;
    /// <c>--sqlserver</c> measures the gateway alone, on the server that <c>GATEWAY_TEST_SQLSERVER</c> names;
    /// <c>--neighbour=MINUTES</c> has one tenant work beside one that does its worst; <c>--runs</c> runs workflows. <c>baseline</c> and <c>worst</c> are for the program's own use.
    /// </param>
    public static async Task<int> Main(string[] args)
    {
        if (args is ["baseline", .. var settings])
        {
            await Baseline.RunAsync(settings);
            return 0;
        }

        if (args is ["worst", .. var tenant])
        {
            return await Worst.RunAsync(tenant);
        }

        var rounds = int.Parse(Value("--rounds=") ?? "9", CultureInfo.InvariantCulture);
        var length = TimeSpan.FromSeconds(double.Parse(Value("--seconds=") ?? "3", CultureInfo.InvariantCulture));
        using var sqlServer = args.Contains("--sqlserver") ? new SqlServerDatabase() : null;
        var root = Directory.CreateTempSubdirectory("quiva-benchmark-");
        try
        {
            var seed = await Seed.MakeAsync(Path.Combine(root.FullName, "seed"));
            if (Value("--soak=") is { } minutes)
            {
                return await Soak.RunAsync(seed, root, TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture))) ? 0 : 1;
            }

            if (Value("--neighbour=") is { } beside)
            {
                return await Neighbour.RunAsync(seed, root, TimeSpan.FromMinutes(double.Parse(beside, CultureInfo.InvariantCulture))) ? 0 : 1;
            }

            if (args.Contains("--runs"))
            {
                return await Flows.RunAsync(seed, root, rounds, length) ? 0 : 1;
            }

            List<Variant> variants = sqlServer is null ? [Variant.Baseline, Variant.Gateway] : [Variant.Gateway];
            variants.AddRange(args.Where(arg => arg.StartsWith("--also=", StringComparison.Ordinal)).Select(arg => arg.Split('=')).Select(parts => Variant.Build(parts[1], parts[2])));

            var met = await LoadAsync(variants, seed, root, Scenario.All.Where(scenario => scenario.Name.Contains(Value("--only=") ?? "", StringComparison.Ordinal)).ToList(), rounds, length);
            foreach (var variant in variants.Where(variant => variant != Variant.Baseline))
            {
                var longest = await StartAsync(variant, seed, root);
                met &= variant != Variant.Gateway || longest <= LongestStart;
            }

            Console.WriteLine(met ? "Both targets are met." : "A target is missed.");
            return met ? 0 : 1;
        }
        finally
        {
            root.Delete(true);
        }

        string? Value(string name) => args.FirstOrDefault(arg => arg.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
    }

    private static async Task<bool> LoadAsync(List<Variant> variants, Seed seed, DirectoryInfo root, List<Scenario> scenarios, int rounds, TimeSpan length)
    {
        var met = true;
        var servers = new List<Server>();
        try
        {
            foreach (var variant in variants)
            {
                servers.Add(await Server.StartAsync(variant, seed.CopyTo(root, variant.Name)));
            }

            // What is read has to be there, whichever scenarios run.
            await Load.RunAsync(servers, Scenario.Put, seed, 0, length);
            foreach (var scenario in scenarios)
            {
                var results = await Load.RunAsync(servers, scenario, seed, scenario == Scenario.Put ? rounds : Math.Max(1, rounds * 5 / 9), length);
                Report.Print(scenario, results);
                met &= scenario != Scenario.Put || results.Count == 1 || Report.Ratio(results[1], results[0]) <= MostTimesBaseline;
            }

            servers.ForEach(server => server.CheckWork());
            return met;
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
    }

    // On the database that the load has left behind, as a killed process leaves it.
    private static async Task<TimeSpan> StartAsync(Variant variant, Seed seed, DirectoryInfo root)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < Starts; i++)
        {
            var started = Stopwatch.GetTimestamp();
            using var server = await Server.StartAsync(variant, Path.Combine(root.FullName, variant.Name), seed.Key);
            times.Add(Stopwatch.GetElapsedTime(started));
        }

        Report.Print(variant, times);
        return times.Max();
    }
}
