using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Quiva.Gateway.ContractChecks;

/// <summary>A value of a YAML document that knows its place: what leads to it, and on which line.</summary>
public sealed partial class YamlValue
{
    private const int Deepest = 500;

    // From here on looking a key up beats going through the members.
    private const int Many = 16;

    private readonly ScalarStyle style;
    private readonly Dictionary<string, YamlValue>? byKey;

    private YamlValue(YamlNode node, string path, int line, string? file, int depth)
    {
        if (depth > Deepest)
        {
            throw new YamlException(node.Start, node.End, "It is nested too deeply, or an alias holds itself.");
        }

        Path = path;
        Line = line;
        File = file;
        if (node is YamlScalarNode scalar)
        {
            Text = scalar.Value ?? "";
            style = scalar.Style;
        }
        else if (node is YamlSequenceNode sequence)
        {
            Items = [.. sequence.Select(
                (item, index) => new YamlValue(item, $"{path}[{index}]", LineOf(item, line), file, depth + 1))];
        }
        else if (node is YamlMappingNode mapping)
        {
            Members =
            [
                .. Merged(mapping).Select(member => KeyValuePair.Create(member.Key.ToString(), new YamlValue(
                    member.Value,
                    path.Length == 0 ? member.Key.ToString() : $"{path}.{member.Key}",
                    LineOf(member.Key, line),
                    file,
                    depth + 1))),
            ];
            byKey = Members.Count > Many ? Members.ToDictionary(member => member.Key, member => member.Value) : null;
        }
    }

    /// <summary>The file that it stands in, as the reader names it; null for the file that was asked for.</summary>
    public string? File { get; }

    /// <summary>The keys and indexes that lead here from the root of its file.</summary>
    public string Path { get; }

    /// <summary>The line of the key or the dash that leads here, from 1.</summary>
    public int Line { get; }

    /// <summary>The text of a scalar; null for a mapping and a sequence.</summary>
    public string? Text { get; }

    /// <summary>The members of a mapping, in their order; null for a sequence and a scalar.</summary>
    public IReadOnlyList<KeyValuePair<string, YamlValue>>? Members { get; }

    /// <summary>The items of a sequence; null for a mapping and a scalar.</summary>
    public IReadOnlyList<YamlValue>? Items { get; }

    /// <summary>A member of a mapping; null when there is none, and for anything else.</summary>
    /// <param name="key">Its key.</param>
    public YamlValue? this[string key]
    {
        get
        {
            if (byKey is not null)
            {
                return byKey.GetValueOrDefault(key);
            }

            // A loop: comparing two large documents asks for millions of keys.
            for (var at = 0; at < Members?.Count; at++)
            {
                if (Members[at].Key == key)
                {
                    return Members[at].Value;
                }
            }

            return null;
        }
    }

    /// <summary>Reads a document.</summary>
    /// <param name="text">YAML, or JSON, which is YAML too.</param>
    /// <exception cref="YamlException">It is malformed, or not one document.</exception>
    public static YamlValue Parse(string text) => Of(Load(text), null);

    /// <summary>The value of a node.</summary>
    /// <param name="node">The root of a document, changed or not.</param>
    /// <param name="file">What to call its file; null for the file that was asked for.</param>
    /// <exception cref="YamlException">It is nested too deeply.</exception>
    public static YamlValue Of(YamlNode node, string? file) => new(node, "", 1, file, 0);

    /// <summary>Reads a document, for those who change it first.</summary>
    /// <param name="text">YAML, or JSON, which is YAML too.</param>
    /// <exception cref="YamlException">It is malformed, or not one document.</exception>
    public static YamlNode Load(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (InvalidOperationException exception)
        {
            // The parser's own confusion about some malformed documents, without a place.
            throw new YamlException("It can't be parsed; look for brackets and quotes that do not match.", exception);
        }

        return stream.Documents is [var document]
            ? document.RootNode
            : throw new YamlException("The file has to hold one YAML document.");
    }

    /// <summary>
    /// The same value in JSON. Scalars have the types of YAML's JSON schema, which OpenAPI prescribes: a quoted
    /// <c>'1'</c> is text.
    /// </summary>
    public JsonNode? ToJson()
    {
        if (Members is not null)
        {
            return new JsonObject(Members.Select(member => KeyValuePair.Create(member.Key, member.Value.ToJson())));
        }

        if (Items is not null)
        {
            return new JsonArray([.. Items.Select(item => item.ToJson())]);
        }

        return style != ScalarStyle.Plain ? JsonValue.Create(Text) : Text switch
        {
            null or "" or "~" or "null" => null,
            "true" or "false" => JsonValue.Create(Text == "true"),
            _ => Number().IsMatch(Text) ? JsonNode.Parse(Text) : JsonValue.Create(Text),
        };
    }

    // A node that no text was read for stands where its holder does.
    private static int LineOf(YamlNode node, int holder) =>
        node.Start.Index == 0 && holder > 1 ? holder : (int)node.Start.Line;

    // The merge key of YAML 1.1: what a mapping says itself goes first, then the earlier of those merged into it.
    private static List<KeyValuePair<YamlNode, YamlNode>> Merged(YamlMappingNode mapping)
    {
        var members = mapping.Children.Where(member => !IsMerge(member.Key)).ToList();
        if (members.Count < mapping.Children.Count)
        {
            var known = members.Select(member => member.Key.ToString()).ToHashSet();
            var merged = mapping.Children.Where(member => IsMerge(member.Key))
                .SelectMany(member => member.Value is YamlSequenceNode list ? list.Children : [member.Value])
                .SelectMany(other => other is YamlMappingNode source
                    ? Merged(source)
                    : throw new YamlException(other.Start, other.End, "The merge key << is for mappings."));
            members.AddRange(merged.Where(member => known.Add(member.Key.ToString())));
        }

        return members;
    }

    private static bool IsMerge(YamlNode key) => key is YamlScalarNode { Value: "<<", Style: ScalarStyle.Plain };

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Number();
}
