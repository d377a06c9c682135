namespace Quiva.Gateway.ContractChecks;

/// <summary>
/// Walks a document by what OpenAPI means by its keys, so that names and examples that look like keywords are not taken
/// for them.
/// </summary>
internal static class Structure
{
    /// <summary>The keys whose members have names that authors chose.</summary>
    public static readonly string[] MapsOfNames =
    [
        "paths", "properties", "schemas", "parameters", "responses", "headers", "requestBodies", "securitySchemes", "examples", "links", "callbacks",
        "content", "variables", "encoding", "pathItems", "webhooks", "patternProperties", "$defs", "dependentSchemas",
    ];

    /// <summary>The keys that hold data.</summary>
    public static readonly string[] Data = ["example", "default", "enum", "value", "const"];

    /// <summary>Every keyword below a value, with what it holds.</summary>
    /// <param name="value">Where to start.</param>
    public static IEnumerable<(string Keyword, YamlValue Value)> Keywords(YamlValue value) =>
        (value.Items ?? []).SelectMany(Keywords).Concat((value.Members ?? [])
            .Where(member => !Data.Contains(member.Key) && !member.Key.StartsWith("x-", StringComparison.Ordinal))
            .SelectMany(member => Below(member.Key, member.Value).Prepend((member.Key, member.Value))));

    /// <summary>The references below a value.</summary>
    /// <param name="value">Where to start.</param>
    public static IEnumerable<YamlValue> References(YamlValue value) =>
        Keywords(value).Where(found => found.Keyword == "$ref").Select(found => found.Value);

    private static IEnumerable<(string Keyword, YamlValue Value)> Below(string keyword, YamlValue value) =>
        MapsOfNames.Contains(keyword) && value.Members is { } named
            ? named.SelectMany(member => Keywords(member.Value))
            : Keywords(value);
}
