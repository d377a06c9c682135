using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>
/// An edit of a small specification, the one rule that it falls under, and the one for taking it back.
/// </summary>
/// <param name="Rule">The rule; null when the edit is no change for callers.</param>
/// <param name="Reverse">The rule for the edit the other way round.</param>
/// <param name="At">
/// Texts that lead to the expected line, separated by bars: of the new document, or of the old one for what is gone.
/// </param>
/// <param name="From">What to replace.</param>
/// <param name="To">By what.</param>
/// <param name="ReverseAt">What leads to the expected line the other way round, when it differs.</param>
public sealed record ChangeCase(
    string? Rule, string? Reverse, string At, string From, string To, string? ReverseAt = null)
{
    public const string Old = "old.yaml";
    public const string New = "new.yaml";

    internal void Verify(string specification)
    {
        var edited = CheckedIn.Edit(specification, "", From, To);
        using (Assert.EnterMultipleScope())
        {
            Verify(specification, edited, Rule, At);
            Verify(edited, specification, Reverse, ReverseAt ?? At);
        }
    }

    private static void Verify(string old, string now, string? rule, string at) =>
        Assert.That(
            Compare(old, now).Select(change => $"{change.File}:{change.Line}: {change.Rule.Id}"),
            Is.EqualTo(rule is null ? [] : new[] { $"{Place(old, now, at)}: {rule}" }));

    // What both have stands in the new document.
    private static string Place(string old, string now, string at)
    {
        var places = at.Split("||");
        return places.FirstOrDefault(place => Has(now, place)) is { } found
            ? $"{New}:{CheckedIn.Line(now, found)}"
            : $"{Old}:{CheckedIn.Line(old, places.First(place => Has(old, place)))}";
    }

    private static bool Has(string text, string place) => text.Contains(place.Split('|')[^1], StringComparison.Ordinal);

    public static IReadOnlyList<Change> Compare(string old, string now) =>
        SpecificationComparison.Compare(new ContractDocument(old), Old, new ContractDocument(now), New);

    public override string ToString() => $"{Rule ?? "no change"}: {From} → {To}".Replace('\n', ' ');
}
