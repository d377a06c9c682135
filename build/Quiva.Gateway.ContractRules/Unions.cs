using System.Text.Json.Nodes;

namespace Quiva.Gateway.ContractChecks.Generator;

/// <summary>
/// <c>oneOf</c> and <c>anyOf</c>: a component becomes a class with a property for each alternative in C#, and a union
/// type in TypeScript.
/// </summary>
internal static class Unions
{
    private static readonly string[] Beside =
    [
        "oneOf", "anyOf", "discriminator", "title", "description", "example", "deprecated", "externalDocs"
    ];

    /// <summary>The alternatives of a schema; null when it has none, or is written by hand.</summary>
    public static YamlValue? Of(YamlValue schema) =>
        schema["x-handwritten"]?.Text == "true"
            ? null
            : (schema["oneOf"] ?? schema["anyOf"]) is { Items: not null } list ? list : null;

    public static IEnumerable<Fault> Find(ContractDocument contract, YamlValue schema, string? name)
    {
        if (schema["discriminator"] is { } alone && Of(schema) is null && schema["x-handwritten"]?.Text != "true")
        {
            yield return Fault.At(
                alone,
                $"The discriminator of {schema.Path} has no alternatives beside it.",
                "List them in oneOf, in a component of its own.");
        }

        if (Of(schema) is not { Items: { } alternatives } list)
        {
            yield break;
        }

        if (name is null)
        {
            yield return Fault.At(
                list,
                $"{schema.Path} has alternatives, but no name.",
                "Make it a component under components.schemas and refer to it.");
            yield break;
        }

        foreach (var (key, value) in (schema.Members ?? [])
            .Where(member => !Beside.Contains(member.Key) && !member.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            yield return Fault.At(
                value,
                $"{key} stands beside alternatives, where it is not generated.",
                "Take it out, or write it into each alternative.");
        }

        if (schema["oneOf"] is not null && schema["anyOf"] is { } other)
        {
            yield return Fault.At(other, $"{schema.Path} has both oneOf and anyOf.", "Keep one of them.");
        }

        foreach (var fault in alternatives.SelectMany(alternative => Alternative(contract, schema, alternative)))
        {
            yield return fault;
        }

        if (alternatives.Count < 2)
        {
            yield return Fault.At(
                list, $"{schema.Path} has fewer than two alternatives.", "Refer to the only one, or add another.");
        }

        foreach (var clash in Words.Clashes(alternatives, NameOf))
        {
            yield return Fault.At(
                clash.Value, $"{schema.Path} has the alternative {clash.Name} twice.", "Keep one of them.");
        }

        foreach (var fault in Discriminator(contract, schema, alternatives))
        {
            yield return fault;
        }
    }

    /// <summary>What the generator reads instead: an object with a property for each alternative.</summary>
    public static JsonObject Rewrite(YamlValue schema)
    {
        var by = schema["discriminator"]?["propertyName"]?.Text;
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = schema["description"]?.Text ?? schema["title"]?.Text,
            ["properties"] = new JsonObject(Of(schema)!.Items!.Select(alternative =>
            {
                var property = alternative["$ref"] is { } reference
                    ? new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = reference.Text }) }
                    : alternative.ToJson()!.AsObject();
                property["x-union"] = schema["oneOf"] is null ? "anyOf" : "oneOf";
                if (by is not null)
                {
                    property["x-union-by"] = by;
                    property["x-union-values"] =
                        new JsonArray([.. Values(schema, alternative).Select(value => JsonValue.Create(value))]);
                }

                return KeyValuePair.Create(NameOf(alternative), (JsonNode?)property);
            })),
        };
    }

    private static string NameOf(YamlValue alternative) =>
        alternative["$ref"]?.Text is { } reference
            ? reference.Split('/')[^1]
            : Words.Pascal(alternative["type"]?.Text ?? "");

    // Without a mapping the name of the schema is the value (OpenAPI 3.0.3, Discriminator Object).
    private static List<string> Values(YamlValue schema, YamlValue alternative)
    {
        var mapped = (schema["discriminator"]!["mapping"]?.Members ?? [])
            .Where(entry => entry.Value.Text?.Split('/')[^1] == NameOf(alternative))
            .Select(entry => entry.Key)
            .ToList();
        return mapped.Count > 0 ? mapped : [NameOf(alternative)];
    }

    private static IEnumerable<Fault> Alternative(ContractDocument contract, YamlValue union, YamlValue alternative)
    {
        var meant = contract.Follow(alternative);
        var isObject = alternative["$ref"] is not null
            && (meant["properties"] is not null || meant["allOf"] is not null)
            && Of(meant) is null;
        var isEnum = alternative["$ref"] is not null && meant["enum"] is not null;
        var isValue = alternative["$ref"] is null
            && alternative["enum"] is null
            && ParameterGenerator.IsScalar(alternative);
        if (!isObject && !isEnum && !isValue)
        {
            yield return Fault.At(
                alternative,
                $"An alternative of {union.Path} is neither a component with properties, nor an enum, nor one value.",
                "Refer to such a component, or write a text, a number or a boolean.");
        }
    }

    private static IEnumerable<Fault> Discriminator(
        ContractDocument contract, YamlValue schema, IReadOnlyList<YamlValue> alternatives)
    {
        if (schema["discriminator"] is not { } discriminator)
        {
            yield break;
        }

        if (discriminator["propertyName"]?.Text is not { Length: > 0 } name)
        {
            yield return Fault.At(
                discriminator, $"The discriminator of {schema.Path} has no propertyName.", "Write one.");
            yield break;
        }

        foreach (var alternative in alternatives.Where(
            alternative => !HasText(contract, contract.Follow(alternative), name)))
        {
            yield return Fault.At(
                alternative,
                $"{NameOf(alternative)} has no required text {name}, which is to say that a value is one.",
                "Add it, and list it in required.");
        }

        foreach (var (value, target) in (discriminator["mapping"]?.Members ?? [])
            .Where(entry => alternatives.All(found => NameOf(found) != entry.Value.Text?.Split('/')[^1])))
        {
            yield return Fault.At(
                target,
                $"The value {value} of the discriminator means {target.Text}, which is no alternative.",
                "Correct it, or add the alternative.");
        }

        foreach (var clash in Words.Clashes(
            alternatives.SelectMany(alternative => Values(schema, alternative)), value => value))
        {
            yield return Fault.At(
                discriminator,
                $"The value {clash.Value} of the discriminator means several alternatives.",
                "Map each value to one of them.");
        }
    }

    private static bool HasText(ContractDocument contract, YamlValue schema, string name)
    {
        List<YamlValue> parts = [schema, .. (schema["allOf"]?.Items ?? []).Select(contract.Follow)];
        return parts.Any(
            part => part["properties"]?[name] is { } property && contract.Follow(property)["type"]?.Text == "string")
            && parts.Any(part => (part["required"]?.Items ?? []).Any(item => item.Text == name));
    }
}
