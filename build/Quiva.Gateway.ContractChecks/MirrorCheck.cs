namespace Quiva.Gateway.ContractChecks;

/// <summary>Check 3: the checked-in mirror of the generated code is what the generator makes now.</summary>
public static class MirrorCheck
{
    /// <summary>Where the mirror stands, from the repository root.</summary>
    public const string File = "openapi/generated/Contract.g.cs";

    /// <summary>Finds the first line that differs.</summary>
    /// <param name="mirror">The mirror's text.</param>
    /// <param name="generated">What the build has just generated and compiled.</param>
    public static IReadOnlyList<Finding> Find(string mirror, string generated) =>
        Find("mirror", File, mirror, generated);

    internal static IReadOnlyList<Finding> Find(string check, string file, string mirror, string generated)
    {
        if (mirror == generated)
        {
            return [];
        }

        var (old, now) = (mirror.Split('\n'), generated.Split('\n'));
        var line = old.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
        return
        [
            new(
                check,
                file,
                line + 1,
                $"The mirror has {Quote(old, line)} where the generator now makes {Quote(now, line)}.",
                "Run 'dotnet build', read the difference, and commit the mirror.")
        ];
    }

    private static string Quote(string[] lines, int line) =>
        line < lines.Length ? $"'{lines[line].Trim()}'" : "nothing more";
}
