namespace Quiva.Gateway.ContractChecks;

/// <summary>An operation of a document.</summary>
/// <param name="Document">The document.</param>
/// <param name="Path">Its path template.</param>
/// <param name="Method">Its HTTP method, in lower case.</param>
/// <param name="PathItem">What it shares with the other operations of the path.</param>
/// <param name="Value">What it says of itself.</param>
public sealed record Operation(
    ContractDocument Document, string Path, string Method, YamlValue PathItem, YamlValue Value)
{
    /// <summary>Its operationId, or what can stand in its place.</summary>
    public string Name => Value["operationId"]?.Text ?? $"{Method} {Path}";

    /// <summary>The line of its method.</summary>
    public int Line => Value.Line;

    /// <summary>
    /// Its parameters and those of its path, references followed, each with the place where it is listed.
    /// </summary>
    public IEnumerable<(YamlValue Parameter, YamlValue Listed)> Parameters =>
        (Value["parameters"]?.Items ?? [])
            .Concat(PathItem["parameters"]?.Items ?? [])
            .Select(listed => (Parameter: Document.Follow(listed), Listed: listed))
            // An operation's own parameter replaces the one of its path.
            .DistinctBy(found => (found.Parameter["name"]?.Text, found.Parameter["in"]?.Text));

    /// <summary>Its body, references followed.</summary>
    public YamlValue? Body => Value["requestBody"] is { } body ? Document.Follow(body) : null;

    /// <summary>Its answers by status, references followed, each with the place where it is listed.</summary>
    public IEnumerable<(string Status, YamlValue Response, YamlValue Listed)> Responses =>
        (Value["responses"]?.Members ?? [])
            .Where(member => !member.Key.StartsWith("x-", StringComparison.Ordinal))
            .Select(member => (member.Key, Document.Follow(member.Value), member.Value));

    /// <summary>The security requirements that hold for it: its own, else the document's.</summary>
    public YamlValue? Security => Value["security"] ?? Document.Root["security"];

    /// <summary>Whether callers need credentials.</summary>
    public bool IsSecured => Security?.Items is { Count: > 0 } requirements
        && requirements.All(requirement => requirement.Members is { Count: > 0 });
}
