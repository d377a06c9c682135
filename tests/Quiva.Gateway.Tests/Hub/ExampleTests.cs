using System.Globalization;
using System.Text.Json.Nodes;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Contract;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>
/// The examples of the Hub's operations, sent and answered as the contract has them. Moments and sequences are the
/// server's own.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ExampleTests(DatabaseProvider engine)
{
    private const string Nodes = "892245199", Flows = "2226794560", Node = "2969204499", Flow = "864143465";
    private const string NodeCollection =
        "ms.hub.config.collection.node." + Nodes, FlowCollection = "ms.hub.config.collection.workflow." + Flows;
    private const string NodePath = $"/hub/nodes/{Nodes}/{Node}", FlowPath = $"/hub/workflows/{Flows}/{Flow}";

    private readonly HashSet<string> used = [];
    private HttpClient client = null!;

    /// <summary>The operations whose examples are tried.</summary>
    // Runs have identifiers of their own, and tests of their own.
    public static IReadOnlyList<Operation> Operations { get; } =
        [.. new ContractDocument(CheckedIn.Contract).Operations
            .Where(operation => operation.Value["tags"]!.Items![0].Text is not ("Oauth" or "Providers" or "ApiKeys")
                && !operation.Name.Contains("run", StringComparison.OrdinalIgnoreCase))];

    [Test]
    public async Task Every_example_is_sent_and_answered_as_written()
    {
        await using var app = await GatewayApp.StartAsync(engine);
        client = await app.ClientAsync("acme", "developer");
        await CollectionsAsync();
        await NodesAsync();
        await WorkflowsAsync();
        await GraphsAsync();
        await RemovalsAsync();
        client.Dispose();
        Assert.That(Declared().Except(used), Is.Empty, "Examples that were not tried.");
    }

    private async Task CollectionsAsync()
    {
        await TryAsync("listCollections", "/hub/collections", null, 200, "none");
        await TryAsync("createCollection", "/hub/collections", "nodeTemplates", 201, "");
        await TryAsync("createCollection", "/hub/collections", "workflows", 201);
        await TryAsync(
            "createCollection", "/hub/collections", """{"name":"","collection_type":"node"}""", 400, "noName");
        await TryAsync(
            "createCollection", "/hub/collections", """{"name":"a","collection_type":"Node"}""", 400, "badType");
        await TryAsync("createCollection", "/hub/collections", "nodeTemplates", 409, "exists");
        await TryAsync("updateFlowOrNodeCollection", "/hub/collections/workflow/" + Flows, "replace", 200, "");
        await TryAsync("listCollections", "/hub/collections", null, 200, "both");
        await TryAsync("listCollections", "/hub/collections?collection_type=nodes", null, 400, "");
        await TryAsync("getCollection", "/hub/collections/workflow/" + Flows, null, 200, "");
        await TryAsync("getCollection", "/hub/collections/workflow/x", null, 400, "");
        await TryAsync("getCollection", "/hub/collections/workflow/1", null, 404, "");
        await TryAsync("updateFlowOrNodeCollection", "/hub/collections/node/" + Nodes, "clear", 200, "");
        await TryAsync("updateFlowOrNodeCollection", "/hub/collections/node/" + Nodes, "{}", 400, "noSubject");
        await TryAsync("updateFlowOrNodeCollection", "/hub/collections/node/" + Nodes, "replace", 400, "differs");
        await TryAsync(
            "updateFlowOrNodeCollection",
            "/hub/collections/node/1",
            """{"subject":"ms.hub.config.collection.node.1"}""",
            404,
            "");
        await client.CreateCollectionAsync("liquid", "node");
        await TryAsync(
            "createCollection",
            "/hub/collections",
            """{"name":"costarring","collection_type":"node"}""",
            409,
            "sameHash");
    }

    private async Task NodesAsync()
    {
        await TryAsync("listNodeTemplates", "/hub/nodes", null, 200, "none");
        await TryAsync("listNodeTemplates", "/hub/nodes?collection_topic=x", null, 400, "");
        await TryAsync("createNode", "/hub/nodes", "mapStep", 201);
        await TryAsync("listNodeTemplates", "/hub/nodes", null, 200, "one");
        await TryAsync("createNode", "/hub/nodes", "functionStep", 201, "");
        await TryAsync("createNode", "/hub/nodes", NewNode("""{"payload":1}"""), 400, "noName");
        await TryAsync("createNode", "/hub/nodes", """{"data":{"name":"a","payload":1}}""", 400, "noCollection");
        await TryAsync(
            "createNode", "/hub/nodes", NewNode("""{"name":"a","payload":1}""", FlowCollection), 400, "badCollection");
        await TryAsync("createNode", "/hub/nodes", NewNode("""{"name":"a"}"""), 400, "noPayload");
        await TryAsync(
            "createNode",
            "/hub/nodes",
            NewNode("""{"name":"a","node_type":"function","payload":1}"""),
            400,
            "noFunction");
        await TryAsync(
            "createNode", "/hub/nodes", NewNode("""{"name":"a","node_type":"flow","payload":1}"""), 400, "noFlow");
        await TryAsync(
            "createNode",
            "/hub/nodes",
            NewNode("""{"name":"a","payload":1}""", "ms.hub.config.collection.node.1"),
            404,
            "collection");
        await TryAsync(
            "createNode",
            "/hub/nodes",
            NewNode("""{"name":"a","node_type":"flow","subject":"ms.hub.config.workflow.1.1","payload":1}"""),
            404,
            "flow");
        await TryAsync("createNode", "/hub/nodes", "functionStep", 409, "exists");
        await client.NodeAsync(Nodes, "liquid");
        await TryAsync("createNode", "/hub/nodes", NewNode("""{"name":"costarring","payload":1}"""), 409, "sameHash");
        await TryAsync("getNode", NodePath, null, 200, "");
        await TryAsync("getNode", "/hub/nodes/1/x", null, 400, "");
        await TryAsync("getNode", "/hub/nodes/1/1", null, 404, "");
        await TryAsync("updateNode", NodePath, "newOptions", 200, "");
        await TryAsync("updateNode", $"/hub/nodes/{Nodes}/3432523757", "archive", 200, "");
        await TryAsync("updateNode", NodePath, """{"data":{"name":"a"}}""", 400, "noSubject");
        await TryAsync("updateNode", NodePath, "archive", 400, "differs");
        await TryAsync("updateNode", NodePath, Changed("{}"), 400, "noName");
        await TryAsync("updateNode", NodePath, Changed("""{"name":"a","node_type":"function"}"""), 400, "noFunction");
        await TryAsync(
            "updateNode",
            "/hub/nodes/1/1",
            """{"subject":"ms.hub.config.node.1.1","data":{"name":"a"}}""",
            404,
            "node");
        await TryAsync(
            "updateNode", NodePath, Changed("""{"name":"a","node_type":"flow","subject":"b"}"""), 404, "flow");
        await TryAsync("updateMultipleNodes", "/hub/nodes/batch", "all", 200, "");
        await TryAsync("updateMultipleNodes", "/hub/nodes/batch", "some", 400, "");

        static string NewNode(string data, string collection = NodeCollection) =>
            $$"""{"collection":"{{collection}}","data":{{data}} }""";

        static string Changed(string data) =>
            $$"""{"subject":"ms.hub.config.node.{{Nodes}}.{{Node}}","data":{{data}} }""";
    }

    private async Task WorkflowsAsync()
    {
        const string workflows =
            "/hub/workflows", empty = $"/hub/workflows/{Flows}/4289912465", publish = "/hub/workflows/publish";
        await TryAsync("listWorkflows", workflows, null, 200, "none");
        await TryAsync("listWorkflows", workflows + "?filter=both", null, 400, "");
        await TryAsync("createWorkflow", workflows, "emptyDraft", 201);
        await TryAsync("workflowHistory", empty + "/history?draft=true", null, 200, "none");
        await TryAsync("publishWorkflow", publish, Draft("4289912465"), 400, "noConfig");
        await client.UpdateWorkflowAsync(Flows, "4289912465", "\"config\":{}");
        await TryAsync("publishWorkflow", publish, Draft("4289912465"), 400, "noNodes");
        await TryAsync("updateWorkflow", empty, "newGraph", 200);
        await TryAsync("publishWorkflow", publish, Draft("4289912465"), 200, "");
        await TryAsync("workflowHistory", empty + "/history", null, 200, "oneVersion");
        await TryAsync("workflowHistory", "/hub/workflows/1/x/history", null, 400, "");
        await TryAsync("workflowHistory", "/hub/workflows/1/1/history", null, 404, "");
        await TryAsync("listWorkflows", workflows, null, 200, "draftAndPublished");
        await TryAsync("createWorkflow", workflows, "twoSteps", 201, "");
        await TryAsync("createWorkflow", workflows, "debounced", 201);
        await TryAsync("createWorkflow", workflows, "twoSteps", 409, "exists");
        await client.WorkflowAsync(Flows, "liquid");
        await TryAsync(
            "createWorkflow",
            workflows,
            $$"""{"name":"costarring","collection":"{{FlowCollection}}"}""",
            409,
            "sameHash");
        await TryAsync("createWorkflow", workflows, $$"""{"collection":"{{FlowCollection}}"}""", 400, "noName");
        await TryAsync("createWorkflow", workflows, """{"name":"a"}""", 400, "noCollection");
        await TryAsync(
            "createWorkflow", workflows, $$"""{"name":"a","collection":"{{NodeCollection}}"}""", 400, "badCollection");
        await TryAsync(
            "createWorkflow",
            workflows,
            """{"name":"a","collection":"ms.hub.config.collection.workflow.1"}""",
            404,
            "");
        await TryAsync("publishWorkflow", publish, "draft", 200, "");
        await TryAsync("getWorkflow", FlowPath, null, 200, "");
        await TryAsync("getWorkflow", "/hub/workflows/1/x", null, 400, "");
        await TryAsync("getWorkflow", "/hub/workflows/1/1", null, 404, "");
        await TryAsync("publishWorkflow", publish, "{}", 400, "noSubject");
        await TryAsync("publishWorkflow", publish, """{"subject":"ms.hub.config.workflow.1.1"}""", 400, "notADraft");
        await TryAsync("publishWorkflow", publish, """{"subject":"ms.hub.config.workflow.draft.1.1"}""", 404, "");
        await TryAsync("updateWorkflow", FlowPath, "rename", 200, "");
        await TryAsync("updateWorkflow", FlowPath, "archive", 200);
        await TryAsync("updateWorkflow", FlowPath, "{}", 400, "noSubject");
        await TryAsync(
            "updateWorkflow",
            FlowPath,
            $$"""{"subject":"ms.hub.config.workflow.{{Flows}}.{{Flow}}"}""",
            400,
            "notADraft");
        await TryAsync("updateWorkflow", empty, "rename", 400, "differs");
        await TryAsync(
            "updateWorkflow", "/hub/workflows/1/1", """{"subject":"ms.hub.config.workflow.draft.1.1"}""", 404, "");

        static string Draft(string topic) => $$"""{"subject":"ms.hub.config.workflow.draft.{{Flows}}.{{topic}}"}""";
    }

    private async Task GraphsAsync()
    {
        const string shape =
            """{"data":{"id":"shape","payload":1}}""", score = """{"data":{"id":"score","payload":1}}""";
        await RefuseAsync("badNodeId", $"{shape},{Step("1st")}");
        await RefuseAsync("reservedNodeId", Step("trigger"));
        await RefuseAsync("differentNodeId", """{"id":"shape","data":{"id":"score","payload":1}}""");
        await RefuseAsync("noPayload", """{"data":{"id":"score"}}""");
        await RefuseAsync("noFunctionSubject", """{"data":{"id":"score","node_type":"function","payload":1}}""");
        await RefuseAsync("noFlowSubject", """{"data":{"id":"score","node_type":"flow","payload":1}}""");
        await RefuseAsync("duplicateNodeId", $"{score},{score}");
        await RefuseAsync("duplicateEdgeId", $"{shape},{score}", Edge("shape", "score"), Edge("shape", "score"));
        await RefuseAsync("incompleteEdge", $"{shape},{score}", """{"source":"shape"}""");
        await RefuseAsync("edgeFromNowhere", $"{shape},{score}", Edge("gone", "score"));
        await RefuseAsync("edgeToNowhere", $"{shape},{score}", Edge("shape", "gone"));
        await RefuseAsync(
            "cycle", $"{shape},{score}", Edge("shape", "score"), """{"source":"score","target":"shape"}""");
        await RefuseAsync("several", shape + """,{"data":{"id":"score"}}""", Edge("shape", "gone"));

        static string Step(string id) => $$"""{"data":{"id":"{{id}}","payload":1} }""";

        static string Edge(string source, string target) =>
            $$"""{"id":"shape-score","source":"{{source}}","target":"{{target}}"}""";

        Task RefuseAsync(string example, string nodes, params string[] edges) => TryAsync(
            "createWorkflow", "/hub/workflows", $$"""{"name":"a","collection":"{{FlowCollection}}","config":{"nodes":[{{nodes}}],"edges":[{{string.Join(',', edges)}}]} }""", 400, example);
    }

    private async Task RemovalsAsync()
    {
        const string collection = "/hub/collections/node/" + Nodes;
        await TryAsync("deleteWorkflow", FlowPath, null, 200, "");
        await TryAsync("deleteWorkflow", FlowPath, null, 404, "");
        await TryAsync("deleteWorkflow", "/hub/workflows/1/x", null, 400, "");
        await TryAsync("deleteNode", $"/hub/nodes/{Nodes}/3432523757", null, 200, "");
        await TryAsync("deleteNode", "/hub/nodes/1/x", null, 400, "");
        await TryAsync("deleteNode", "/hub/nodes/1/1", null, 404, "");
        await client.NodeAsync(await client.CollectionAsync("node", "Invoice Steps"), "ChargeCard");
        await TryAsync(
            "deleteCollection",
            $"/hub/collections/node/x?move_resources_to_collection={Nodes}",
            null,
            400,
            "badSubject");
        await TryAsync("deleteCollection", collection + "?move_resources_to_collection=x", null, 400, "badTopic");
        await TryAsync("deleteCollection", $"{collection}?move_resources_to_collection={Nodes}", null, 400, "toItself");
        await TryAsync(
            "deleteCollection", $"/hub/collections/node/1?move_resources_to_collection={Nodes}", null, 404, "source");
        await TryAsync("deleteCollection", collection + "?move_resources_to_collection=1", null, 404, "destination");
        await TryAsync("deleteCollection", collection + "?move_resources_to_collection=1815352403", null, 409, "");
        await client.CallAsync("DELETE", NodePath);
        await TryAsync("deleteCollection", collection + "?move_resources_to_collection=1815352403", null, 200, "");
    }

    /// <summary>
    /// Sends a body, or the example of that name, and compares the answer with the example of that name; the name of an
    /// only example is empty.
    /// </summary>
    private async Task TryAsync(string operationId, string path, string? body, int status, string? example = null)
    {
        var operation = Operations.Single(operation => operation.Name == operationId);
        if (body is not null && body[0] != '{')
        {
            used.Add($"{operationId} {body}");
            body = Examples(operation.Body!)[body].ToJsonString();
        }

        var reply = await client.CallAsync(operation.Method.ToUpperInvariant(), path, body);
        Assert.That(reply.Status, Is.EqualTo(status), $"{operationId} {example} {reply.Text}");
        if (example is not null)
        {
            used.Add($"{operationId} {status} {example}");
            var expected =
                Examples(operation.Value["responses"]![status.ToString(CultureInfo.InvariantCulture)]!)[example];
            Assert.That(
                Normal(reply.Json).ToJsonString(),
                Is.EqualTo(Normal(expected).ToJsonString()),
                $"{operationId} {example}");
        }
    }

    // Shared refusals are the subject of other tests.
    private static IEnumerable<string> Declared() => Operations.SelectMany(operation =>
        (operation.Body is { } body ? Examples(body).Keys : Enumerable.Empty<string>())
            .Select(name => $"{operation.Name} {name}")
            .Concat(operation.Value["responses"]!.Members!.Where(response => response.Value["$ref"] is null).SelectMany(
                response => Examples(response.Value).Keys.Select(name => $"{operation.Name} {response.Key} {name}"))));

    private static Dictionary<string, JsonNode> Examples(YamlValue holder)
    {
        var media = holder["content"]!["application/json"]!;
        return media["example"] is { } only
            ? new() { [""] = only.ToJson()! }
            : media["examples"]!.Members!.ToDictionary(
                example => example.Key, example => example.Value["value"]!.ToJson()!);
    }

    private static JsonNode Normal(JsonNode json)
    {
        switch (json)
        {
            case JsonArray list:
                return new JsonArray([.. list.Select(item => item is null ? null : Normal(item))]);
            case JsonObject members:
                return new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member =>
                    KeyValuePair.Create(member.Key, member.Key is "modified" or "sequence" ? 0 : member.Value is null
                        ? null
                        : Normal(member.Value))));
            default:
                return json.DeepClone();
        }
    }
}
