using System.Buffers;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>Text from callers is bounded, and its patterns do what they seem to.</summary>
internal static class TextRules
{
    private static readonly SearchValues<char> Unprintable = SearchValues.Create("{}\"\\");
    private static readonly SearchValues<char> Quotes = SearchValues.Create("\"\\");

    // Limits of the items of lists and maps are not generated: the reason of who holds them.
    private const string Exemption = "x-text-limit";

    public static IEnumerable<Finding> Find(ContractDocument contract)
    {
        var bound = Schemas.OfRequests(contract);
        return bound.Where(schema => schema["type"]?.Text == "string")
            .SelectMany(Length)
            .Concat(Schemas.All(contract).SelectMany(Messages))
            .Concat(Schemas.All(contract)
                .Where(schema => schema["pattern"] is not null)
                .SelectMany(schema => Pattern(schema, schema["pattern"]!, bound.Contains(schema))));
    }

    private static IEnumerable<Finding> Length(YamlValue schema)
    {
        if (schema["maxLength"] is null
            && string.IsNullOrWhiteSpace(schema[Exemption]?.Text)
            && schema["enum"] is null
            && schema["format"]?.Text != "date-time")
        {
            yield return DocumentCheck.At(
                schema, $"{schema.Path} is text from callers without maxLength.", "Say how long it may be.");
        }
    }

    private static IEnumerable<Finding> Pattern(YamlValue schema, YamlValue pattern, bool isBound)
    {
        var text = pattern.Text ?? "";
        if (FaultOf(text) is { } fault)
        {
            yield return DocumentCheck.At(
                pattern,
                $"The pattern of {schema.Path} can't be matched as ECMA 262 reads it, without backtracking.",
                $"It {fault}.");
        }

        var description = schema["x-pattern-description"];
        if (isBound && schema["x-invalid-message"] is null && string.IsNullOrWhiteSpace(description?.Text))
        {
            yield return DocumentCheck.At(
                pattern,
                $"The pattern of {schema.Path} has no x-pattern-description.",
                "Say what the text must be: callers read '<name> must be <description>.'");
        }
        else if (description?.Text is { } words && words.AsSpan().ContainsAny(Unprintable))
        {
            yield return DocumentCheck.At(
                description,
                $"The x-pattern-description of {schema.Path} has a brace, a double quote or a backslash.",
                "Leave them out: it becomes a C# format string.");
        }
    }

    private static IEnumerable<Finding> Messages(YamlValue schema)
    {
        foreach (var (keyword, unprintable) in new[]
        {
            ("x-invalid-message", Unprintable),
            ("x-required-message", Quotes)
        })
        {
            if (schema[keyword] is { Text: { } words } message && words.AsSpan().ContainsAny(unprintable))
            {
                yield return DocumentCheck.At(
                    message,
                    $"The {keyword} of {schema.Path} has a character that C# takes for something else.",
                    "Leave out double quotes and backslashes, and in an x-invalid-message braces too.");
            }
        }
    }

    private static string? FaultOf(string pattern)
    {
        try
        {
            _ = EcmaPattern.Compile(pattern);
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }
}
