using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.ContractChecks;

/// <summary>
/// Check 5: nothing breaks those who call the last released version, unless that is accepted with a reason.
/// </summary>
public static class ReleaseCheck
{
    /// <summary>
    /// Where the last released version stands, from the repository root. Until there is one, nothing can break.
    /// </summary>
    public const string File = "openapi/released/gateway.yaml";

    internal const string Name = "release";

    /// <summary>Finds breaking changes that nobody accepted, and accepted ones that are none.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="root">The repository root.</param>
    /// <exception cref="IOException">The released version can't be read.</exception>
    public static IReadOnlyList<Finding> Find(ContractDocument contract, string root)
    {
        var accepted = Path.Combine(root, AcceptedBreaks.File);
        var released = Path.Combine(root, File);
        var breaks = System.IO.File.Exists(released)
            ? SpecificationComparison.Compare(
                Specification.Parse(File, System.IO.File.ReadAllText(released)).Document,
                File,
                contract,
                ContractDocument.File)
                .Where(change => change.Rule.Level == Level.Breaking)
            : [];
        var (left, faults) = new AcceptedBreaks(
            System.IO.File.Exists(accepted) ? System.IO.File.ReadAllText(accepted) : "").Apply([.. breaks]);
        return [.. left.Select(Finding), .. faults];
    }

    private static Finding Finding(Change change) => new(
        Name, change.File, change.Line, $"{change.Where} breaks those who call it: {change.Sentence}",
        $"Undo it; or accept it in {AcceptedBreaks.File} with the entry {AcceptedBreaks.Entry(change, DateOnly.FromDateTime(DateTime.UtcNow))}")
    {
        Rule = change.Rule.Id,
        Level = change.Rule.Level,
    };
}
