namespace Quiva.Gateway.ContractChecks;

/// <summary>
/// Check 2: the seed contract stands in the contract, unchanged; the contract may only add to it, and raise its
/// version.
/// </summary>
public static class SeedCheck
{
    /// <summary>Where the seed stands, from the repository root.</summary>
    public const string File = "openapi/seed.yaml";

    /// <summary>Finds what the contract changes or leaves out.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="seed">The seed.</param>
    public static IReadOnlyList<Finding> Find(ContractDocument contract, YamlValue seed) =>
        [.. Compare(seed, contract.Root, "")];

    private static IEnumerable<Finding> Compare(YamlValue seed, YamlValue actual, string key)
    {
        if (seed.Members is { } members && actual.Members is not null)
        {
            return members.SelectMany(member => actual[member.Key] is { } found
                ? Compare(member.Value, found, member.Key)
                : [Finding(member.Value, actual, "is missing")]);
        }

        if (seed.Items is { } items && actual.Items is { } others)
        {
            var mayGrow = key == "parameters" || seed.Path is "servers" or "tags";
            var sameLength = others.Count == items.Count || (mayGrow && others.Count > items.Count);
            return sameLength
                ? items.Zip(others).SelectMany(pair => Compare(pair.First, pair.Second, ""))
                : [Finding(seed, actual, $"has {others.Count} items instead of {items.Count}")];
        }

        if (seed.Path == "info.version")
        {
            // Releases raise it: comparing it would forbid them.
            return SemanticVersion.Parse(actual.Text) is { } version
                && version.CompareTo(SemanticVersion.Parse(seed.Text)) >= 0
                ? []
                : [new(
                    "seed",
                    ContractDocument.File,
                    actual.Line,
                    $"info.version is {Json(actual)}, which is no version from {seed.Text} on.",
                    $"Write a semantic version that is not below line {seed.Line} of {File}.")];
        }

        return Json(seed) == Json(actual) ? [] : [Finding(seed, actual, $"is {Json(actual)} instead of {Json(seed)}")];
    }

    private static Finding Finding(YamlValue seed, YamlValue actual, string drift) => new(
        "seed", ContractDocument.File, actual.Line, $"{seed.Path} {drift}.", $"Put back what {File} has at line {seed.Line}: the contract may add to the seed, not change it.");

    private static string Json(YamlValue value) =>
        value.Members is not null
            ? "a mapping"
            : value.Items is not null ? "a list" : value.ToJson()?.ToJsonString() ?? "null";
}
