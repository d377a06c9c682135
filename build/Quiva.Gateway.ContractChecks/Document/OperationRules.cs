using System.Text.RegularExpressions;

namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>
/// What an operation says of itself: its name, its tag, its texts, the parameters of its path, the limit of its body.
/// </summary>
internal static partial class OperationRules
{
    private static readonly string[] Texts = ["operationId", "summary", "description"];

    public static IEnumerable<Finding> Find(ContractDocument contract)
    {
        var tags = (contract.Root["tags"]?.Items ?? []).Select(tag => tag["name"]?.Text).ToHashSet();
        var names = new HashSet<string>();
        return contract.Operations.SelectMany(operation => Names(operation, names)
            .Concat(Tags(operation, tags))
            .Concat(PathParameters(operation))
            .Concat(Body(operation)));
    }

    private static IEnumerable<Finding> Names(Operation operation, HashSet<string> names)
    {
        foreach (var key in Texts.Where(key => string.IsNullOrWhiteSpace(operation.Value[key]?.Text)))
        {
            yield return DocumentCheck.At(operation.Value, $"Operation {operation.Name} has no {key}.", "Write one.");
        }

        if (operation.Value["operationId"] is { Text: { } id } value && !names.Add(id))
        {
            yield return DocumentCheck.At(
                value,
                $"The operationId {id} is given twice.",
                "Give each operation a name of its own: methods and routes are named after it.");
        }
    }

    private static IEnumerable<Finding> Tags(Operation operation, HashSet<string?> known)
    {
        var tags = operation.Value["tags"]?.Items ?? [];
        if (tags.Count != 1)
        {
            yield return DocumentCheck.At(
                operation.Value["tags"] ?? operation.Value,
                $"Operation {operation.Name} has {tags.Count} tags.",
                "Give it exactly one: it decides the controller.");
        }

        foreach (var tag in tags.Where(tag => !known.Contains(tag.Text)))
        {
            yield return DocumentCheck.At(
                tag,
                $"The tag {tag.Text} of operation {operation.Name} is not among the document's tags.",
                "Correct it, or add it to the list at the top.");
        }
    }

    private static IEnumerable<Finding> PathParameters(Operation operation)
    {
        var inPath = Placeholder().Matches(operation.Path).Select(match => match.Groups[1].Value).ToList();
        var declared = operation.Parameters.Where(found => found.Parameter["in"]?.Text == "path").ToList();
        foreach (var name in inPath.Where(name => declared.All(found => found.Parameter["name"]?.Text != name)))
        {
            yield return DocumentCheck.At(
                operation.PathItem,
                $"The path of operation {operation.Name} has {{{name}}}, which is not declared.",
                "Declare it under parameters, or take it out of the path.");
        }

        foreach (var (parameter, listed) in declared.Where(
            found => !inPath.Contains(found.Parameter["name"]?.Text ?? "")))
        {
            yield return DocumentCheck.At(
                listed,
                $"Operation {operation.Name} declares the path parameter {parameter["name"]?.Text}, which is not in its path.",
                "Correct the name, or take it out.");
        }
    }

    private static IEnumerable<Finding> Body(Operation operation)
    {
        if (operation.Body is not null
            && (!long.TryParse(operation.Value["x-max-body-bytes"]?.Text, out var limit) || limit <= 0))
        {
            yield return DocumentCheck.At(
                operation.Value["x-max-body-bytes"] ?? operation.Value,
                $"Operation {operation.Name} has a body and no x-max-body-bytes.",
                "Say how many bytes it may have.");
        }
    }

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex Placeholder();
}
