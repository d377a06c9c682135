namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Compares answers: statuses, headers and bodies.</summary>
/// <param name="old">The old document.</param>
/// <param name="now">The new document.</param>
/// <param name="schemas">Compares their schemas.</param>
/// <param name="log">Where changes go.</param>
internal sealed class ResponseChanges(ContractDocument old, ContractDocument now, SchemaPairs schemas, ChangeLog log)
{
    public void Find(Operation before, Operation after, string place)
    {
        var (gone, there) = (ByStatus(before), ByStatus(after));
        foreach (var (status, response) in gone)
        {
            if ((there.GetValueOrDefault(status) ?? Covering(there, status)) is { } found)
            {
                Compare(response, found, $"{place} response {status}");
            }
            else
            {
                log.AddGone(
                    IsSuccess(status) ? Rules.SuccessRemoved : Rules.OtherStatusRemoved,
                    $"{place} response {status}",
                    response.Listed,
                    $"It no longer answers {status}.");
            }
        }

        foreach (var (status, response) in there.Where(response => !gone.ContainsKey(response.Key)))
        {
            if (Covering(gone, status) is { } known)
            {
                Compare(known, response, $"{place} response {status}");
            }
            else
            {
                log.Add(
                    IsSuccess(status) ? Rules.SuccessAdded : Rules.OtherStatusAdded,
                    $"{place} response {status}",
                    response.Listed,
                    $"It can answer {status}.");
            }
        }
    }

    private static Dictionary<string, Answer> ByStatus(Operation operation) =>
        operation.Responses.Where(found => found.Status.Length > 0).DistinctBy(found => found.Status.ToUpperInvariant())
            .ToDictionary(found => found.Status.ToUpperInvariant(), found => new Answer(found.Response, found.Listed));

    // A range stands for its statuses, and default for every failure that has neither.
    private static Answer? Covering(Dictionary<string, Answer> answers, string status) =>
        answers.GetValueOrDefault($"{status[0]}XX")
        ?? (IsSuccess(status) ? null : answers.GetValueOrDefault("DEFAULT"));

    private static bool IsSuccess(string status) => status[0] == '2';

    private void Compare(Answer before, Answer after, string place)
    {
        Headers(before.Response["headers"], after.Response["headers"], place);
        Content(MediaTypes.Of(before.Response["content"]), MediaTypes.Of(after.Response["content"]), $"{place} body");
    }

    private void Headers(YamlValue? before, YamlValue? after, string place)
    {
        var (gone, there) = (ByName(before, old), ByName(after, now));
        foreach (var (name, header) in gone)
        {
            var at = $"{place} header {name}";
            if (!there.Remove(name, out var found))
            {
                log.AddGone(
                    IsRequired(header.Response) ? Rules.RequiredHeaderRemoved : Rules.OptionalHeaderRemoved,
                    at,
                    header.Listed,
                    $"The header {name} is gone.");
                continue;
            }

            if (IsRequired(header.Response) != IsRequired(found.Response))
            {
                var isRequired = IsRequired(found.Response);
                log.Add(
                    isRequired ? Rules.HeaderBecameRequired : Rules.HeaderBecameOptional,
                    at,
                    found.Response["required"] ?? found.Response,
                    isRequired ? "It is always there." : "It may be left out.");
            }

            schemas.Compare(header.Response["schema"], found.Response["schema"], SchemaUse.ResponseHeader, at);
        }

        foreach (var (name, header) in there)
        {
            log.Add(Rules.HeaderAdded, $"{place} header {name}", header.Listed, $"The header {name} is new.");
        }
    }

    // A Content-Type is what the media types say.
    private static Dictionary<string, Answer> ByName(
        YamlValue? headers, ContractDocument document) => (headers?.Members ?? [])
        .Where(member => !member.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase))
        .DistinctBy(member => member.Key, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(
            member => member.Key,
            member => new Answer(document.Follow(member.Value), member.Value),
            StringComparer.OrdinalIgnoreCase);

    private void Content(Dictionary<string, YamlValue> before, Dictionary<string, YamlValue> after, string place)
    {
        foreach (var (name, media) in before)
        {
            var found = after.GetValueOrDefault(name)
                ?? after.FirstOrDefault(candidate => MediaTypes.Covers(name, candidate.Key)).Value;
            if (found is null)
            {
                log.AddGone(Rules.ResponseMediaTypeRemoved, place, media, $"It no longer comes as {name}.");
            }
            else
            {
                schemas.Compare(
                    media["schema"], found["schema"], SchemaUse.ResponseBody, MediaTypes.Place(place, name));
            }
        }

        foreach (var (name, media) in after.Where(
            media => !before.Keys.Any(known => MediaTypes.Covers(known, media.Key))))
        {
            log.Add(Rules.ResponseMediaTypeAdded, place, media, $"It can come as {name}.");
        }
    }

    private static bool IsRequired(YamlValue header) => header["required"]?.Text == "true";

    /// <param name="Response">The answer or header, references followed.</param>
    /// <param name="Listed">Where it is listed.</param>
    private sealed record Answer(YamlValue Response, YamlValue Listed);
}
