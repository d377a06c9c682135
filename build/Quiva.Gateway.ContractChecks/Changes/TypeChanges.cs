namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Compares types together with their formats.</summary>
internal static class TypeChanges
{
    // Each holds every value of those before it.
    private static readonly string[][] Widening =
    [
        ["integer int32", "integer int64", "integer", "number"],
        ["number float", "number double", "number"]
    ];

    // These say how to show a value, not what it is.
    private static readonly string[] Hints = ["password"];

    /// <summary>Adds a change of type to a pair.</summary>
    /// <param name="pair">The pair.</param>
    /// <returns>Whether the types are near enough to compare what else the schemas say.</returns>
    public static bool Find(SchemaPair pair)
    {
        var (old, now) = (Of(pair.Old), Of(pair.New));
        if (old.Name == now.Name)
        {
            return true;
        }

        var rule = Holds(now.Name, old.Name)
            ? Rules.TypeGeneralized
            : Holds(old.Name, now.Name) ? Rules.TypeSpecialized : Rules.TypeChanged;
        pair.Add(rule, old.Value, now.Value, $"The type is {Told(now.Name)} instead of {Told(old.Name)}.");
        return Base(old.Name) == Base(now.Name)
            || (Base(old.Name) is "integer" or "number" && Base(now.Name) is "integer" or "number");
    }

    private static bool Holds(string wide, string narrow) =>
        wide.Length == 0
        || (wide.Contains('|') && narrow.Split('|').All(wide.Split('|').Contains))
        || narrow.StartsWith(wide + " ", StringComparison.Ordinal)
        || Widening.Any(names => Array.IndexOf(names, narrow) is >= 0 and var at && Array.IndexOf(names, wide) > at);

    private static string Base(string name) => name.Split(' ')[0];

    private static string Told(string name) =>
        name.Length == 0 ? "anything" : name.Replace(" ", " of format ", StringComparison.Ordinal);

    // Type and format as one name; empty for anything.
    private static (string Name, YamlValue? Value) Of(Shape shape)
    {
        var type = shape["type"];
        var name = type?.Text ?? Implied(shape) ?? shape["$ref"]?.Text ?? "";
        var format = shape["format"];
        return format?.Text is { Length: > 0 } text && !Hints.Contains(text) && name.Length > 0
            ? ($"{name} {text}", format)
            : (name, type ?? (name.Length > 0 ? shape.Parts[0] : null));
    }

    // Many documents leave out what the other keywords tell.
    private static string? Implied(Shape shape) =>
        shape.Properties.Count > 0 || shape["additionalProperties"] is not null ? "object"
        : shape.Items.Any() ? "array"
        : shape["enum"]?.Items is { Count: > 0 } values ? Common(values)
        : null;

    private static string? Common(IReadOnlyList<YamlValue> values)
    {
        var types = values.Select(value => value.ToJson()?.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.String => "string",
            System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
            _ => null,
        }).Distinct().ToArray();
        return types is [var only] ? only : null;
    }
}
