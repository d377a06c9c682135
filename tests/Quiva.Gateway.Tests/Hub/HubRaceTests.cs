using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>
/// Many callers at once, as many as there are: each is answered as if it had come alone, in some order.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HubRaceTests(DatabaseProvider engine) : HubFixture(engine)
{
    [Test]
    public async Task Of_many_who_make_the_same_one_does()
    {
        var (nodes, flows) = (await Client.CollectionAsync("node"), await Client.CollectionAsync("workflow"));
        foreach (var create in new Func<Task<Reply>>[]
        {
            () => Client.CreateCollectionAsync("same", "node"),
            () => Client.CreateNodeAsync(nodes, """{"name":"same","payload":1}"""),
            () => Client.CreateWorkflowAsync(flows, "same"),
        })
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => create()));
            Assert.That(replies.Select(reply => reply.Status), Is.EquivalentTo(Enumerable.Repeat(409, 19).Append(201)));
        }
    }

    [Test]
    public async Task Publishing_changing_and_removing_at_once_leave_a_workflow_or_none()
    {
        var collection = await Client.CollectionAsync("workflow");
        var statuses = new List<(string Call, int Status)>();
        for (var round = 0; round < 5; round++)
        {
            var topic = await Client.WorkflowAsync(collection, $"flow {round}");
            var path = $"/hub/workflows/{collection}/{topic}";
            var calls = Enumerable.Range(0, 8).SelectMany(i => new (string Call, Func<Task<Reply>> Send)[]
            {
                ("publish", () => Client.PublishAsync(collection, topic)),
                ("update", () =>
                    Client.UpdateWorkflowAsync(collection, topic, $"\"config\":{HubCalls.Config($"{i}")}")),
                ("unpublish", () => Client.CallAsync("DELETE", path)),
            }).Append(("delete", () => Client.CallAsync("DELETE", path + "?draft=true"))).ToArray();
            Random.Shared.Shuffle(calls);
            var replies = await Task.WhenAll(calls.Select(call => StatusAsync(call.Call, call.Send)));
            statuses.AddRange(replies);
            // The draft is gone, so the published version must be, whoever came last.
            Assert.That((await Client.CallAsync("GET", path)).Status, Is.EqualTo(404));
            Assert.That((await Client.CallAsync("GET", path + "?draft=true")).Status, Is.EqualTo(404));
            // Each success is in the log once: a whole removal writes one line for each version that was there.
            var kinds = (await ChangesAsync($"ms.hub.config.workflow.draft.{collection}.{topic}"))
                .Concat(await ChangesAsync($"ms.hub.config.workflow.{collection}.{topic}"))
                .ToList();
            var made = kinds.Count(kind => kind.StartsWith("created", StringComparison.Ordinal));
            Assert.That(kinds.Count(kind => kind.StartsWith("deleted", StringComparison.Ordinal)), Is.EqualTo(made));
            Assert.That(
                kinds.Count(kind => !kind.StartsWith("deleted", StringComparison.Ordinal)),
                Is.EqualTo(1 + replies.Count(reply => reply is (("publish" or "update"), 200))));
        }

        Assert.That(statuses.Select(reply => reply.Status), Is.All.AnyOf(200, 404));
        Assert.That(statuses.Where(reply => reply.Call == "delete").Select(reply => reply.Status), Is.All.EqualTo(200));
    }

    private static async Task<(string Call, int Status)> StatusAsync(string call, Func<Task<Reply>> send) =>
        (call, (await send()).Status);

    [Test]
    public async Task What_is_made_while_its_collection_goes_is_in_the_other_one_or_was_refused()
    {
        var to = await Client.CollectionAsync("node");
        for (var round = 0; round < 5; round++)
        {
            var from = await Client.CollectionAsync("node");
            var creating = Enumerable.Range(0, 10)
                .Select(i => Client.CreateNodeAsync(from, $$"""{"name":"node {{round}} {{i}}","payload":1}"""))
                .ToList();
            var removal = Client.CallAsync("DELETE", $"/hub/collections/node/{from}?move_resources_to_collection={to}");
            creating.AddRange(Enumerable.Range(10, 10)
                .Select(i => Client.CreateNodeAsync(from, $$"""{"name":"node {{round}} {{i}}","payload":1}""")));
            var made = (await Task.WhenAll(creating)).Select(reply => reply.Status).ToList();
            Assert.That((await removal).Status, Is.EqualTo(200));
            Assert.That(made, Is.All.AnyOf(201, 404));
            var there = (await Client.CallAsync("GET", $"/hub/nodes?collection_topic={to}")).Json["results"]!.AsArray();
            Assert.That(
                there.Count(
                    node => ((string)node!["data"]!["name"]!).StartsWith($"node {round} ", StringComparison.Ordinal)),
                Is.EqualTo(made.Count(status => status == 201)));
        }
    }

    [Test]
    public async Task Of_two_collections_that_are_emptied_into_each_other_one_stays()
    {
        for (var round = 0; round < 5; round++)
        {
            var (one, two) = (await Client.CollectionAsync("workflow"), await Client.CollectionAsync("workflow"));
            await Client.WorkflowAsync(one, $"a {round}");
            await Client.WorkflowAsync(two, $"b {round}");
            var replies = await Task.WhenAll(
                Client.CallAsync("DELETE", $"/hub/collections/workflow/{one}?move_resources_to_collection={two}"),
                Client.CallAsync("DELETE", $"/hub/collections/workflow/{two}?move_resources_to_collection={one}"));
            Assert.That(replies.Select(reply => reply.Status), Is.EquivalentTo(new[] { 200, 404 }));
            Assert.That(
                (int)(await Client.CallAsync(
                    "GET", $"/hub/workflows?collection_topic={(replies[0].Status == 200 ? two : one)}")).Json[
                    "results_total"]!,
                Is.EqualTo(2));
        }
    }

    [Test]
    public async Task Of_many_who_have_seen_one_version_one_changes_it()
    {
        var collection = await Client.CollectionAsync("node");
        var topic = await Client.NodeAsync(collection, "a");
        var seen = (await Client.CallAsync("GET", $"/hub/nodes/{collection}/{topic}")).ETag;
        var replies = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(_ => Client.UpdateNodeAsync(collection, topic, """ "data":{"name":"b"} """, seen)));
        Assert.That(replies.Select(reply => reply.Status), Is.EquivalentTo(Enumerable.Repeat(412, 19).Append(200)));
    }
}
