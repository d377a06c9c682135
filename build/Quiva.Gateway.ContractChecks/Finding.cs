namespace Quiva.Gateway.ContractChecks;

/// <summary>
/// One place where the contract, the code made from it, the running server and the last release do not agree.
/// </summary>
/// <param name="Check">The check that found it.</param>
/// <param name="File">The file to look at, relative to the repository root.</param>
/// <param name="Line">The line of the file, from 1.</param>
/// <param name="Drift">What drifted, a sentence.</param>
/// <param name="Mend">How to mend it, a sentence.</param>
public sealed record Finding(string Check, string File, int Line, string Drift, string Mend)
{
    /// <summary>The rule of the breaking-change gate that was broken; null for the other checks.</summary>
    public string? Rule { get; init; }

    /// <summary>The rule's level; null for the other checks.</summary>
    public Changes.Level? Level { get; init; }

    /// <summary>The finding as compilers write theirs, so that editors and CI find the place.</summary>
    public override string ToString() => $"{File}:{Line}: {Drift} {Mend}";
}
