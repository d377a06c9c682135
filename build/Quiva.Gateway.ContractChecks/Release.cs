using System.Text.RegularExpressions;
using Quiva.Gateway.ContractChecks.Changes;
using Quiva.Gateway.ContractChecks.Output;

namespace Quiva.Gateway.ContractChecks;

/// <summary>Makes the contract the last released version.</summary>
internal static class Release
{
    // The clients are released with the contract, under its version.
    private static readonly (string File, string Version)[] Packages =
    [
        ("src/Quiva.Gateway.Client/Quiva.Gateway.Client.csproj", "(?<=<Version>)[^<]+"),
        ("src/quiva-gateway-client/package.json", NpmVersion),
        ("src/quiva-gateway-client/package-lock.json", NpmVersion),
        ("tests/Quiva.Gateway.Tests/packages.lock.json", @"(?<=""Quiva\.Gateway\.Client"": ""\[)[^,]+"),
    ];

    private const string NpmVersion = @"(?<=""name"": ""@quiva/gateway-client"",\s+""version"": "")[^""]+";

    /// <summary>
    /// Raises the version of the contract and its clients by the size of what has changed, copies the contract, and
    /// forgets the accepted breaks.
    /// </summary>
    /// <param name="root">The repository root.</param>
    /// <returns>The exit code; and the release note, or why there is none.</returns>
    /// <exception cref="IOException">A file can't be read or written, or the version is none.</exception>
    public static (int ExitCode, string Text) Run(string root)
    {
        var (file, copy) = (Path.Combine(root, ContractDocument.File), Path.Combine(root, ReleaseCheck.File));
        var text = File.ReadAllText(file);
        var contract = Specification.Parse(ContractDocument.File, text).Document;
        var version = Version(contract, ContractDocument.File);
        var released = File.Exists(copy) ? File.ReadAllText(copy) : null;
        if (released == text)
        {
            return (Program.Ok, $"Nothing has changed since {version}: there is nothing to release.\n");
        }

        if (ReleaseCheck.Find(contract, root) is { Count: > 0 } faults)
        {
            return (Program.Drift, FindingReport.Write(faults, 1, "text"));
        }

        var note = "The first release.\n";
        if (released is not null)
        {
            var old = Specification.Parse(ReleaseCheck.File, released).Document;
            var changes = SpecificationComparison.Compare(old, ReleaseCheck.File, contract, ContractDocument.File);
            var next = Version(old, ReleaseCheck.File).Next(changes);
            // Whoever raised the version by hand may have raised it further.
            if (version.CompareTo(next) < 0)
            {
                text = WithVersion(text, contract.Root["info"]!["version"]!.Line, version = next);
            }

            note = ChangeReport.Write(changes, "markdown");
        }

        // The copy comes last: until it is there, the whole can be done again.
        File.WriteAllText(file, text);
        foreach (var (package, pattern) in Packages.Select(
            package => (Path.Combine(root, package.File), package.Version))
            .Where(package => File.Exists(package.Item1)))
        {
            File.WriteAllText(package, Regex.Replace(File.ReadAllText(package), pattern, version.ToString()));
        }

        ForgetAccepted(Path.Combine(root, AcceptedBreaks.File));
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.WriteAllText(copy, text);
        return (Program.Ok, $"## {version}\n\n{note}");
    }

    private static SemanticVersion Version(ContractDocument document, string file) =>
        SemanticVersion.Parse(document.Root["info"]?["version"]?.Text)
        ?? throw new IOException($"info.version in {file} is no version such as 1.2.3.");

    private static string WithVersion(string text, int line, SemanticVersion version)
    {
        var lines = text.Split('\n');
        var changed =
            Regex.Replace(lines[line - 1], @"(?<=version['""]?\s*:\s*['""]?)[0-9][^\s'"",}#]*", version.ToString());
        if (changed == lines[line - 1])
        {
            throw new IOException(
                $"{ContractDocument.File}:{line}: the version could not be replaced; write it on the line of its key.");
        }

        lines[line - 1] = changed;
        return string.Join('\n', lines);
    }

    // What the file says of itself stays.
    private static void ForgetAccepted(string file)
    {
        if (File.Exists(file))
        {
            File.WriteAllText(file, string.Concat(
                File.ReadLines(file).TakeWhile(line => line.StartsWith('#')).Select(line => line + "\n")) + "[]\n");
        }
    }
}
