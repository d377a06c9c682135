namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Collects changes, so that one cause which many operations share is told once.</summary>
/// <param name="oldFile">What to call the old document.</param>
/// <param name="newFile">What to call the new document.</param>
internal sealed class ChangeLog(string oldFile, string newFile)
{
    private readonly Dictionary<(Rule, YamlValue, string), Entry> entries = [];

    /// <summary>Adds a change whose cause stands in the new document.</summary>
    public void Add(Rule rule, string place, YamlValue cause, string sentence) =>
        Add(rule, place, cause, newFile, sentence);

    /// <summary>Adds a change whose cause stood in the old document and is gone.</summary>
    public void AddGone(Rule rule, string place, YamlValue cause, string sentence) =>
        Add(rule, place, cause, oldFile, sentence);

    /// <summary>All changes, the breaking ones first, each level in the order of the operations.</summary>
    public IReadOnlyList<Change> All =>
    [
        .. entries.OrderBy(entry => entry.Key.Item1.Level)
            .Select(entry => (entry.Key, entry.Value.File, Places: entry.Value.Places.OrderBy(place => place.Length)
                .ThenBy(place => place, StringComparer.Ordinal)
                .ToArray()))
            .Select(entry => new Change(
                entry.Key.Item1,
                entry.Places[0],
                entry.Key.Item3,
                entry.Key.Item2.File ?? entry.File,
                entry.Key.Item2.Line,
                entry.Places[1..]))
    ];

    private void Add(Rule rule, string place, YamlValue cause, string file, string sentence)
    {
        if (!entries.TryGetValue((rule, cause, sentence), out var entry))
        {
            entries.Add((rule, cause, sentence), entry = new(file, []));
        }

        entry.Places.Add(place);
    }

    private sealed record Entry(string File, HashSet<string> Places);
}
