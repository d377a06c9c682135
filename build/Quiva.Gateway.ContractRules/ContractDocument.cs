namespace Quiva.Gateway.ContractChecks;

/// <summary>The contract as it was written: an OpenAPI document whose values know their lines.</summary>
public sealed class ContractDocument
{
    /// <summary>Where the contract stands, from the repository root.</summary>
    public const string File = "openapi/gateway.yaml";

    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    /// <summary>Reads a document.</summary>
    /// <param name="text">The YAML.</param>
    /// <exception cref="YamlDotNet.Core.YamlException">It is malformed.</exception>
    public ContractDocument(string text)
    {
        Root = YamlValue.Parse(text);
        Operations =
        [
            .. from path in Root["paths"]?.Members ?? []
               where path.Key.StartsWith('/')
               from member in path.Value.Members ?? []
               where Methods.Contains(member.Key)
               select new Operation(this, path.Key, member.Key, path.Value, member.Value)
        ];
    }

    /// <summary>The whole document.</summary>
    public YamlValue Root { get; }

    /// <summary>Every operation, in the document's order.</summary>
    public IReadOnlyList<Operation> Operations { get; }

    /// <summary>The components of one kind, by name.</summary>
    /// <param name="kind">Such as <c>schemas</c>.</param>
    public IReadOnlyList<KeyValuePair<string, YamlValue>> Components(string kind) => Root["components"]?[kind]?.Members ?? [];

    /// <summary>What stands at a JSON pointer.</summary>
    /// <param name="reference">Such as <c>#/components/schemas/Error</c>.</param>
    /// <returns>The value; null when the pointer leads nowhere in this document.</returns>
    public YamlValue? Find(string reference) => Lead(reference) is [.., var last] found && found.Count == reference.Split('/').Length ? last : null;

    /// <summary>What stands nearest to a JSON pointer, when the very place has no line of its own.</summary>
    /// <param name="reference">Such as <c>#/info/version</c>.</param>
    public YamlValue Nearest(string reference) => Lead(reference) is [.., var last] ? last : Root;

    /// <summary>The value that is meant: the target of a <c>$ref</c>, or the value itself.</summary>
    /// <param name="value">A value that may be a reference.</param>
    public YamlValue Follow(YamlValue value)
    {
        // References that lead in a circle name nothing.
        for (var steps = 0; steps < 10 && value["$ref"]?.Text is { } pointer && Find(pointer) is { } target; steps++)
        {
            value = target;
        }

        return value;
    }

    private List<YamlValue> Lead(string reference)
    {
        var found = new List<YamlValue>();
        var keys = reference.Split('/');
        for (var at = keys[0] == "#" ? Root : null; at is not null; at = found.Count < keys.Length ? Step(at, keys[found.Count]) : null)
        {
            found.Add(at);
        }

        return found;
    }

    private static YamlValue? Step(YamlValue value, string key)
    {
        key = Uri.UnescapeDataString(key).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        return int.TryParse(key, out var index) && index >= 0 && index < value.Items?.Count ? value.Items[index] : value[key];
    }
}
