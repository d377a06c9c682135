using System.Globalization;
using YamlDotNet.Core;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Breaks that are meant, each with its reason: <c>openapi/accepted-breaks.yaml</c>.</summary>
public sealed class AcceptedBreaks
{
    /// <summary>Where they stand, from the repository root. The file may be missing.</summary>
    public const string File = "openapi/accepted-breaks.yaml";

    private static readonly string[] Keys = ["rule", "place", "reason", "date"];

    private readonly IReadOnlyList<YamlValue> entries = [];
    private readonly List<Finding> faults = [];

    /// <summary>Reads the file.</summary>
    /// <param name="text">Its text; empty when there is none.</param>
    public AcceptedBreaks(string text)
    {
        try
        {
            // A file of comments is no YAML document at all.
            var root = text.Split('\n').All(line => line.Trim() is "" or "---" || line.TrimStart().StartsWith('#'))
                ? null
                : YamlValue.Parse(text);
            entries = root?.Items ?? [];
            if (root is { Items: null })
            {
                faults.Add(At(
                    root.Line,
                    "The accepted breaks are not a list.",
                    $"Write a list of entries with {string.Join(", ", Keys)}."));
            }
        }
        catch (YamlException exception)
        {
            faults.Add(At(
                (int)exception.Start.Line,
                $"The accepted breaks are malformed YAML: {exception.Message.TrimEnd('.')}.",
                "Correct it."));
        }

        faults.AddRange(entries.SelectMany(Faults));
    }

    /// <summary>What is left of changes when those that are accepted are taken out.</summary>
    /// <param name="changes">Breaking changes.</param>
    /// <returns>The others; and a finding for each entry that is malformed or accepts nothing.</returns>
    public (IReadOnlyList<Change> Left, IReadOnlyList<Finding> Faults) Apply(IReadOnlyList<Change> changes)
    {
        var valid = entries.Where(entry => !Faults(entry).Any()).ToList();
        var unused = valid.Where(entry => !changes.Any(change => Accepts(entry, change)))
            .Select(entry => At(
                entry.Line,
                $"Nothing breaks {entry["rule"]!.Text} at {entry["place"]!.Text}.",
                "Take the entry out, or correct its rule or place."));
        return ([.. changes.Where(change => !valid.Exists(entry => Accepts(entry, change)))], [.. faults.Concat(unused)
            .OrderBy(fault => fault.Line)]);
    }

    /// <summary>An entry that accepts a change, ready to paste but for its reason.</summary>
    /// <param name="change">The change.</param>
    /// <param name="today">Its date.</param>
    public static string Entry(Change change, DateOnly today) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"- {{rule: {change.Rule.Id}, place: '{change.Place.Replace("'", "''", StringComparison.Ordinal)}', reason: '…', date: {today:yyyy-MM-dd}}}");

    // One cause is one decision, whichever of its places the entry names.
    private static bool Accepts(YamlValue entry, Change change) =>
        entry["rule"]!.Text == change.Rule.Id
        && (entry["place"]!.Text == change.Place || change.OtherPlaces.Contains(entry["place"]!.Text));

    private static IEnumerable<Finding> Faults(YamlValue entry)
    {
        if (entry.Members is null)
        {
            return [At(entry.Line, "An accepted break is no mapping.", $"Write {string.Join(", ", Keys)}.")];
        }

        var missing = Keys.Where(key => string.IsNullOrWhiteSpace(entry[key]?.Text) || entry[key]!.Text == "…")
            .Select(key => At(
                entry[key]?.Line ?? entry.Line,
                $"An accepted break has no {key}.",
                key == "reason" ? "Say why callers are to bear it." : "Give it one."));
        var unknown = entry.Members.Where(member => !Keys.Contains(member.Key))
            .Select(member => At(
                member.Value.Line,
                $"An accepted break has {member.Key}, which means nothing.",
                $"Entries have {string.Join(", ", Keys)}."));
        return missing.Concat(unknown).Concat(Rule(entry)).Concat(Date(entry));
    }

    private static IEnumerable<Finding> Rule(YamlValue entry)
    {
        if (entry["rule"] is { Text: { Length: > 0 } id } value
            && Rules.ById.GetValueOrDefault(id)?.Level != Level.Breaking)
        {
            yield return At(
                value.Line, Rules.ById.ContainsKey(
                    id) ? $"The rule {id} does not break anything." : $"There is no rule {id}.",
                "Look it up in openapi/README.md; only breaking changes have to be accepted.");
        }
    }

    private static IEnumerable<Finding> Date(YamlValue entry)
    {
        if (entry["date"] is { Text: { Length: > 0 } text } value
            && !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            yield return At(value.Line, $"{text} is no date.", "Write it as in 2026-01-31.");
        }
    }

    private static Finding At(int line, string drift, string mend) => new(ReleaseCheck.Name, File, line, drift, mend);
}
