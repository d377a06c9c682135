using Quiva.Gateway.Http;

namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>
/// A text that must not be empty must not be blank either: one rule for every operation, and the contract has it.
/// </summary>
internal static class BlankTexts
{
    // Spaces of several kinds, and characters that display as nothing.
    private static readonly string[] Blanks =
    [
        " ", "\t", "\u00A0", "\u3000", "\u00AD", "\u200B", "\u200D", "\u2060", "\u3164", "\uFE0F", "\uFEFF"
    ];

    public static IEnumerable<OwaspRules.Fault> Find(YamlValue schema)
    {
        if (schema["type"]?.Text != "string" || schema["enum"] is not null || schema["format"] is not null
            || !int.TryParse(schema["minLength"]?.Text, out var least) || least == 0)
        {
            yield break;
        }

        if (schema["pattern"]?.Text is not { } pattern || IsMatch(pattern, least))
        {
            yield return new(
                "blank-text",
                schema,
                $"{schema.Path} must not be empty, but takes a text that looks empty.",
                $"Write a pattern that needs a visible character, such as {VisibleText.Character}.");
        }
    }

    private static bool IsMatch(string pattern, int length)
    {
        try
        {
            var regex = EcmaPattern.Compile(pattern);
            return Blanks.Any(blank => regex.IsMatch(string.Concat(Enumerable.Repeat(blank, length))));
        }
        catch (FormatException)
        {
            // A finding of TextRules.
            return false;
        }
    }
}
