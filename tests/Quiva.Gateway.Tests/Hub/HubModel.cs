using Quiva.Gateway.Collections;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>One call. Things are named by the names that they were made with.</summary>
/// <param name="Kind">Which operation.</param>
/// <param name="Type">The type of collection.</param>
/// <param name="Collection">The collection.</param>
/// <param name="Name">What is in it; or the other collection, for a removal.</param>
/// <param name="Text">New content, if any.</param>
/// <param name="Flag">Archived, or the draft too.</param>
/// <param name="MustExist">With If-Match: *.</param>
public sealed record HubCall(
    string Kind, string Type, string Collection, string Name, string? Text, bool Flag, bool MustExist)
{
    public static readonly string[] Kinds =
        [
            "create", "describe", "remove", "createNode", "updateNode", "deleteNode", "batch", "createFlow",
            "updateFlow", "publish", "deleteFlow", "publish", "updateFlow"
        ];

    private string CollectionTopic => Subjects.TopicFor(Collection);

    private string Topic => Subjects.TopicFor(Name);

    private string NodeUpdate =>
        $$"""{"subject":"{{Subjects.OfNode(CollectionTopic, Topic)}}","data":{"name":"{{Text ?? ""}}"},"archived":{{(Flag ? "true" : "false")}} }""";

    /// <summary>
    /// Makes the call and tells of the answer what the model knows too: the status and, unless it is a page of results,
    /// the error.
    /// </summary>
    public async Task<string> SendAsync(HttpClient client)
    {
        var (collection, ifMatch) = (Subjects.OfCollection(Type, CollectionTopic), MustExist ? "*" : null);
        var flow = Subjects.OfWorkflow(CollectionTopic, Topic, draft: true);
        var reply = await (Kind switch
        {
            "create" => client.CreateCollectionAsync(Collection, Type),
            "describe" => client.CallAsync(
                "PATCH",
                $"/hub/collections/{Type}/{CollectionTopic}",
                $$"""{"subject":"{{collection}}","description":"{{Text}}"}""",
                ifMatch),
            "remove" => client.CallAsync(
                "DELETE",
                $"/hub/collections/{Type}/{CollectionTopic}?move_resources_to_collection={Topic}",
                null,
                ifMatch),
            "createNode" => client.CreateNodeAsync(CollectionTopic, $$"""{"name":"{{Name}}","payload":"{{Text}}"}"""),
            "updateNode" => client.CallAsync("PATCH", $"/hub/nodes/{CollectionTopic}/{Topic}", NodeUpdate, ifMatch),
            "batch" => client.CallAsync("PATCH", "/hub/nodes/batch", $"[{NodeUpdate},{NodeUpdate}]"),
            "deleteNode" => client.CallAsync("DELETE", $"/hub/nodes/{CollectionTopic}/{Topic}", null, ifMatch),
            "createFlow" =>
                client.CreateWorkflowAsync(CollectionTopic, Name, Text is null ? null : HubCalls.Config(Text)),
            "updateFlow" => client.CallAsync("PATCH", $"/hub/workflows/{CollectionTopic}/{Topic}", Flag
                ? $$"""{"subject":"{{flow}}","name":"{{Text ?? "x"}}","archived":true}"""
                : $$"""{"subject":"{{flow}}","description":"{{Text}}","config":{{HubCalls.Config(Text ?? "x")}} }""", ifMatch),
            "publish" => client.PublishAsync(CollectionTopic, Topic, ifMatch),
            _ => client.CallAsync(
                "DELETE", $"/hub/workflows/{CollectionTopic}/{Topic}{(Flag ? "?draft=true" : "")}", null, ifMatch),
        });
        return reply.Status is 200 or 201 ? $"{reply.Status}" : $"{reply.Status} {reply.Error}";
    }
}

/// <summary>What the Hub should be, in the simplest way: a dictionary for each kind of thing.</summary>
public sealed class HubModel
{
    private const string Changed = "412 The stored version is not the one named in If-Match.";

    private readonly SortedDictionary<string, Collection> collections = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Node> nodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Flow> flows = new(StringComparer.Ordinal);

    private sealed record Collection(string Name, string Description, string Type);

    private sealed record Node(string FirstName, string Name, string? Payload, bool Archived);

    private sealed record Flow(
        string FirstName, string Name, string Description, string? Config, bool Archived, string[] History);

    /// <summary>Applies a call.</summary>
    /// <returns>What the call should tell, see <see cref="HubCall.SendAsync"/>.</returns>
    public string Apply(HubCall call)
    {
        var (collectionTopic, topic) = (Subjects.TopicFor(call.Collection), Subjects.TopicFor(call.Name));
        var collection = Subjects.OfCollection(call.Type, collectionTopic);
        return call.Kind switch
        {
            "create" => Create(
                collections,
                collection,
                "collection",
                call.Collection,
                found => found.Name,
                new(call.Collection, "", "created")),
            "describe" => Change(
                collections,
                collection,
                "collection",
                call,
                found => found with { Description = call.Text ?? "", Type = "updated" }),
            "remove" => Remove(call, collection, collectionTopic, topic),
            "createNode" => collections.ContainsKey(Subjects.OfCollection("node", collectionTopic))
                ? Create(
                    nodes,
                    Subjects.OfNode(collectionTopic, topic),
                    "node",
                    call.Name,
                    found => found.FirstName,
                    new(call.Name, call.Name, call.Text ?? "", false))
                : "404 collection not found",
            "updateNode" => string.IsNullOrEmpty(call.Text)
                ? "400 data.name is required"
                : UpdateNode(call, Subjects.OfNode(collectionTopic, topic)),
            "batch" => !string.IsNullOrEmpty(call.Text) && UpdateNode(
                call with { MustExist = false },
                Subjects.OfNode(collectionTopic, topic)) == "200" ? "200" : "400 some nodes failed to upsert",
            "deleteNode" => Delete(nodes, Subjects.OfNode(collectionTopic, topic), "node", call.MustExist),
            "createFlow" => collections.ContainsKey(Subjects.OfCollection("workflow", collectionTopic))
                ? Create(flows, Subjects.OfWorkflow(
                    collectionTopic, topic, draft: true), "workflow", call.Name, found => found.FirstName,
                    new(call.Name, call.Name, "", call.Text, false, call.Text is null ? [] : [call.Text]))
                : "404 collection not found",
            "updateFlow" => Change(flows, Subjects.OfWorkflow(
                collectionTopic, topic, draft: true), "workflow", call, found => call.Flag
                ? found with { Name = call.Text ?? "x", Archived = true }
                : found with
                {
                    Description = call.Text ?? "",
                    Config = call.Text ?? "x",
                    History = [call.Text ?? "x", .. found.History]
                }),
            "publish" => Publish(call, collectionTopic, topic),
            _ => DeleteFlow(call, collectionTopic, topic),
        };
    }

    /// <summary>All there is, in the order of the lists, and the history of each version.</summary>
    public IEnumerable<string> State() =>
        collections.Select(found => $"{found.Key} {found.Value.Name} {found.Value.Description} {found.Value.Type}")
            .Concat(
                nodes.Select(found => $"{found.Key} {found.Value.Name} {found.Value.Payload} {found.Value.Archived}"))
            .Concat(
                flows.Select(
                    found =>
                        $"{found.Key} {found.Value.Name} {found.Value.Description} {found.Value.Config} {found.Value.Archived} {string.Join(',', found.Value.History)}"));

    /// <summary>The same of a server.</summary>
    public static async Task<IEnumerable<string>> StateAsync(HttpClient client)
    {
        var lines = (await ListAsync(client, "collections"))
            .Select(found => $"{found["subject"]} {found["name"]} {found["description"]} {found["type"]}")
            .Concat((await ListAsync(client, "nodes")).Select(found =>
                $"{found["subject"]} {found["data"]!["name"]} {found["data"]!["payload"]} {found["archived"]}"))
                .ToList();
        foreach (var found in await ListAsync(client, "workflows"))
        {
            var subject = (string)found["subject"]!;
            var path =
                $"/hub/workflows/{Subjects.CollectionTopicOf(subject)}/{Subjects.TopicOf(subject)}/history{(subject.Contains(".draft.", StringComparison.Ordinal) ? "?draft=true" : "")}";
            var history = (await client.CallAsync("GET", path)).Json.AsArray().Select(config => MarkOf(config!));
            lines.Add(
                $"{subject} {found["name"]} {found["description"]} {(found["config"] is { } config ? MarkOf(config) : null)} {found["archived"]} {string.Join(',', history)}");
        }

        return lines.Select(line => line.Replace(" true", " True", StringComparison.Ordinal)
            .Replace(" false", " False", StringComparison.Ordinal));

        static string MarkOf(System.Text.Json.Nodes.JsonNode config) =>
            (string)config["nodes"]![0]!["data"]!["payload"]!;
    }

    private static async Task<IEnumerable<System.Text.Json.Nodes.JsonNode>> ListAsync(HttpClient client, string kind) =>
        (await client.CallAsync("GET", $"/hub/{kind}")).Json["results"]!.AsArray().Select(found => found!);

    private static string Create<T>(
        SortedDictionary<string, T> things,
        string subject,
        string kind,
        string name,
        Func<T, string> nameOf,
        T thing) =>
        things.TryAdd(subject, thing) ? "201" : nameOf(things[subject]) == name
            ? $"409 {kind} exists:{subject}"
            : $"409 another name has the same hash:{subject}";

    private static string Change<T>(
        SortedDictionary<string, T> things, string subject, string kind, HubCall call, Func<T, T> change)
    {
        if (!things.TryGetValue(subject, out var found))
        {
            return Absent(kind, call.MustExist);
        }

        things[subject] = change(found);
        return "200";
    }

    private static string Delete<T>(SortedDictionary<string, T> things, string subject, string kind, bool mustExist) =>
        things.Remove(subject) ? "200" : Absent(kind, mustExist);

    private static string Absent(string kind, bool mustExist) => mustExist ? Changed : $"404 {kind} not found";

    private string UpdateNode(HubCall call, string subject) => Change(
        nodes, subject, "node", call, found => found with { Name = call.Text!, Payload = null, Archived = call.Flag });

    private string Publish(HubCall call, string collection, string topic)
    {
        if (!flows.TryGetValue(Subjects.OfWorkflow(collection, topic, draft: true), out var draft))
        {
            return Absent("workflow", call.MustExist);
        }

        if (draft.Config is null)
        {
            return "400 missing configuration";
        }

        var published = Subjects.OfWorkflow(collection, topic, draft: false);
        flows[published] = draft with
        {
            History = [
            draft.Config,
            .. flows.TryGetValue(published, out var before) ? before.History : []
        ]
        };
        return "200";
    }

    private string DeleteFlow(HubCall call, string collection, string topic)
    {
        var published = Subjects.OfWorkflow(collection, topic, draft: false);
        if (!call.Flag)
        {
            return Delete(flows, published, "workflow", call.MustExist);
        }

        var result = Delete(flows, Subjects.OfWorkflow(collection, topic, draft: true), "workflow", call.MustExist);
        flows.Remove(published);
        return result;
    }

    private string Remove(HubCall call, string from, string fromTopic, string toTopic)
    {
        if (fromTopic == toTopic)
        {
            return "400 move_resources_to_collection must name another collection.";
        }

        if (!collections.ContainsKey(from))
        {
            return Absent("collection", call.MustExist);
        }

        if (!collections.ContainsKey(Subjects.OfCollection(call.Type, toTopic)))
        {
            return "404 the new resource collection is not found";
        }

        var refusal = call.Type == "node"
            ? Move(nodes, "node", fromTopic, toTopic)
            : Move(flows, "workflow", fromTopic, toTopic);
        return refusal ?? Delete(collections, from, "collection", false);
    }

    private static string? Move<T>(SortedDictionary<string, T> things, string kind, string from, string to)
    {
        var moved = things.Where(thing => Subjects.CollectionTopicOf(thing.Key) == from).ToList();
        var clash = moved.Select(thing => Moved(thing.Key))
            .Where(things.ContainsKey)
            .OrderBy(subject => !subject.Contains(".draft.", StringComparison.Ordinal))
            .ThenBy(Subjects.TopicOf, StringComparer.Ordinal)
            .FirstOrDefault();
        if (clash is not null)
        {
            return $"409 {kind} exists:{clash}";
        }

        foreach (var (subject, thing) in moved)
        {
            things.Remove(subject);
            things.Add(Moved(subject), thing);
        }

        return null;

        string Moved(string subject) => subject.Replace($".{from}.", $".{to}.", StringComparison.Ordinal);
    }
}
