using System.ComponentModel;
using System.Diagnostics;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>A version of an OpenAPI document, from a file or from the history of a git repository.</summary>
/// <param name="Name">What to call its file.</param>
/// <param name="Document">What it says.</param>
public sealed record Specification(string Name, ContractDocument Document)
{
    /// <summary>Reads a version.</summary>
    /// <param name="source">A file; or <c>REV:PATH</c>, or <c>REV</c> for the contract at that revision.</param>
    /// <param name="directory">
    /// The directory that files are relative to and whose repository is asked for revisions.
    /// </param>
    /// <exception cref="IOException">There is no such file or revision, or the file is no OpenAPI document.</exception>
    public static Specification Read(string source, string directory)
    {
        // A file goes first: a path may hold a colon, as in C:\openapi.yaml.
        if (File.Exists(Path.Combine(directory, source)))
        {
            return Parse(
                source,
                File.ReadAllText(Path.Combine(directory, source)),
                file => File.ReadAllText(Path.Combine(directory, file)));
        }

        var revision = source.Contains(':', StringComparison.Ordinal) ? source : $"{source}:{ContractDocument.File}";
        return Parse(revision, Show(revision, directory), file => Show(file, directory));
    }

    /// <summary>Reads a version from its text.</summary>
    /// <param name="name">What to call its file: a path, or <c>REV:PATH</c>.</param>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="read">
    /// Reads another file that a reference leads to, by a name like that; null when there is to be none.
    /// </param>
    /// <exception cref="IOException">It is no OpenAPI document, or a reference leads nowhere.</exception>
    public static Specification Parse(string name, string text, Func<string, string>? read = null)
    {
        var document = new SpecificationFiles(
            read ?? (_ => throw new IOException("the document has to stand in one file."))).Read(name, text);
        // Nothing may look unchanged because it was not looked at.
        foreach (var root in document.Files.Values.Prepend(document.Root))
        {
            foreach (var reference in Structure.References(root))
            {
                if (document.Find(reference.Text!) is null)
                {
                    throw new IOException(
                        $"{root.File ?? name}:{reference.Line}: The reference {reference.Text} leads nowhere.");
                }
            }
        }

        return new(name, document);
    }

    private static string Show(string revision, string directory)
    {
        var start = new ProcessStartInfo("git", ["-C", directory, "show", "--end-of-options", revision])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        try
        {
            using var git = Process.Start(start)!;
            var error = git.StandardError.ReadToEndAsync();
            var text = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0
                ? text
                : throw new IOException($"{revision} is neither a file nor a revision: {error.Result.Trim()}");
        }
        catch (Win32Exception exception)
        {
            throw new IOException(
                $"{revision} is no file, and git could not be asked for it: {exception.Message}", exception);
        }
    }
}
