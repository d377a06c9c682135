using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.ContractChecks.Output;

/// <summary>Writes changes for people, for release notes and for programs.</summary>
public static class ChangeReport
{
    /// <summary>The formats, by what is typed for them.</summary>
    public static readonly IReadOnlyList<string> Formats = ["text", "markdown", "json"];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The changes in a format.</summary>
    /// <param name="changes">The changes, in their order.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <returns>Text that ends in a line feed.</returns>
    public static string Write(IReadOnlyList<Change> changes, string format) => format switch
    {
        "markdown" => Markdown(changes),
        "json" => JsonSerializer.Serialize(changes.Select(Row.Of), Json) + "\n",
        _ => Text(changes),
    };

    private static string Text(IReadOnlyList<Change> changes)
    {
        var text = new StringBuilder();
        foreach (var change in changes)
        {
            text.Append(change).Append('\n');
        }

        string[] counts = [.. Enum.GetValues<Level>().Select(
            level => $"{changes.Count(change => change.Rule.Level == level)} {level.ToString().ToLowerInvariant()}")];
        return text.Append(CultureInfo.InvariantCulture, $"Changes: {string.Join(", ", counts)}.\n").ToString();
    }

    private static string Markdown(IReadOnlyList<Change> changes)
    {
        if (changes.Count == 0)
        {
            return "Nothing changes for callers.\n";
        }

        var text = new StringBuilder();
        foreach (var group in changes.GroupBy(change => change.Rule.Level).OrderBy(group => group.Key))
        {
            text.Append(text.Length == 0 ? "" : "\n")
                .Append(CultureInfo.InvariantCulture, $"### {Heading(group.Key)}\n\n");
            foreach (var change in group)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"- **{Code(change.Place)}**{More(change)}: {Escape(change.Sentence)}\n");
            }
        }

        return text.ToString();
    }

    private static string Heading(Level level) => level switch
    {
        Level.Breaking => "Breaking",
        Level.Warning => "Warnings",
        _ => "Additions",
    };

    private static string More(Change change) => change.Where[change.Place.Length..];

    // Places hold braces, brackets and asterisks; a backtick ends code.
    private static string Code(string text) => $"`{text.Replace('`', '\'')}`";

    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("*", "\\*", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal)
        .Replace("`", "\\`", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal);

    /// <summary>A change as programs read it.</summary>
    private sealed record Row(
        string Rule,
        Level Level,
        string Place,
        IReadOnlyList<string> OtherPlaces,
        string Sentence,
        string File,
        int Line)
    {
        public static Row Of(Change change) => new(
            change.Rule.Id,
            change.Rule.Level,
            change.Place,
            change.OtherPlaces,
            change.Sentence,
            change.File,
            change.Line);
    }
}
