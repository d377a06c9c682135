using System.Runtime.CompilerServices;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// Schemas that hold together: a schema, and all that its allOf adds. What matters to callers is their sum, so moving a
/// property or a constraint between them is no change.
/// </summary>
/// <param name="parts">The schemas, references followed; none when anything is allowed.</param>
/// <param name="name">The first component among them; null when all stand in place.</param>
internal sealed class Shape(IReadOnlyList<YamlValue> parts, string? name)
{
    public IReadOnlyList<YamlValue> Parts { get; } = parts;

    public string? Name { get; } = name;

    /// <summary>The first value of a keyword.</summary>
    public YamlValue? this[string keyword] => Parts.Count == 1 ? Parts[0][keyword] : All(keyword).FirstOrDefault();

    /// <summary>Each part's value of a keyword.</summary>
    public IEnumerable<YamlValue> All(string keyword) => Parts.Select(part => part[keyword]).OfType<YamlValue>();

    /// <summary>
    /// The first value of a keyword that is <c>true</c>. Beside allOf, <c>nullable</c> is meant for the whole, whatever
    /// the parts say.
    /// </summary>
    public YamlValue? Flag(string keyword) =>
        this[keyword] is null ? null : All(keyword).FirstOrDefault(value => value.Text == "true");

    /// <summary>The schemas that the items of an array have to satisfy.</summary>
    public IEnumerable<YamlValue> Items => All("items");

    /// <summary>Where properties that are not named are forbidden; null when they are allowed.</summary>
    public YamlValue? Closed => All("additionalProperties").FirstOrDefault(value => value.Text == "false");

    /// <summary>The schemas that properties which are not named have to satisfy.</summary>
    public IEnumerable<YamlValue> Additional => All("additionalProperties").Where(value => value.Members is not null);

    /// <summary>The properties, by name.</summary>
    public IReadOnlyDictionary<string, Property> Properties { get; } = ReadProperties(parts);

    private static Dictionary<string, Property> ReadProperties(IReadOnlyList<YamlValue> parts)
    {
        var required = parts.SelectMany(part => part["required"]?.Items ?? []).Where(item => item.Text is not null)
            .DistinctBy(item => item.Text).ToDictionary(item => item.Text!);
        var found = parts.SelectMany(part => part["properties"]?.Members ?? []).GroupBy(member => member.Key)
            .ToDictionary(group => group.Key, group =>
                new Property([.. group.Select(member => member.Value)], required.GetValueOrDefault(group.Key)));
        foreach (var (key, item) in required)
        {
            // A property may be required and described nowhere.
            found.TryAdd(key, new([], item));
        }

        return found;
    }
}

/// <summary>A property of an object.</summary>
/// <param name="Schemas">What its value has to satisfy.</param>
/// <param name="Required">Where it is required; null when it may be left out.</param>
internal sealed record Property(IReadOnlyList<YamlValue> Schemas, YamlValue? Required)
{
    /// <summary>What to point at.</summary>
    public YamlValue Place => Schemas.Count > 0 ? Schemas[0] : Required!;
}

/// <summary>Makes the shapes of a document, each once.</summary>
/// <param name="document">The document.</param>
internal sealed class Shapes(ContractDocument document)
{
    private readonly Dictionary<IReadOnlyList<YamlValue>, Shape> known = new(new SameValues());
    private readonly Dictionary<YamlValue, string> names = document.Components("schemas")
        .ToDictionary(component => component.Value, component => component.Key);

    /// <summary>The shape of schemas that hold together.</summary>
    /// <param name="schemas">The schemas; none for anything.</param>
    public Shape Of(params IEnumerable<YamlValue> schemas)
    {
        var listed = schemas.ToArray();
        if (!known.TryGetValue(listed, out var shape))
        {
            var parts = new List<YamlValue>();
            listed.ToList().ForEach(schema => Flatten(schema, parts));
            known[listed] = shape = Unique(parts);
        }

        return shape;
    }

    /// <summary>All that a value says, references followed.</summary>
    public string? Text(YamlValue? value) => OtherChanges.Text(document, value);

    private Shape Unique(List<YamlValue> parts)
    {
        if (!known.TryGetValue(parts, out var shape))
        {
            known.Add(parts, shape = new(
                parts, parts.Select(part => names.GetValueOrDefault(part)).FirstOrDefault(name => name is not null)));
        }

        return shape;
    }

    private void Flatten(YamlValue schema, List<YamlValue> parts)
    {
        schema = document.Follow(schema);
        if (parts.Contains(schema))
        {
            return;
        }

        parts.Add(schema);
        foreach (var part in (schema["allOf"]?.Items ?? []).Concat(Only(schema["oneOf"])).Concat(Only(schema["anyOf"])))
        {
            Flatten(part, parts);
        }
    }

    // One alternative is no choice.
    private static IEnumerable<YamlValue> Only(YamlValue? alternatives) =>
        alternatives?.Items is [var only] ? [only] : [];

    private sealed class SameValues : IEqualityComparer<IReadOnlyList<YamlValue>>
    {
        public bool Equals(IReadOnlyList<YamlValue>? one, IReadOnlyList<YamlValue>? other) =>
            one!.SequenceEqual(other!);

        public int GetHashCode(IReadOnlyList<YamlValue> values)
        {
            var hash = default(HashCode);
            values.ToList().ForEach(value => hash.Add(RuntimeHelpers.GetHashCode(value)));
            return hash.ToHashCode();
        }
    }
}
