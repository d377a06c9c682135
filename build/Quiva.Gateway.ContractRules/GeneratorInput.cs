using System.Text.Json.Nodes;

namespace Quiva.Gateway.ContractChecks.Generator;

/// <summary>The contract as the generator reads it: with what its templates need and it does not show them.</summary>
public static class GeneratorInput
{
    /// <summary>The document.</summary>
    /// <param name="contract">The contract.</param>
    public static JsonNode Of(ContractDocument contract)
    {
        var document = contract.Root.ToJson()!;
        foreach (var schema in Schemas.All(contract))
        {
            var required = schema["required"]?.Items ?? [];
            foreach (var (name, property) in schema["properties"]?.Members ?? [])
            {
                // The generator's own word for it is true of every property that may be left out.
                if (required.All(item => item.Text != name) && !TakesNull(contract, property))
                {
                    At(document, contract, schema)["properties"]![name]!["x-not-null"] = true;
                }

                // The server holds the texts of an enum, and a list of them is a list of texts.
                if (contract.Follow(property)["items"] is { } items && contract.Follow(items) is var item
                    && item["enum"] is not null
                        && item["type"]?.Text == "string"
                        && items["$ref"]?.Text is { } reference)
                {
                    At(document, contract, schema)["properties"]![name]!["x-items-enum"] = reference.Split('/')[^1];
                }
            }
        }

        foreach (var (name, schema) in contract.Components("schemas")
            .Where(component => Unions.Of(component.Value) is not null))
        {
            document["components"]!["schemas"]![name] = Unions.Rewrite(schema);
        }

        foreach (var operation in contract.Operations)
        {
            foreach (var (parameter, _) in operation.Parameters.Where(
                found => found.Parameter["allowEmptyValue"]?.Text == "true"))
            {
                At(document, contract, parameter)["x-allow-empty-value"] = true;
            }

            if (operation.Body?["content"]?["multipart/form-data"]?["schema"] is { } form)
            {
                var required = contract.Follow(form)["required"]?.Items ?? [];
                document["paths"]![operation.Path]![operation.Method]!["x-form-required"] =
                    new JsonArray([.. required.Select(name => JsonValue.Create(name.Text))]);
            }
        }

        return document;
    }

    // What has no type takes any value.
    private static bool TakesNull(ContractDocument contract, YamlValue schema) =>
        schema["nullable"]?.Text == "true"
        || (contract.Follow(schema) is var meant
            && meant["type"] is null
            && meant["allOf"] is null
            && meant["properties"] is null
            && (meant["oneOf"] ?? meant["anyOf"]) is null)
        || (schema["$ref"] is not null && contract.Follow(schema)["nullable"]?.Text == "true");

    private static JsonNode At(JsonNode document, ContractDocument contract, YamlValue value) =>
        Step(document, contract.Root, value) ?? throw new InvalidOperationException(value.Path);

    // Paths have dots in their names: the way is found by going it.
    private static JsonNode? Step(JsonNode node, YamlValue at, YamlValue sought) => ReferenceEquals(at, sought) ? node
        : (at.Members ?? []).Where(member => sought.Path.StartsWith(member.Value.Path, StringComparison.Ordinal))
            .Select(member => node[member.Key] is { } next ? Step(next, member.Value, sought) : null)
            .Concat((at.Items ?? []).Select((item, index) => sought.Path.StartsWith(item.Path, StringComparison.Ordinal)
                ? Step(node[index]!, item, sought)
                : null))
            .FirstOrDefault(found => found is not null);
}
