using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Reads a document together with the files beside it that its references lead to.</summary>
/// <param name="read">Reads a file by its name.</param>
internal sealed class SpecificationFiles(Func<string, string> read)
{
    private readonly Dictionary<string, YamlValue> files = [];
    private readonly Queue<(string File, string From)> waiting = [];
    private readonly HashSet<string> known = [];

    /// <summary>Reads a document.</summary>
    /// <param name="name">The name of its file: a path, or <c>REV:PATH</c>.</param>
    /// <param name="text">What the file holds.</param>
    /// <exception cref="IOException">A file can't be read, or is no OpenAPI document.</exception>
    public ContractDocument Read(string name, string text)
    {
        var root = Load(name, text);
        var version = (root as YamlMappingNode)?.Children.FirstOrDefault(
            member => member.Key.ToString() == "openapi").Value?.ToString();
        // What other versions say in other words would be passed over in silence.
        if (version?.StartsWith("3.0.", StringComparison.Ordinal) != true
            && version?.StartsWith("3.1.", StringComparison.Ordinal) != true)
        {
            throw new IOException(
                $"{name} is no OpenAPI 3.0 or 3.1 document: its 'openapi' is {version ?? "missing"}.");
        }

        known.Add(name);
        var isOfJsonSchema = version.StartsWith("3.1.", StringComparison.Ordinal);
        var document = Value(root, name, name, isOfJsonSchema);
        while (waiting.TryDequeue(out var next))
        {
            var (file, from) = next;
            string content;
            try
            {
                content = read(file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{from} leads to {file}, which can't be read: {exception.Message}", exception);
            }

            files[file] = Value(Load(file, content), file, name, isOfJsonSchema);
        }

        return new(document, files);
    }

    private static YamlNode Load(string name, string text)
    {
        try
        {
            return YamlValue.Load(text);
        }
        catch (YamlException exception)
        {
            throw new IOException($"{name}:{exception.Start.Line}: {exception.Message}", exception);
        }
    }

    private YamlValue Value(YamlNode node, string file, string root, bool isOfJsonSchema)
    {
        Walk(node, isNames: false, map =>
        {
            Follow(map, file, root);
            if (isOfJsonSchema)
            {
                JsonSchemaDialect.Rewrite(map);
            }
        });
        try
        {
            return YamlValue.Of(node, file == root ? null : file);
        }
        catch (YamlException exception)
        {
            throw new IOException($"{file}:{exception.Start.Line}: {exception.Message}", exception);
        }
    }

    // Names that authors chose are no keywords, and examples no references.
    private static void Walk(YamlNode node, bool isNames, Action<YamlMappingNode> visit)
    {
        var seen = new HashSet<YamlNode>(ReferenceEqualityComparer.Instance);
        var next = new Stack<(YamlNode Node, bool IsNames)>([(node, isNames)]);
        while (next.TryPop(out var at))
        {
            if (!seen.Add(at.Node))
            {
                continue;
            }

            foreach (var item in (at.Node as YamlSequenceNode)?.Children ?? [])
            {
                next.Push((item, false));
            }

            if (at.Node is YamlMappingNode map)
            {
                if (!at.IsNames)
                {
                    visit(map);
                }

                foreach (var (key, value) in map.Children)
                {
                    var name = key.ToString();
                    if (at.IsNames
                        || (!Structure.Data.Contains(name) && !name.StartsWith("x-", StringComparison.Ordinal)))
                    {
                        next.Push((value, !at.IsNames && Structure.MapsOfNames.Contains(name)));
                    }
                }
            }
        }
    }

    // Each reference gets the name of the file that it leads to: null for the file that was asked for.
    private void Follow(YamlMappingNode map, string file, string root)
    {
        if (map.Children.FirstOrDefault(
            member =>
                member.Key is YamlScalarNode { Value: "$ref" }) is not { Value: YamlScalarNode { Value: { } text } reference })
        {
            return;
        }

        var (path, pointer) = text.IndexOf('#', StringComparison.Ordinal) is >= 0 and var hash
            ? (text[..hash], text[hash..])
            : (text, "#");
        var place = $"{file}:{reference.Start.Line}: The reference {text}";
        if (path.Contains("://", StringComparison.Ordinal) || path.StartsWith('/'))
        {
            throw new IOException(
                $"{place} leads out of the repository, where nothing is read. Bundle the document first.");
        }

        var target = path.Length == 0 ? file : Resolve(file, Uri.UnescapeDataString(path));
        reference.Value = (target == root ? "" : target) + pointer;
        if (known.Add(target))
        {
            waiting.Enqueue((target, place));
        }
    }

    private static string Resolve(string file, string path)
    {
        // REV:PATH, but not C:\PATH.
        var colon = file.IndexOf(':', StringComparison.Ordinal) is > 1 and var at ? at + 1 : 0;
        var steps = new List<string>(file[colon..].Replace('\\', '/').Split('/')[..^1]);
        foreach (var step in path.Replace('\\', '/').Split('/').Where(step => step is not ("" or ".")))
        {
            if (step == ".." && steps.Count > 0 && steps[^1] is not ".." and not "")
            {
                steps.RemoveAt(steps.Count - 1);
            }
            else
            {
                steps.Add(step);
            }
        }

        return file[..colon] + string.Join('/', steps);
    }
}
