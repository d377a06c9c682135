using System.Diagnostics;
using System.Globalization;

namespace Quiva.Gateway.Benchmarks;

/// <summary>
/// Prints medians. Rates and latencies are the machine's and its other work's; CPU per request and its ratio are the
/// gateway's.
/// </summary>
internal static class Report
{
    /// <summary>The median of the rounds' ratios of CPU per request.</summary>
    public static double Ratio(Result result, Result baseline) => Median(Ratios(result, baseline));

    public static void Print(Scenario scenario, IReadOnlyList<Result> results)
    {
        Write($"## {scenario.Name}: {results[0].Rounds.Count} rounds");
        Write($"");
        Write(
            $"| variant | requests | requests/s | CPU us/request | of it in user mode | ratio to baseline | p50 ms | p99 ms |");
        Write($"| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var result in results)
        {
            var rounds = result.Rounds;
            var latencies = rounds.SelectMany(round => round.Latencies).Order().ToList();
            Write(
                $"| {result.Variant.Name} | {rounds.Sum(round => round.Requests)} | {Median(rounds.Select(round => round.Requests / round.Elapsed.TotalSeconds)):f0} | {Median(rounds.Select(round => round.MicrosecondsPerRequest)):f1} | {Median(rounds.Select(round => round.UserCpu.TotalMicroseconds / round.Requests)):f1} | {Ratio(result, results[0]):f2} | {Milliseconds(latencies, 0.5):f2} | {Milliseconds(latencies, 0.99):f2} |");
        }

        Write($"");
        foreach (var result in results.Skip(1))
        {
            Write(
                $"Ratios of {result.Variant.Name}, round by round: {string.Join(' ', Ratios(result, results[0]).Select(ratio => ratio.ToString("f2", CultureInfo.InvariantCulture)))}");
        }

        Write($"");
    }

    public static void Print(Variant variant, IReadOnlyList<TimeSpan> times)
    {
        Write(
            $"## Start of {variant.Name} to first 200: {times.Count} times, median {Median(times.Select(time => time.TotalSeconds)):f2} s, max {times.Max().TotalSeconds:f2} s");
        Write($"");
    }

    private static IEnumerable<double> Ratios(Result result, Result baseline) =>
        result.Rounds.Zip(baseline.Rounds, (one, other) => one.MicrosecondsPerRequest / other.MicrosecondsPerRequest);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static double Milliseconds(List<long> sorted, double quantile) =>
        sorted[(int)(quantile * (sorted.Count - 1))] * 1000.0 / Stopwatch.Frequency;

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
