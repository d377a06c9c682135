namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>Objects and enums are named components, with names that make good C#.</summary>
internal static class SchemaRules
{
    public static IEnumerable<Finding> Find(ContractDocument contract)
    {
        var named = contract.Components("schemas");
        var places = named.Select(member => member.Value).ToHashSet();
        foreach (var schema in Schemas.All(contract).Where(schema => !places.Contains(schema)))
        {
            var kind = schema["enum"] is not null
                ? "enum"
                : schema["properties"] is not null || (schema["type"]?.Text == "object"
                    && schema["additionalProperties"]?.Members is null) ? "object" : null;
            if (kind is not null)
            {
                yield return DocumentCheck.At(
                    schema,
                    $"{schema.Path} is an {kind} in place.",
                    "Make it a component under components.schemas and refer to it: the generator would invent a name.");
            }
        }

        var tags = (contract.Root["tags"]?.Items ?? []).Select(tag => tag["name"]?.Text).ToHashSet();
        foreach (var (name, schema) in named)
        {
            var fault = char.IsAsciiDigit(name[^1]) ? "ends in a digit, as the names do that the generator invents"
                : name == "Anonymous" ? "is what the generator calls a schema without a name"
                : tags.Contains(name) ? "is a tag too, and the tag's namespace would hide the class"
                : null;
            if (fault is not null)
            {
                yield return DocumentCheck.At(schema, $"The name of schema {name} {fault}.", "Give it another name.");
            }
        }
    }
}
