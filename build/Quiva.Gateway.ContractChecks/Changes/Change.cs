using System.Text.Json.Serialization;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>One thing that differs between two versions of an API, however many places it shows in.</summary>
/// <param name="Rule">The rule that it falls under.</param>
/// <param name="Place">
/// The place where callers meet it with the fewest words, such as <c>PUT /hub/x request body.name</c>.
/// </param>
/// <param name="Sentence">What has changed there.</param>
/// <param name="File">The file that has its cause: the new document, or the old one for what is gone.</param>
/// <param name="Line">The line of the cause, from 1.</param>
/// <param name="OtherPlaces">Where else callers meet the same cause.</param>
public sealed record Change(
    Rule Rule, string Place, string Sentence, string File, int Line, IReadOnlyList<string> OtherPlaces)
{
    /// <summary>The change on one line, as compilers write theirs.</summary>
    public override string ToString() =>
        $"{File}:{Line}: {Rule.Level.ToString().ToLowerInvariant()}: {Where}: {Sentence} [{Rule.Id}]";

    /// <summary>The first place, and how many more there are.</summary>
    [JsonIgnore]
    public string Where => OtherPlaces.Count switch
    {
        0 => Place,
        1 => $"{Place} (and 1 more place)",
        var more => $"{Place} (and {more} more places)",
    };
}
