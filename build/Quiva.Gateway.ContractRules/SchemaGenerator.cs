using System.Globalization;
using System.Text.RegularExpressions;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.ContractChecks.Generator;

/// <summary>Schemas: which keywords are put into effect, and which names C# and TypeScript can have.</summary>
internal static partial class SchemaGenerator
{
    private static readonly HashSet<string> Generated =
    [
        "type", "format", "title", "description", "example", "default", "enum", "nullable", "deprecated", "readOnly", "writeOnly", "minLength", "maxLength",
        "pattern", "minimum", "maximum", "minItems", "maxItems", "items", "properties", "required", "additionalProperties", "allOf", "$ref", "externalDocs", "xml",
        "oneOf", "anyOf", "discriminator",
    ];

    private static readonly Dictionary<string, string> Remedies = new()
    {
        ["not"] = "Say what is allowed instead.",
        ["exclusiveMinimum"] = "Write the next number as minimum.",
        ["exclusiveMaximum"] = "Write the next number as maximum.",
        ["const"] = "Write an enum with one value.",
    };

    private static readonly HashSet<string?> Formats =
    [
        null, "date", "date-time", "uuid", "uri", "byte", "binary", "int32", "int64", "float", "double"
    ];
    private static readonly string[] Limits =
    [
        "minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems"
    ];

    public static IEnumerable<Fault> Find(ContractDocument contract)
    {
        var named = contract.Components("schemas")
            .ToDictionary(component => component.Value, component => component.Key);
        var parts = contract.Components("schemas")
            .SelectMany(component => component.Value["allOf"]?.Items ?? [])
            .ToHashSet();
        var requests = Schemas.OfRequests(contract);
        foreach (var (name, schema) in contract.Components("schemas"))
        {
            if (!GeneratorRules.Name().IsMatch(name) || char.IsLower(name[0]) || Words.Types.Contains(name))
            {
                yield return Fault.At(
                    schema,
                    $"The schema {name} can't name a class.",
                    "Write letters and digits, beginning with a capital, and no name that the clients or C# have already.");
            }
        }

        foreach (var schema in Schemas.All(contract))
        {
            var faults = Keywords(schema)
                .Concat(Enum(schema))
                .Concat(Pattern(schema))
                .Concat(Items(contract, schema))
                .Concat(Unions.Find(contract, schema, named.GetValueOrDefault(schema)))
                .Concat(Properties(contract, schema, named.GetValueOrDefault(schema)))
                .Concat(Inheritance(contract, schema));
            foreach (var fault in faults)
            {
                yield return fault;
            }

            if (!named.ContainsKey(schema)
                && !parts.Contains(schema)
                && (schema["enum"] is not null || schema["properties"] is not null))
            {
                yield return Fault.At(
                    schema,
                    $"{schema.Path} is an {(schema["enum"] is null ? "object" : "enum")} without a name.",
                    "Make it a component under components.schemas and refer to it: the generator would invent a name.");
            }

            if (schema["readOnly"]?.Text == "true" && requests.Contains(schema))
            {
                yield return Fault.At(
                    schema["readOnly"]!,
                    $"{schema.Path} is readOnly in a request, which the server would take all the same.",
                    "Write a schema of its own for the request.");
            }

            if (schema["additionalProperties"]?.Text == "false" && requests.Contains(schema))
            {
                yield return Fault.At(
                    schema["additionalProperties"]!,
                    "additionalProperties: false of a request is not enforced: unknown members are ignored.",
                    "Take it out.");
            }
        }
    }

    private static IEnumerable<Fault> Keywords(YamlValue schema)
    {
        foreach (var (keyword, value) in (schema.Members ?? [])
            .Where(member => !Generated.Contains(member.Key) && !member.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            yield return Fault.At(
                value,
                $"{keyword} is not generated.",
                Remedies.GetValueOrDefault(keyword, "Take it out; the server would not enforce it."));
        }

        if (schema["type"] is { } type
            && type.Text is not ("string" or "integer" or "number" or "boolean" or "object" or "array"))
        {
            yield return Fault.At(
                type,
                $"{schema.Path} is of no type of OpenAPI 3.0.",
                "Write string, integer, number, boolean, object or array; for null write nullable: true beside it.");
        }

        if (!Formats.Contains(schema["format"]?.Text))
        {
            yield return Fault.At(
                schema["format"]!,
                $"The format {schema["format"]!.Text} is not enforced.",
                "Take it out, or write a pattern.");
        }

        if (schema["default"] is { } byDefault && (schema["type"]?.Text is not ("string" or "integer" or "number"
            or "boolean") || schema["format"]?.Text is "date" or "date-time" or "uuid" or "uri" or "byte"))
        {
            yield return Fault.At(
                byDefault,
                $"The default of {schema.Path} can't be put into effect.",
                "Take it out; defaults are for texts, numbers and booleans.");
        }
    }

    private static IEnumerable<Fault> Enum(YamlValue schema)
    {
        if (schema["enum"] is not { } values)
        {
            yield break;
        }

        if (schema["type"]?.Text is not ("string" or "integer") || values.Items is not { Count: > 1 } items)
        {
            yield return Fault.At(
                values,
                $"{schema.Path} is an enum of something else than two or more texts or whole numbers.",
                "Write type: string or type: integer and the values.");
            yield break;
        }

        var isNumber = schema["type"]!.Text == "integer";
        foreach (var item in items.Where(item => isNumber
            ? !long.TryParse(item.Text, CultureInfo.InvariantCulture, out _)
            : item.Text is not { } text || !EnumText().IsMatch(text)))
        {
            yield return Fault.At(item, $"The value {item.Text} of {schema.Path} can't name a constant.", isNumber
                ? "Write whole numbers."
                : "Write letters, digits and - _ . : / and blanks, beginning with a letter or a digit.");
        }

        foreach (var clash in Words.Clashes(items, item => Words.Pascal(item.Text ?? "")).Where(_ => !isNumber))
        {
            yield return Fault.At(
                clash.Value,
                $"The values {clash.First.Text} and {clash.Value.Text} of {schema.Path} have one name in generated code.",
                "Keep one of them.");
        }

        foreach (var item in items.Where(item => Words.Pascal(item.Text ?? "") == "Unrecognized"))
        {
            yield return Fault.At(item, "The clients have a value Unrecognized of their own.", "Give it another name.");
        }
    }

    private static IEnumerable<Fault> Pattern(YamlValue schema)
    {
        if (schema["pattern"] is { Text: { } pattern } value)
        {
            string? fault = null;
            try
            {
                EcmaPattern.Compile(pattern);
            }
            catch (FormatException exception)
            {
                fault = exception.Message;
            }

            if (fault is not null)
            {
                yield return Fault.At(
                    value,
                    $"The pattern of {schema.Path} can't be matched as ECMA 262 reads it, without backtracking.",
                    $"It {fault}.");
            }
        }

        foreach (var message in new[]
        {
            schema["x-invalid-message"],
            schema["x-required-message"],
            schema["x-pattern-description"]
        }.OfType<YamlValue>())
        {
            if (message.Text is not { } text || text.AsSpan().ContainsAny("\"\\\r\n"))
            {
                yield return Fault.At(
                    message,
                    $"{message.Path} has a character that C# takes for something else.",
                    "Leave out double quotes, backslashes and line breaks.");
            }
        }
    }

    private static IEnumerable<Fault> Items(ContractDocument contract, YamlValue schema)
    {
        if (schema["type"]?.Text == "array" && schema["items"] is null)
        {
            yield return Fault.At(
                schema, $"{schema.Path} is a list without items.", "Write items; items: {} is a list of anything.");
        }

        var inner = new[] { schema["items"], schema["additionalProperties"] }
            .OfType<YamlValue>()
            .Where(part => part.Members is not null);
        foreach (var limited in inner.SelectMany(part =>
            Limits.Select(limit => contract.Follow(part) is var meant && meant["enum"] is null ? meant[limit] : null))
            .OfType<YamlValue>())
        {
            yield return Fault.At(
                limited,
                $"{limited.Path} limits the items of a list or the values of a map, which is not enforced.",
                "Take it out, or list objects with a limited property.");
        }
    }

    private static IEnumerable<Fault> Properties(ContractDocument contract, YamlValue schema, string? name)
    {
        if (schema["properties"]?.Members is not { } properties)
        {
            yield break;
        }

        if (schema["additionalProperties"] is { Members: not null } beside)
        {
            yield return Fault.At(
                beside,
                $"{schema.Path} has both properties and values of any name.",
                "Put the map into a property of its own.");
        }

        foreach (var clash in Words.Clashes(properties, property => Words.Pascal(property.Key)))
        {
            yield return Fault.At(
                clash.Value.Value,
                $"The properties {clash.First.Key} and {clash.Value.Key} of {schema.Path} have one name in generated code.",
                "Give one of them another name.");
        }

        var required = (schema["required"]?.Items ?? []).ToDictionary(item => item.Text ?? "", item => item);
        foreach (var (key, item) in required.Where(
            item => properties.All(property => property.Key != item.Key) && schema["allOf"] is null))
        {
            yield return Fault.At(
                item,
                $"{key} is required in {schema.Path}, which has no such property.",
                "Correct the name, or add the property.");
        }

        foreach (var (key, property) in properties)
        {
            var pascal = Words.Pascal(key);
            if (!GeneratorRules.WireName().IsMatch(key)
                || Words.ObjectMembers.Contains(pascal)
                || (pascal == name && name != "Error"))
            {
                yield return Fault.At(
                    property,
                    $"The property {key} can't name a property of {name ?? "a class"} in C#.",
                    "Write letters, digits, - and _, beginning with a letter, and no name that the class or every object has already.");
            }

            if (property["default"] is { } byDefault && required.ContainsKey(key))
            {
                yield return Fault.At(
                    byDefault,
                    $"{property.Path} is required and has a default, which never comes into effect.",
                    "Take one of them out.");
            }
        }
    }

    private static IEnumerable<Fault> Inheritance(ContractDocument contract, YamlValue schema)
    {
        if (schema["allOf"]?.Items is not { Count: > 0 } all)
        {
            yield break;
        }

        var references = all.Where(part => part["$ref"] is not null).ToList();
        if (references.Count > 1)
        {
            yield return Fault.At(
                references[1],
                $"{schema.Path} has two references in allOf, and a class derives from one other.",
                "Keep one, and copy the properties of the other.");
        }

        if (all.Count == 1 && schema["properties"] is null)
        {
            yield break;
        }

        var parent = references.Count > 0 ? contract.Follow(references[0]) : null;
        if (parent is not null && parent["properties"] is null && parent["allOf"] is null)
        {
            yield return Fault.At(
                references[0], $"{schema.Path} derives from what is no object.", "Refer to an object in allOf.");
        }

        var inherited = Ancestors(contract, parent)
            .SelectMany(Own)
            .Select(property => Words.Pascal(property.Key))
            .ToHashSet();
        foreach (var (key, property) in Own(schema).Where(property => inherited.Contains(Words.Pascal(property.Key))))
        {
            yield return Fault.At(
                property,
                $"The property {key} of {schema.Path} is there twice: here, and in what it derives from.",
                "Keep one of them.");
        }
    }

    private static IEnumerable<YamlValue> Ancestors(ContractDocument contract, YamlValue? schema)
    {
        for (var depth = 0; schema is not null && depth < 20; depth++)
        {
            yield return schema;
            schema = (schema["allOf"]?.Items ?? []).FirstOrDefault(part => part["$ref"] is not null) is { } next
                ? contract.Follow(next)
                : null;
        }
    }

    private static IEnumerable<KeyValuePair<string, YamlValue>> Own(YamlValue schema) =>
        (schema["properties"]?.Members ?? [])
            .Concat((schema["allOf"]?.Items ?? []).SelectMany(part => part["properties"]?.Members ?? []));

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_.:/ -]*$", RegexOptions.NonBacktracking)]
    private static partial Regex EnumText();
}
