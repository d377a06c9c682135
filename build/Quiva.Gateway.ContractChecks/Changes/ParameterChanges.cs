namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// Compares the parameters of operations. Those of the path are matched by their order in it, the others by place and
/// name.
/// </summary>
/// <param name="oldDocument">The old document.</param>
/// <param name="newDocument">The new document.</param>
/// <param name="schemas">Compares their schemas.</param>
/// <param name="log">Where changes go.</param>
internal sealed class ParameterChanges(
    ContractDocument oldDocument, ContractDocument newDocument, SchemaPairs schemas, ChangeLog log)
{
    // OpenAPI has these described elsewhere and ignores them as parameters.
    private static readonly string[] Ignored = ["header accept", "header content-type", "header authorization"];

    public void Find(Operation before, Operation after, string place)
    {
        var (gone, added) = (ByKey(before), ByKey(after));
        foreach (var (key, parameter) in gone.ToList())
        {
            if (added.Remove(key, out var found))
            {
                gone.Remove(key);
                Compare(parameter, found, $"{place} {Name(found)}");
            }
        }

        foreach (var parameter in gone.Values)
        {
            var moved = added.FirstOrDefault(candidate => candidate.Value["name"]?.Text == parameter["name"]?.Text);
            if (moved.Key is not null)
            {
                added.Remove(moved.Key);
                log.Add(
                    Rules.ParameterMoved,
                    $"{place} {Name(moved.Value)}",
                    moved.Value["in"] ?? moved.Value,
                    $"{parameter["name"]?.Text} is sent in the {moved.Value["in"]?.Text} instead of the {parameter["in"]?.Text}.");
            }
            else
            {
                log.AddGone(
                    Rules.ParameterRemoved, $"{place} {Name(parameter)}", parameter, $"The {Name(parameter)} is gone.");
            }
        }

        foreach (var parameter in added.Values)
        {
            log.Add(
                IsRequired(parameter) ? Rules.RequiredParameterAdded : Rules.OptionalParameterAdded,
                $"{place} {Name(parameter)}",
                parameter,
                $"The {Name(parameter)} is new{(IsRequired(parameter) ? " and required" : "")}.");
        }
    }

    private void Compare(YamlValue before, YamlValue after, string place)
    {
        if (IsRequired(before) != IsRequired(after))
        {
            log.Add(
                IsRequired(after) ? Rules.ParameterBecameRequired : Rules.ParameterBecameOptional,
                place,
                after["required"] ?? after,
                IsRequired(after) ? "It has to be sent." : "It may be left out.");
        }

        if (IsDeprecated(before) != IsDeprecated(after))
        {
            var rule = IsDeprecated(after) ? Rules.Deprecated : Rules.Reactivated;
            log.Add(
                rule.In(SchemaUse.RequestParameter),
                place,
                after["deprecated"] ?? after,
                IsDeprecated(after) ? "It is deprecated." : "It is no longer deprecated.");
        }

        var (was, now) = (Style(before), Style(after));
        // A single value has nothing to explode.
        if (was.Name != now.Name
            || (was.Explode != now.Explode && !IsSingle(before, oldDocument) && !IsSingle(after, newDocument)))
        {
            log.Add(
                Rules.ParameterStyleChanged,
                place,
                after["style"] ?? after["explode"] ?? after["content"] ?? after,
                $"Its style is {Told(now)} instead of {Told(was)}.");
        }

        schemas.Compare(Schema(before), Schema(after), SchemaUse.RequestParameter, place);
    }

    private static Dictionary<string, YamlValue> ByKey(Operation operation) => operation.Parameters.Select(
        found => found.Parameter)
        .Select(parameter => (Key: Key(operation, parameter), Parameter: parameter))
        .Where(found => !Ignored.Contains(found.Key)).DistinctBy(found => found.Key)
        .ToDictionary(found => found.Key, found => found.Parameter);

    private static string Key(
        Operation operation, YamlValue parameter) => (parameter["in"]?.Text, parameter["name"]?.Text ?? "") switch
        {
            ("path", var name) when operation.Path.IndexOf(
                $"{{{name}}}", StringComparison.Ordinal) is >= 0 and var at =>
                $"path {operation.Path[..at].Count(letter => letter == '{')}",
            ("header", var name) => $"header {name.ToLowerInvariant()}",
            var (place, name) => $"{place} {name}",
        };

    private static string Name(YamlValue parameter) => $"{parameter["in"]?.Text} parameter {parameter["name"]?.Text}";

    private static bool IsRequired(YamlValue parameter) => parameter["required"]?.Text == "true";

    private static bool IsDeprecated(YamlValue parameter) => parameter["deprecated"]?.Text == "true";

    private static YamlValue? Schema(YamlValue parameter) =>
        parameter["schema"] ?? (parameter["content"]?.Members is [var (_, media), ..] ? media["schema"] : null);

    // What holds when style and explode are left out depends on the place.
    private static (string Name, bool Explode) Style(YamlValue parameter)
    {
        if (parameter["content"]?.Members is [var (mediaType, _), ..])
        {
            return (mediaType, false);
        }

        var name = parameter["style"]?.Text ?? (parameter["in"]?.Text is "query" or "cookie" ? "form" : "simple");
        return (name, parameter["explode"] is { } explode ? explode.Text == "true" : name == "form");
    }

    private static string Told((string Name, bool Explode) style) =>
        style.Explode ? $"{style.Name}, exploded" : style.Name;

    private static bool IsSingle(YamlValue parameter, ContractDocument document) =>
        Schema(parameter) is { } schema
        && document.Follow(schema)["type"]?.Text is "string" or "number" or "integer" or "boolean";
}
