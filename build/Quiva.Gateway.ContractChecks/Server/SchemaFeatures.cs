using System.Globalization;

namespace Quiva.Gateway.ContractChecks.Server;

/// <summary>Reads schemas: a component by its properties, everything else by its type and constraints.</summary>
internal static class SchemaFeatures
{
    // More than the generator can enforce: what it can't is found because the server does not have it.
    private static readonly string[] Constraints =
    [
        "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    ];

    /// <summary>The components that are classes or enums to the server; the others are only names for types.</summary>
    // The generator writes the object among alternatives into the class that stands for all of them.
    public static IEnumerable<Feature> OfComponents(ContractDocument document) => document.Components("schemas")
        .Where(component => IsClass(component.Value) && !Alternatives(document).Contains(component.Value))
        .Select(component => new Feature(
            $"schema {component.Key}",
            null,
            component.Value.Line,
            [.. Enum(component.Value), .. Properties(document, component.Value)]));

    /// <summary>What stands in the place of a schema.</summary>
    public static IEnumerable<Feature> Of(ContractDocument document, YamlValue? schema)
    {
        if (schema is null)
        {
            return [];
        }

        // The way of OpenAPI 3.0 to say something beside a reference.
        var meant = schema["allOf"]?.Items is [var only] ? only : schema;
        var target = document.Follow(meant);
        if (!ReferenceEquals(target, meant) && IsClass(target))
        {
            return [new("type", target.Path.Split('.')[^1], schema.Line, [])];
        }

        var type = target["type"]?.Text ?? "any";
        var format = target["format"]?.Text ?? type switch { "integer" => "int32", "number" => "double", _ => null };
        return
        [
            new("type", type, schema.Line, []),
            .. format is null ? Array.Empty<Feature>() : [new("format", format, (target["format"] ?? schema).Line, [])],
            .. Constraints.SelectMany(name => Feature.Of(name, target[name])).Select(Normalized).OfType<Feature>(),
            .. Enum(target),
            .. target["items"] is { } items
                ? [new("items", null, items.Line, [.. Of(document, items)])]
                : Array.Empty<Feature>(),
            .. target["additionalProperties"] is { Members: not null } values
                ? [new("values", null, values.Line, [.. Of(document, values)])]
                : Array.Empty<Feature>(),
        ];
    }

    private static HashSet<YamlValue> Alternatives(ContractDocument document) =>
        [.. document.Components("schemas")
            .SelectMany(component => component.Value["oneOf"]?.Items ?? [])
            .Select(document.Follow)];

    private static bool IsClass(YamlValue schema) =>
        schema["enum"] is not null
        || schema["oneOf"] is not null
        || schema["type"]?.Text == "object"
        || schema["properties"] is not null
        || schema["allOf"]?.Items is { Count: > 1 };

    private static IEnumerable<Feature> Enum(YamlValue schema) => schema["enum"] is { Items: { } items } values
        ? [new(
            "enum", string.Join(", ", items.Select(item => item.Text).Order(StringComparer.Ordinal)), values.Line, [])]
        : [];

    private static IEnumerable<Feature> Properties(ContractDocument document, YamlValue schema)
    {
        var all = (schema["allOf"]?.Items ?? schema["oneOf"]?.Items ?? [])
            .Select(document.Follow)
            .Append(schema)
            .ToList();
        var required = all.SelectMany(part => part["required"]?.Items ?? [])
            .DistinctBy(item => item.Text)
            .ToDictionary(item => item.Text ?? "");
        foreach (var (name, property) in all.SelectMany(part => part["properties"]?.Members ?? [])
            .DistinctBy(member => member.Key))
        {
            var isRequired = required.TryGetValue(name, out var listed);
            yield return new($"property {name}", null, property.Line,
            [
                new("required", isRequired ? "true" : "false", listed?.Line ?? property.Line, []),
                // A property that may be left out binds null like an absent one, and is left out of answers when null:
                // nullable says nothing more.
                .. isRequired && property["nullable"]?.Text == "true"
                    ? Feature.Of("nullable", property["nullable"])
                    : [],
                .. Of(document, property),
            ]);
        }
    }

    // 0 as the least length says nothing; 1, 1.0 and 1e0 are one number.
    private static Feature? Normalized(Feature constraint)
    {
        var value = decimal.TryParse(constraint.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && constraint.Name != "pattern"
            ? number.ToString("G29", CultureInfo.InvariantCulture)
            : constraint.Value;
        return (constraint.Name, value) is ("minLength" or "minItems" or "minProperties", "0") or (_, "false")
            ? null
            : constraint with { Value = value };
    }
}
