namespace Quiva.Gateway.ContractChecks.Generator;

/// <summary>
/// Tags whose operations nobody serves: the compiler names missing overrides, but only where there is a controller.
/// </summary>
public static class Unserved
{
    /// <summary>Finds them.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="sources">The directory with the controllers.</param>
    public static IEnumerable<Fault> Find(ContractDocument contract, string sources)
    {
        var texts =
            new Lazy<List<string>>(() => [.. Directory.EnumerateFiles(
                sources, "*Controller.cs", SearchOption.AllDirectories).Select(File.ReadAllText)]);
        return contract.Operations
            .Select(operation =>
                (Operation: operation, Tag: operation.Value["tags"]?.Items is [var first, ..] ? first : null))
            .Where(found => found.Tag?.Text is { Length: > 0 })
            .DistinctBy(found => found.Tag!.Text)
            .Where(found =>
                !texts.Value.Any(text => text.Contains($"{found.Tag!.Text}ControllerBase", StringComparison.Ordinal)))
            .Select(found => Fault.At(
                found.Tag!,
                $"Nobody serves the operations of the tag {found.Tag!.Text}, such as {found.Operation.Name}.",
                $"Write a class {found.Tag.Text}Controller that derives from {found.Tag.Text}ControllerBase, in a file {found.Tag.Text}Controller.cs."));
    }
}
