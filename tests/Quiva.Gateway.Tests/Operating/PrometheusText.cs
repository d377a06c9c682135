using System.Text.RegularExpressions;

namespace Quiva.Gateway.Tests.Operating;

/// <summary>What a scrape has, and what expressions of PromQL ask for.</summary>
internal static partial class PrometheusText
{
    // Prometheus adds these itself, and makes up the target's own metric.
    private static readonly string[] OfPrometheus = ["job", "instance", "up"];

    private static readonly string[] Functions = ["histogram_quantile", "label_values"];

    /// <summary>The metrics of a scrape, each with the names of its labels.</summary>
    public static Dictionary<string, HashSet<string>> MetricsOf(string scrape) => scrape.Split('\n')
        .Select(line => Sample().Match(line))
        .Where(match => match.Success)
        .GroupBy(match => match.Groups[1].Value)
        .ToDictionary(
            group => group.Key,
            group => group.SelectMany(
                match => Label().Matches(match.Groups[2].Value).Select(label => label.Groups[1].Value)).ToHashSet());

    /// <summary>What an expression selects: names of metrics, with the names of the labels that it compares.</summary>
    public static IEnumerable<(string Metric, string[] Labels)> SelectorsOf(string expression) =>
        Selector().Matches(Grouping().Replace(expression, " "))
            .Where(match => !Functions.Contains(match.Groups[1].Value) && !OfPrometheus.Contains(match.Groups[1].Value))
            .Select(match => (match.Groups[1].Value, Label()
                .Matches(match.Groups[2].Value)
                .Select(label => label.Groups[1].Value)
                .Except(OfPrometheus)
                .ToArray()));

    /// <summary>The labels that an expression sums by.</summary>
    public static IEnumerable<string> GroupsOf(string expression) =>
        Grouping()
            .Matches(expression)
            .SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
            .Except([.. OfPrometheus, "le"]);

    [GeneratedRegex(@"^([a-z_][a-z0-9_]*)(\{[^}]*\})? ", RegexOptions.NonBacktracking)]
    private static partial Regex Sample();

    [GeneratedRegex("([a-z_]+)(?:=|!=|=~|!~)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Label();

    [GeneratedRegex(@"\bby \(([^)]*)\)", RegexOptions.NonBacktracking)]
    private static partial Regex Grouping();

    // A name with an underscore, or one that is followed by a selector.
    [GeneratedRegex(@"\b([a-z]+(?:_[a-z0-9]+)+)\b(\{[^}]*\})?", RegexOptions.NonBacktracking)]
    private static partial Regex Selector();
}
