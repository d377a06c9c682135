using System.Net;
using System.Text.Json;
using Quiva.Gateway.Client;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Contract;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Clients;

/// <summary>
/// Every operation of the C# client, called on the running gateway; what it answers is checked against the contract on
/// the way.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed partial class EveryOperationTests(DatabaseProvider engine)
{
    private readonly HashSet<string> called = [];
    private GatewayApp app = null!;
    private FakeProvider provider = null!;
    private HttpClient adminHttp = null!, developerHttp = null!;
    private ClientCaller admin = null!, developer = null!;

    [SetUp]
    public async Task StartAsync()
    {
        provider = await FakeProvider.StartAsync();
        app = await GatewayApp.StartAsync(
            engine,
            "--Oauth:AllowedNetworks:0=127.0.0.0/8",
            "--Oauth:SweepIntervalSeconds=0",
            "--Oauth:ReturnUrls:0=https://app.example.com/back");
        (adminHttp, developerHttp) = (await app.AdminAsync(), await app.ClientAsync("acme", "developer", "admin"));
        (admin, developer) = (new(adminHttp, called), new(developerHttp, called));
    }

    [TearDown]
    public async Task StopAsync()
    {
        adminHttp.Dispose();
        developerHttp.Dispose();
        await app.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Test]
    public async Task Every_operation_can_be_called_and_answers_what_the_contract_says()
    {
        await CollectionsAsync();
        await NodesAsync();
        await WorkflowsAsync();
        await OauthAsync();
        await ProvidersAsync();
        await ApiKeysAsync();
        var operations = new ContractDocument(CheckedIn.Contract).Operations
            .Select(operation => $"{char.ToUpperInvariant(operation.Name[0])}{operation.Name[1..]}Async");
        Assert.That(
            called,
            Is.EquivalentTo(operations),
            "Operations of the contract that no test of the client calls, or the other way round.");
    }

    private async Task CollectionsAsync()
    {
        var client = developer.Collections;
        var created = await client.CreateCollectionAsync(new()
        {
            Name = "Billing Steps",
            CollectionType = CollectionType.Node,
            Description = "first"
        });
        var topic = created.Value.Topic;
        Assert.That(
            (created.Status, created.Value.CollectionType, created.Location!.ToString()),
            Is.EqualTo((HttpStatusCode.Created, CollectionType.Node, "/hub/collections/node/" + topic)));

        var read = await client.GetCollectionAsync(CollectionType.Node, topic);
        Assert.That(
            (read.ETag, read.Value.Description, read.Value.Type),
            Is.EqualTo((created.ETag, "first", ChangeType.Created)));

        var known = await client.GetCollectionAsync(CollectionType.Node, topic, ifNoneMatch: read.ETag);
        Assert.That(
            (known.Status, known.Value, known.ETag),
            Is.EqualTo((HttpStatusCode.NotModified, (GetCollectionResponse?)null, read.ETag)));

        UpdateCollectionRequest change = new() { Subject = created.Value.Subject, Description = "" };
        var changed =
            await client.UpdateFlowOrNodeCollectionAsync(CollectionType.Node, topic, change, ifMatch: read.ETag);
        Assert.That(changed.ETag, Is.Not.Null.And.Not.EqualTo(read.ETag));
        await RefusedAsync(
            HttpStatusCode.PreconditionFailed,
            client.UpdateFlowOrNodeCollectionAsync(CollectionType.Node, topic, change, ifMatch: read.ETag));

        foreach (var name in new[] { "one", "two", "three" })
        {
            await client.CreateCollectionAsync(new() { Name = name, CollectionType = CollectionType.Node });
        }

        await client.CreateCollectionAsync(new() { Name = "flows", CollectionType = CollectionType.Workflow });
        List<string> names = [];
        var pages = 0;
        string? cursor = null;
        do
        {
            var page = (await client.ListCollectionsAsync(CollectionType.Node, limit: 3, cursor)).Value;
            Assert.That(page.ResultsTotal, Is.EqualTo(4));
            names.AddRange(page.Results.Select(collection => collection.Name));
            cursor = page.NextCursor;
            pages++;
        }
        while (cursor is not null);
        Assert.That(pages, Is.EqualTo(2));
        Assert.That(names, Is.EquivalentTo(new[] { "Billing Steps", "one", "two", "three" }));

        var other = (await client.ListCollectionsAsync(CollectionType.Node)).Value.Results.First(
            collection => collection.Topic != topic).Topic;
        var deleted = await client.DeleteCollectionAsync(
            CollectionType.Node, topic, moveResourcesToCollection: other, ifMatch: changed.ETag);
        Assert.That(deleted.Value.Message, Is.EqualTo("success"));
        await RefusedAsync(HttpStatusCode.NotFound, client.GetCollectionAsync(CollectionType.Node, topic));
    }

    private async Task NodesAsync()
    {
        const string payload = """{ "b":1.0,"a":[1e400,null,"\u00e9é"],"big":12345678901234567890.5}""";
        var collection = (await developer.Collections.CreateCollectionAsync(new()
        {
            Name = "Nodes",
            CollectionType = CollectionType.Node
        })).Value;
        var client = developer.Nodes;
        var created = await client.CreateNodeAsync(new()
        {
            Collection = collection.Subject,
            Data = new()
            {
                Name = "Ask",
                NodeType = NodeType.HumanInTheLoop,
                Payload = Json(payload),
                ResponseMap = Json("null"),
                Options = new() { IgnoreResponseCodes = [404], BackoffMs = 5 }
            },
        });
        var topic = created.Value.Subject.Split('.')[^1];

        var read = await client.GetNodeAsync(collection.Topic, topic);
        Assert.That(
            (read.ETag, read.Value.Data.NodeType, read.Value.Archived),
            Is.EqualTo((created.ETag, NodeType.HumanInTheLoop, false)));
        Assert.That(
            read.Value.Data.Payload.GetRawText(), Is.EqualTo(payload), "Free-form values come back as they were sent.");
        Assert.That(read.Value.Data.ResponseMap.ValueKind, Is.EqualTo(JsonValueKind.Null), "Null is a value.");
        Assert.That(read.Value.Data.Options!.IgnoreResponseCodes, Is.EqualTo(new[] { 404 }));

        // What was read can be sent back as it is.
        var changed = await client.UpdateNodeAsync(
            collection.Topic,
            topic,
            new() { Subject = read.Value.Subject, Data = read.Value.Data, Archived = true },
            ifMatch: read.ETag);
        var again = await client.GetNodeAsync(collection.Topic, topic);
        Assert.That(
            (again.ETag, again.Value.Archived, again.Value.Data.Payload.GetRawText()),
            Is.EqualTo((changed.ETag, true, payload)));

        var bare = await client.CreateNodeAsync(new()
        {
            Collection = collection.Subject,
            Data = new() { Name = "Bare", Payload = Json("null") }
        });
        Assert.That(
            (bare.Value.Data.Payload.ValueKind, bare.Value.Data.ResponseMap.ValueKind),
            Is.EqualTo((JsonValueKind.Null, JsonValueKind.Undefined)),
            "Absent is not null.");
        var list = (await client.ListNodeTemplatesAsync(collection.Topic)).Value;
        Assert.That((list.ResultsTotal, list.NextCursor), Is.EqualTo((2, (string?)null)));

        UpdateNodeRequest good =
            new() { Subject = bare.Value.Subject, Data = new() { Name = "Renamed", Payload = Json("1") } };
        UpdateNodeRequest absent = new()
        {
            Subject = collection.Subject.Replace(".collection.", ".", StringComparison.Ordinal) + ".1",
            Data = good.Data
        };
        var outcomes = (await client.UpdateMultipleNodesAsync([good])).Value;
        Assert.That((outcomes.Single().Result, outcomes[0].Node.Subject), Is.EqualTo(("success", good.Subject)));
        var failure = (GatewayApiException<UpdateMultiNodeErrorResponse>)await RefusedAsync(
            HttpStatusCode.BadRequest, client.UpdateMultipleNodesAsync([good, absent]));
        Assert.That(
            failure.Result.Body!.Select(outcome => outcome.Result.Split(':')[0]),
            Is.EqualTo(new[] { "success", "error" }));
        Assert.That(failure.Error, Is.EqualTo(failure.Result.Error).And.Not.Null);

        Assert.That(
            (await client.DeleteNodeAsync(collection.Topic, topic, changed.ETag)).Value.Message, Is.EqualTo("success"));
        await RefusedAsync(HttpStatusCode.NotFound, client.GetNodeAsync(collection.Topic, topic));
    }

    private static async Task<GatewayApiException> RefusedAsync(HttpStatusCode status, Task call)
    {
        var exception = (await Assert.CatchAsync<GatewayApiException>(() => call))!;
        Assert.That(exception.Status, Is.EqualTo(status), exception.Message);
        Assert.That(exception.Error, Is.Not.Null);
        return exception;
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
