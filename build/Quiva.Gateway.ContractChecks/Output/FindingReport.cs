using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quiva.Gateway.ContractChecks.Output;

/// <summary>Writes findings for people, for programs, and for GitHub's pages.</summary>
public static class FindingReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The findings in a format.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="checks">How many checks made them.</param>
    /// <param name="format"><c>json</c>, <c>github</c>, or anything else for text.</param>
    /// <returns>Text that ends in a line feed.</returns>
    public static string Write(IReadOnlyList<Finding> findings, int checks, string format) => format switch
    {
        "json" => JsonSerializer.Serialize(findings, Json) + "\n",
        "github" => string.Concat(findings.Select(Annotation)) + Sum(findings, checks),
        _ => string.Concat(findings.Select(finding => $"{finding}\n")) + Sum(findings, checks),
    };

    private static string Sum(IReadOnlyList<Finding> findings, int checks) =>
        findings.Count == 0
            ? $"All {checks} contract checks passed.\n"
            : $"Differences found by the contract checks: {findings.Count}.\n";

    // A workflow command: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    private static string Annotation(Finding finding) =>
        $"::error file={Property(finding.File)},line={finding.Line},title={Property($"Contract check: {finding.Rule ?? finding.Check}")}::{Data($"{finding.Drift} {finding.Mend}")}\n";

    private static string Data(string text) => text
        .Replace("%", "%25", StringComparison.Ordinal)
            .Replace("\r", "%0D", StringComparison.Ordinal)
            .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) =>
        Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
