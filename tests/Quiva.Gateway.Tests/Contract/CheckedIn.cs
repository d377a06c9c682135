using System.Text.RegularExpressions;
using Quiva.Gateway.ContractChecks;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>The checked-in files, and changes to them that stay in memory.</summary>
internal static class CheckedIn
{
    public const string List = "  /hub/integrations/oauth-config:|    get:";
    public const string Read = "  /hub/integrations/{integration_id}/oauth-config:|    get:";
    public const string Put = "  /hub/integrations/{integration_id}/oauth-config:|    put:";
    public const string Delete = "  /hub/integrations/{integration_id}/oauth-config:|    delete:";
    public const string ComponentSchemas = "\ncomponents:|\n  schemas:";

    public static string Root { get; } = FindRoot();

    /// <summary>
    /// The contract under its first version: each release raises the real one, which should change no test.
    /// </summary>
    public static string Contract { get; } =
        Regex.Replace(Text(ContractDocument.File), "(?m)^  version: .*$", "  version: 0.1.0");

    public static YamlValue Seed { get; } = YamlValue.Parse(Text(SeedCheck.File));

    public static string Text(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>A changed text. Fails when the change does not apply.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">Texts that stand one after the other before the change, separated by bars.</param>
    /// <param name="from">What to replace.</param>
    /// <param name="to">By what.</param>
    public static string Edit(string text, string where, string from, string to)
    {
        var at = Find(text, where.Length == 0 ? from : $"{where}|{from}");
        var edited = string.Concat(text.AsSpan(0, at), to, text.AsSpan(at + from.Length));
        Assert.That(edited, Is.Not.EqualTo(text));
        return edited;
    }

    /// <summary>The line of a place, from 1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">Texts that stand one after the other, separated by bars; the last one is the place.</param>
    public static int Line(string text, string where)
    {
        var at = Find(text, where);
        return text[..at].Count(character => character == '\n') + (text[at] == '\n' ? 2 : 1);
    }

    private static int Find(string text, string where)
    {
        var at = -1;
        foreach (var step in where.Split('|'))
        {
            at = text.IndexOf(step, at + 1, StringComparison.Ordinal);
            Assert.That(at, Is.Not.Negative, $"'{step}' of '{where}' is not there.");
        }

        return at;
    }

    private static string FindRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, ContractDocument.File)))
        {
            at = at.Parent ?? throw new InvalidOperationException("The tests do not stand below the repository.");
        }

        return at.FullName;
    }
}
