using YamlDotNet.RepresentationModel;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// OpenAPI 3.1 writes schemas in JSON Schema 2020-12. What 3.0 has words for is said in these, so that both are
/// compared by the same rules; what only 3.1 has stays as it is, and <see cref="OtherChanges"/> reports that it
/// differs.
/// </summary>
internal static class JsonSchemaDialect
{
    private static readonly string[] BesideReference = ["summary", "description"];

    /// <summary>Rewrites an object of a document, which may be a schema.</summary>
    /// <param name="map">The object.</param>
    public static void Rewrite(YamlMappingNode map)
    {
        Types(map);
        Const(map);
        Bound(map, "minimum", "exclusiveMinimum");
        Bound(map, "maximum", "exclusiveMaximum");
        Alternatives(map, "oneOf");
        Alternatives(map, "anyOf");
        Reference(map);
    }

    // [string, 'null'] is a nullable string; several types are one name, which TypeChanges takes apart again.
    private static void Types(YamlMappingNode map)
    {
        if (Find(map, "type") is YamlSequenceNode types)
        {
            var names = types.Children.Select(type => type.ToString()).ToList();
            if (names.Remove("null"))
            {
                map.Children[new YamlScalarNode("nullable")] = new YamlScalarNode("true");
            }

            Set(map, "type", string.Join('|', names.Order(StringComparer.Ordinal)));
        }
    }

    private static void Const(YamlMappingNode map)
    {
        if (Find(map, "const") is { } value && Find(map, "enum") is null)
        {
            map.Children[new YamlScalarNode("enum")] = new YamlSequenceNode(value);
            map.Children.Remove(new YamlScalarNode("const"));
        }
    }

    private static void Bound(YamlMappingNode map, string inclusive, string exclusive)
    {
        if (Find(map, exclusive) is YamlScalarNode { Value: { } text } bound && text is not ("true" or "false"))
        {
            // The tighter of two bounds would be a rare thing to write.
            map.Children[new YamlScalarNode(inclusive)] = new YamlScalarNode(text);
            bound.Value = "true";
        }
    }

    private static void Alternatives(YamlMappingNode map, string keyword)
    {
        if (Find(map, keyword) is YamlSequenceNode list && list.Children.FirstOrDefault(IsNull) is { } nothing)
        {
            list.Children.Remove(nothing);
            map.Children[new YamlScalarNode("nullable")] = new YamlScalarNode("true");
        }
    }

    private static bool IsNull(YamlNode node) =>
        node is YamlMappingNode map && Find(map, "type") is YamlScalarNode { Value: "null" } && map.Children.Count == 1;

    // What stands beside a reference holds too.
    private static void Reference(YamlMappingNode map)
    {
        if (Find(map, "$ref") is { } reference && map.Children.Any(
            member => member.Key.ToString() != "$ref" && !BesideReference.Contains(member.Key.ToString())))
        {
            map.Children.Remove(new YamlScalarNode("$ref"));
            var holder = new YamlMappingNode { { "$ref", reference } };
            if (Find(map, "allOf") is YamlSequenceNode all)
            {
                all.Children.Add(holder);
            }
            else
            {
                map.Children[new YamlScalarNode("allOf")] = new YamlSequenceNode(holder);
            }
        }
    }

    private static YamlNode? Find(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static void Set(YamlMappingNode map, string key, string text)
    {
        var known = map.Children.First(member => member.Key.ToString() == key).Key;
        map.Children[known] = new YamlScalarNode(text);
    }
}
