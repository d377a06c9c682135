namespace Quiva.Gateway.ContractChecks.Server;

/// <summary>Something a document says: that there is an operation, that a parameter has a certain length …</summary>
/// <param name="Name">What is said, unique among its neighbours.</param>
/// <param name="Value">What it is; null when there is nothing more to say than that it exists, and its parts.</param>
/// <param name="Line">The line where it is said.</param>
/// <param name="Parts">What is said of it.</param>
internal sealed record Feature(string Name, string? Value, int Line, IReadOnlyList<Feature> Parts)
{
    /// <summary>A feature for a value that may be left out of the document.</summary>
    public static IEnumerable<Feature> Of(string name, YamlValue? value) =>
        value?.Text is { } text ? [new(name, text, value.Line, [])] : [];
}
