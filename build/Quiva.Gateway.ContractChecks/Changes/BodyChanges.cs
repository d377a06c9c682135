using System.Globalization;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Compares the bodies of requests, and the limit of their size in <c>x-max-body-bytes</c>.</summary>
/// <param name="schemas">Compares their schemas.</param>
/// <param name="log">Where changes go.</param>
internal sealed class BodyChanges(SchemaPairs schemas, ChangeLog log)
{
    public void Find(Operation old, Operation now, string place)
    {
        Limit(old, now, place);
        place += " request body";
        if (old.Body is not { } before)
        {
            if (now.Body is { } added)
            {
                log.Add(
                    IsRequired(added) ? Rules.RequiredBodyAdded : Rules.OptionalBodyAdded,
                    place,
                    added,
                    IsRequired(added) ? "A body has to be sent." : "A body may be sent.");
            }

            return;
        }

        if (now.Body is not { } after)
        {
            log.AddGone(Rules.BodyRemoved, place, before, "There is no body any more.");
            return;
        }

        if (IsRequired(before) != IsRequired(after))
        {
            log.Add(
                IsRequired(after) ? Rules.BodyBecameRequired : Rules.BodyBecameOptional,
                place,
                after["required"] ?? after,
                IsRequired(after) ? "It has to be sent." : "It may be left out.");
        }

        Content(MediaTypes.Of(before["content"]), MediaTypes.Of(after["content"]), place);
    }

    private void Content(Dictionary<string, YamlValue> before, Dictionary<string, YamlValue> after, string place)
    {
        foreach (var (name, media) in before)
        {
            var found = after.GetValueOrDefault(name)
                ?? after.FirstOrDefault(candidate => MediaTypes.Covers(candidate.Key, name)).Value;
            if (found is null)
            {
                log.AddGone(Rules.RequestMediaTypeRemoved, place, media, $"{name} is no longer accepted.");
            }
            else
            {
                schemas.Compare(media["schema"], found["schema"], SchemaUse.RequestBody, MediaTypes.Place(place, name));
            }
        }

        foreach (var (name, media) in after.Where(
            media => !before.Keys.Any(known => MediaTypes.Covers(known, media.Key))))
        {
            log.Add(Rules.RequestMediaTypeAdded, place, media, $"{name} is accepted.");
        }
    }

    private void Limit(Operation old, Operation now, string place)
    {
        var (before, after) = (Limit(old), Limit(now));
        if (before == after)
        {
            return;
        }

        var rule = before is null ? Rules.BodyLimitSet : after is null
            ? Rules.BodyLimitUnset
            : after > before ? Rules.BodyLimitIncreased : Rules.BodyLimitDecreased;
        if (after is null)
        {
            log.AddGone(rule, place, old.Value["x-max-body-bytes"]!, $"The limit of {before} bytes is gone.");
        }
        // Where there was no body, its limit breaks nobody.
        else if (old.Body is not null)
        {
            log.Add(
                rule,
                place,
                now.Value["x-max-body-bytes"]!,
                $"The body may have {after} bytes{(before is null ? "" : $" instead of {before}")}.");
        }
    }

    private static long? Limit(Operation operation) => long.TryParse(
        operation.Value["x-max-body-bytes"]?.Text, CultureInfo.InvariantCulture, out var limit) ? limit : null;

    private static bool IsRequired(YamlValue body) => body["required"]?.Text == "true";
}
