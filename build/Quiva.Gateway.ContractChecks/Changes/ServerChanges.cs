namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// Compares where the API is reached: the document's servers, and those of operations that have their own.
/// </summary>
internal static class ServerChanges
{
    private const string Place = "servers";

    /// <summary>Compares the servers of the documents.</summary>
    public static void Find(ContractDocument old, ContractDocument now, ChangeLog log) =>
        Find(old.Root["servers"], now.Root["servers"], old.Root, now.Root, Place, log);

    /// <summary>Compares the servers of an operation, where either version has its own.</summary>
    public static void Find(Operation old, Operation now, string place, ChangeLog log)
    {
        var (before, after) =
            (old.Value["servers"] ?? old.PathItem["servers"], now.Value["servers"] ?? now.PathItem["servers"]);
        if ((before ?? after) is not null)
        {
            Find(
                before ?? old.Document.Root["servers"],
                after ?? now.Document.Root["servers"],
                old.Value,
                now.Value,
                $"{place} {Place}",
                log);
        }
    }

    private static void Find(
        YamlValue? old, YamlValue? now, YamlValue oldHolder, YamlValue newHolder, string place, ChangeLog log)
    {
        var (before, after) = (Servers(old, oldHolder), Servers(now, newHolder));
        foreach (var (url, server) in before)
        {
            if (!after.TryGetValue(url, out var found))
            {
                log.AddGone(Rules.ServerRemoved, place, server, $"The API is no longer at {url}.");
            }
            else if (server["variables"]?.ToJson()?.ToJsonString() != found["variables"]?.ToJson()?.ToJsonString())
            {
                log.Add(
                    Rules.ServerVariablesChanged,
                    place,
                    found["variables"] ?? found,
                    $"The variables of {url} have changed.");
            }
        }

        foreach (var (url, server) in after.Where(server => !before.ContainsKey(server.Key)))
        {
            log.Add(Rules.ServerAdded, place, server, $"The API is at {url} too.");
        }
    }

    // Without servers the document's own host is the server, at its root (OpenAPI 3.0.3, OpenAPI Object).
    private static Dictionary<string, YamlValue> Servers(
        YamlValue? list, YamlValue holder) => list?.Items is { Count: > 0 } servers
        ? servers.DistinctBy(Url).ToDictionary(Url)
        : new() { ["/"] = list ?? holder };

    private static string Url(YamlValue server) =>
        server["url"]?.Text is { Length: > 0 } url ? url.Length > 1 ? url.TrimEnd('/') : url : "/";
}
