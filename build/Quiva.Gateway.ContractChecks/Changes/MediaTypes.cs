namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>The media types of a body.</summary>
internal static class MediaTypes
{
    /// <summary>What stands for each media type, without parameters such as charset.</summary>
    /// <param name="content">The <c>content</c> of a body; null for none.</param>
    public static Dictionary<string, YamlValue> Of(YamlValue? content) => (content?.Members ?? [])
        .Select(member => (Name: member.Key.Split(';')[0].Trim().ToLowerInvariant(), member.Value))
        .DistinctBy(member => member.Name).ToDictionary(member => member.Name, member => member.Value);

    /// <summary>Whether a media type or range, such as <c>text/*</c>, has every body that another has.</summary>
    public static bool Covers(string wide, string narrow) =>
        wide == narrow
        || wide == "*/*"
        || (wide.EndsWith("/*", StringComparison.Ordinal) && narrow.StartsWith(wide[..^1], StringComparison.Ordinal));

    /// <summary>The place of a body. JSON goes without saying.</summary>
    public static string Place(string body, string mediaType) =>
        mediaType == "application/json" ? body : $"{body} ({mediaType})";
}
