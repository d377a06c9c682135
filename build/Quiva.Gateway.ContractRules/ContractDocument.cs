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
        : this(YamlValue.Parse(text), new Dictionary<string, YamlValue>())
    {
    }

    /// <summary>A document in several files.</summary>
    /// <param name="root">The file that was asked for.</param>
    /// <param name="files">The files that its references lead to, by the names that these references have.</param>
    public ContractDocument(YamlValue root, IReadOnlyDictionary<string, YamlValue> files)
    {
        (Root, Files) = (root, files);
        Operations =
        [
            .. from path in Root["paths"]?.Members ?? []
               where path.Key.StartsWith('/')
               let item = Follow(path.Value)
               from member in item.Members ?? []
               where Methods.Contains(member.Key)
               select new Operation(this, path.Key, member.Key, item, member.Value)
        ];
    }

    /// <summary>The whole document; of several files the one that was asked for.</summary>
    public YamlValue Root { get; }

    /// <summary>The other files that references lead to, by the names that these references have.</summary>
    public IReadOnlyDictionary<string, YamlValue> Files { get; }

    /// <summary>Every operation, in the document's order.</summary>
    public IReadOnlyList<Operation> Operations { get; }

    /// <summary>The components of one kind, by name.</summary>
    /// <param name="kind">Such as <c>schemas</c>.</param>
    public IReadOnlyList<KeyValuePair<string, YamlValue>> Components(string kind) =>
        Root["components"]?[kind]?.Members ?? [];

    /// <summary>What stands at a JSON pointer.</summary>
    /// <param name="reference">Such as <c>#/components/schemas/Error</c>.</param>
    /// <returns>The value; null when the pointer leads nowhere in this document.</returns>
    public YamlValue? Find(string reference) =>
        Lead(reference) is [.., var last] found && found.Count == Keys(reference).Length ? last : null;

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
        var keys = Keys(reference);
        var file = reference.Split('#')[0];
        for (var at = file.Length == 0 ? Root : Files.GetValueOrDefault(file); at is not null; at =
            found.Count < keys.Length ? Step(at, keys[found.Count]) : null)
        {
            found.Add(at);
        }

        return found;
    }

    // The first key is what stands before the first slash of the pointer: nothing.
    private static string[] Keys(string reference) =>
        reference.Split('#') is [_, var pointer] ? pointer.Split('/') : [""];

    private static YamlValue? Step(YamlValue value, string key)
    {
        key = Uri.UnescapeDataString(key)
            .Replace("~1", "/", StringComparison.Ordinal)
            .Replace("~0", "~", StringComparison.Ordinal);
        return int.TryParse(key, out var index) && index >= 0 && index < value.Items?.Count
            ? value.Items[index]
            : value[key];
    }
}
