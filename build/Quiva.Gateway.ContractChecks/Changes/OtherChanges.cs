using System.Text.Json.Nodes;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// What is not judged: whether it differs is reported all the same, since what was not looked at must not look
/// unchanged. References are followed; texts for people and extensions are left out.
/// </summary>
internal static class OtherChanges
{
    private static readonly string[] Schemas =
    [
        "not", "prefixItems", "contains", "minContains", "maxContains", "if", "then", "else", "dependentRequired", "dependentSchemas",
        "patternProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentEncoding", "contentMediaType", "contentSchema", "$dynamicRef",
    ];

    private static readonly string[] Texts = ["description", "summary", "title", "example", "examples", "externalDocs"];

    /// <summary>Compares the keywords of a schema that have no rule of their own.</summary>
    public static void Find(SchemaPair pair, SchemaPairs pairs)
    {
        foreach (var keyword in Schemas)
        {
            var (old, now) = (pair.Old[keyword], pair.New[keyword]);
            if ((old ?? now) is not null && pairs.OldText(old) != pairs.NewText(now))
            {
                if (keyword == "not")
                {
                    pair.Add(Rules.NotChanged, old, now, "What it must not be has changed.");
                }
                else
                {
                    pair.Add(
                        Rules.KeywordChanged,
                        old,
                        now,
                        $"{keyword} has changed; what it means to callers is not judged.");
                }
            }
        }
    }

    /// <summary>Compares something outside of schemas.</summary>
    public static void Find(
        ChangeLog log,
        string place,
        string keyword,
        (ContractDocument Document, YamlValue? Value) old,
        (ContractDocument Document, YamlValue? Value) now)
    {
        if ((old.Value ?? now.Value) is not null && Text(old.Document, old.Value) != Text(now.Document, now.Value))
        {
            var sentence = $"{keyword} has changed; what it means to callers is not judged.";
            if (now.Value is { } cause)
            {
                log.Add(Rules.NotCompared, place, cause, sentence);
            }
            else
            {
                log.AddGone(Rules.NotCompared, place, old.Value!, sentence);
            }
        }
    }

    /// <summary>All that a value says, references followed.</summary>
    public static string? Text(ContractDocument document, YamlValue? value) =>
        value is null ? null : Expand(document, value, [])?.ToJsonString() ?? "null";

    private static JsonNode? Expand(ContractDocument document, YamlValue value, HashSet<YamlValue> within)
    {
        var meant = document.Follow(value);
        if (!within.Add(meant))
        {
            // A schema that holds itself.
            return JsonValue.Create(value["$ref"]?.Text?.Split('/')[^1] ?? "");
        }

        JsonNode? text = meant switch
        {
            { Members: { } members } => new JsonObject(members
                .Where(member => !Texts.Contains(member.Key) && !member.Key.StartsWith("x-", StringComparison.Ordinal))
                .OrderBy(member => member.Key, StringComparer.Ordinal)
                .Select(member => KeyValuePair.Create(member.Key, Expand(document, member.Value, within)))),
            { Items: { } items } => new JsonArray([.. items.Select(item => Expand(document, item, within))]),
            _ => meant.ToJson(),
        };
        within.Remove(meant);
        return text;
    }
}
