using System.Globalization;
using System.Text.RegularExpressions;
using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.ContractChecks;

/// <summary>A version as SemVer 2.0.0 orders them (https://semver.org, section 11).</summary>
/// <param name="Major">Grows when something breaks.</param>
/// <param name="Minor">Grows when something is added; below 1.0.0 when something breaks.</param>
/// <param name="Patch">Grows otherwise.</param>
/// <param name="PreRelease">What follows a hyphen; empty for a release.</param>
public sealed partial record SemanticVersion(int Major, int Minor, int Patch, string PreRelease = "")
{
    /// <summary>Reads a version.</summary>
    /// <param name="text">Such as <c>1.2.3</c> or <c>1.2.3-rc.1</c>.</param>
    /// <returns>The version; null when the text is none.</returns>
    public static SemanticVersion? Parse(string? text) => Form().Match(text ?? "") is { Success: true } match
        ? new(Number(match, 1), Number(match, 2), Number(match, 3), match.Groups[4].Value)
        : null;

    /// <summary>The least version that may follow this one.</summary>
    /// <param name="changes">What has changed for callers.</param>
    public SemanticVersion Next(IReadOnlyCollection<Change> changes)
    {
        var breaks = changes.Any(change => change.Rule.Level == Level.Breaking);
        return (Major, breaks, changes.Count > 0) switch
        {
            (0, true, _) => new(0, Minor + 1, 0),
            (0, _, _) => new(0, Minor, Patch + 1),
            (_, true, _) => new(Major + 1, 0, 0),
            (_, _, true) => new(Major, Minor + 1, 0),
            _ => new(Major, Minor, Patch + 1),
        };
    }

    /// <summary>Orders versions: below 0 when this one comes before another.</summary>
    /// <param name="other">The other; null comes before every version.</param>
    public int CompareTo(SemanticVersion? other) => other is null ? 1
        : (Major, Minor, Patch) != (other.Major, other.Minor, other.Patch) ? (Major, Minor, Patch)
            .CompareTo((other.Major, other.Minor, other.Patch))
        : PreRelease.Length == 0 || other.PreRelease.Length == 0 ? other.PreRelease.Length.CompareTo(PreRelease.Length)
        : ComparePreReleases(PreRelease.Split('.'), other.PreRelease.Split('.'));

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}{(PreRelease.Length == 0 ? "" : $"-{PreRelease}")}");

    // Numbers come before words, and the shorter of two lists that begin alike before the longer.
    private static int ComparePreReleases(string[] one, string[] other) => one.Zip(other)
        .Select(pair => (int.TryParse(
            pair.First, out var number), int.TryParse(pair.Second, out var counterpart)) switch
        {
            (true, true) => number.CompareTo(counterpart),
            (false, false) => string.CompareOrdinal(pair.First, pair.Second),
            (var isNumber, _) => isNumber ? -1 : 1,
        })
        .FirstOrDefault(order => order != 0, one.Length.CompareTo(other.Length));

    private static int Number(Match match, int group) =>
        int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?\z")]
    private static partial Regex Form();
}
