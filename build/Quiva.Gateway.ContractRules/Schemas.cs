namespace Quiva.Gateway.ContractChecks;

/// <summary>Finds the schemas of a document.</summary>
internal static class Schemas
{
    /// <summary>Every schema that stands in the document, named or in place, references not followed.</summary>
    /// <param name="contract">The document.</param>
    public static IEnumerable<YamlValue> All(ContractDocument contract) =>
        contract.Components("schemas").Select(member => member.Value)
            .Concat(Structure.Keywords(contract.Root)
                .Where(found => found.Keyword == "schema")
                .Select(found => found.Value))
            .SelectMany(WithParts);

    /// <summary>Every schema that something in a request is bound to, each once, references followed.</summary>
    /// <param name="contract">The document.</param>
    public static IReadOnlySet<YamlValue> OfRequests(ContractDocument contract)
    {
        var found = new HashSet<YamlValue>();
        var next = new Stack<YamlValue>(contract.Operations.SelectMany(operation => operation.Parameters.Select(
            found => found.Parameter["schema"])
            .Concat((operation.Body?["content"]?.Members ?? []).Select(media => media.Value["schema"])))
            .OfType<YamlValue>());
        while (next.TryPop(out var schema))
        {
            schema = contract.Follow(schema);
            if (found.Add(schema))
            {
                Parts(schema).ToList().ForEach(next.Push);
            }
        }

        return found;
    }

    /// <summary>The schemas that stand directly in a schema.</summary>
    /// <param name="schema">The schema.</param>
    public static IEnumerable<YamlValue> Parts(YamlValue schema) =>
        (schema["properties"]?.Members ?? []).Select(property => property.Value)
            .Concat(new[] { schema["items"], schema["not"], schema["additionalProperties"] }
                .OfType<YamlValue>()
                .Where(part => part.Members is not null))
            .Concat(new[] { schema["allOf"], schema["oneOf"], schema["anyOf"] }.SelectMany(list => list?.Items ?? []));

    private static IEnumerable<YamlValue> WithParts(YamlValue schema) =>
        Parts(schema).SelectMany(WithParts).Prepend(schema);
}
