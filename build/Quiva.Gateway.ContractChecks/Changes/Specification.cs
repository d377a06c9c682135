using System.ComponentModel;
using System.Diagnostics;
using YamlDotNet.Core;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>A version of an OpenAPI document, from a file or from the history of a git repository.</summary>
/// <param name="Name">What to call its file.</param>
/// <param name="Document">What it says.</param>
public sealed record Specification(string Name, ContractDocument Document)
{
    /// <summary>Reads a version.</summary>
    /// <param name="source">A file; or <c>REV:PATH</c>, or <c>REV</c> for the contract at that revision.</param>
    /// <param name="directory">The directory that files are relative to and whose repository is asked for revisions.</param>
    /// <exception cref="IOException">There is no such file or revision, or the file is no OpenAPI document.</exception>
    public static Specification Read(string source, string directory)
    {
        var file = Path.Combine(directory, source);
        // A file goes first: a path may hold a colon, as in C:\openapi.yaml.
        return File.Exists(file)
            ? Parse(source, File.ReadAllText(file))
            : source.Contains(':') ? Parse(source, Show(source, directory)) : Parse($"{source}:{ContractDocument.File}", Show($"{source}:{ContractDocument.File}", directory));
    }

    /// <summary>Reads a version from its text.</summary>
    /// <param name="name">What to call its file.</param>
    /// <param name="text">YAML or JSON.</param>
    /// <exception cref="IOException">It is no OpenAPI document.</exception>
    public static Specification Parse(string name, string text)
    {
        try
        {
            var document = new ContractDocument(text);
            // What other versions say in other words would be passed over in silence.
            return document.Root["openapi"]?.Text?.StartsWith("3.0.", StringComparison.Ordinal) == true
                ? new(name, AllRead(name, document))
                : throw new IOException($"{name} is no OpenAPI 3.0 document: its 'openapi' is {document.Root["openapi"]?.Text ?? "missing"}.");
        }
        catch (YamlException exception)
        {
            throw new IOException($"{name}:{exception.Start.Line}: {exception.Message}", exception);
        }
    }

    // Nothing may look unchanged because it was not looked at.
    private static ContractDocument AllRead(string name, ContractDocument document)
    {
        foreach (var reference in Structure.References(document.Root))
        {
            if (reference.Text?.StartsWith('#') != true)
            {
                throw new IOException($"{name}:{reference.Line}: The reference {reference.Text} leads to another file, which is not read. Bundle the document into one file first.");
            }

            if (document.Find(reference.Text) is null)
            {
                throw new IOException($"{name}:{reference.Line}: The reference {reference.Text} leads nowhere.");
            }
        }

        return MergeKey(document.Root) is { } key
            ? throw new IOException($"{name}:{key.Line}: The merge key << is not read. Write its members out.")
            : document;
    }

    private static YamlValue? MergeKey(YamlValue value) => value["<<"]
        ?? (value.Items ?? []).Concat((value.Members ?? []).Select(member => member.Value)).Select(MergeKey).FirstOrDefault(found => found is not null);

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
            return git.ExitCode == 0 ? text : throw new IOException($"{revision} is neither a file nor a revision: {error.Result.Trim()}");
        }
        catch (Win32Exception exception)
        {
            throw new IOException($"{revision} is no file, and git could not be asked for it: {exception.Message}", exception);
        }
    }
}
