using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CollectionTests(DatabaseProvider engine) : HubFixture(engine)
{
    [Test]
    public async Task What_was_made_is_at_its_location_with_its_entity_tag()
    {
        var made = await Client.CallAsync(
            "POST", "/hub/collections", """{"name":" Größe 😀 ","collection_type":"node","description":"a\n\tb"}""");
        var read = await Client.CallAsync("GET", made.Location!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((read.Status, read.ETag), Is.EqualTo((200, made.ETag)));
            Assert.That((string)read.Json["name"]!, Is.EqualTo(" Größe 😀 "));
            Assert.That((string)read.Json["description"]!, Is.EqualTo("a\n\tb"));
            Assert.That($"\"{read.Json["sequence"]}\"", Is.EqualTo(made.ETag));
            Assert.That((long)read.Json["modified"]!, Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(60));
            Assert.That(
                await ChangesAsync((string)read.Json["subject"]!),
                Is.EqualTo(new[] { "created name,collection_type,description" }));
        }
    }

    [Test]
    public async Task A_change_is_made_to_the_version_that_its_caller_has_seen()
    {
        var topic = await Client.CollectionAsync("workflow");
        var path = $"/hub/collections/workflow/{topic}";
        var body = $$"""{"subject":"ms.hub.config.collection.workflow.{{topic}}","description":"new"}""";
        var seen = (await Client.CallAsync("GET", path)).ETag!;
        var first = await Client.CallAsync("PATCH", path, body, seen);
        var second = await Client.CallAsync("PATCH", path, body, seen);
        var read = await Client.CallAsync("GET", path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Status, second.Status), Is.EqualTo((200, 412)));
            Assert.That(
                (read.ETag, (string)read.Json["type"]!, (string)read.Json["description"]!),
                Is.EqualTo((first.ETag, "updated", "new")));
            Assert.That((await Client.CallAsync("PATCH", path, body, "5")).Status, Is.EqualTo(400));
            Assert.That((await Client.CallAsync(
                "PATCH",
                "/hub/collections/node/1",
                """{"subject":"ms.hub.config.collection.node.1"}""",
                "*")).Status, Is.EqualTo(412));
            Assert.That(
                (await Client.CallAsync("DELETE", path + "?move_resources_to_collection=1", ifMatch: seen)).Status,
                Is.EqualTo(412));
        }
    }

    [Test]
    public async Task A_description_that_is_left_out_stays_and_an_empty_one_clears()
    {
        var made = await Client.CallAsync(
            "POST", "/hub/collections", """{"name":"a","collection_type":"node","description":"text"}""");
        var subject = (string)made.Json["subject"]!;
        await Client.CallAsync("PATCH", made.Location!, $$"""{"subject":"{{subject}}"}""");
        Assert.That((string)(await Client.CallAsync("GET", made.Location!)).Json["description"]!, Is.EqualTo("text"));
        await Client.CallAsync("PATCH", made.Location!, $$"""{"subject":"{{subject}}","description":""}""");
        Assert.That((string)(await Client.CallAsync("GET", made.Location!)).Json["description"]!, Is.Empty);
        Assert.That(
            await ChangesAsync(subject),
            Is.EqualTo(new[] { "created name,collection_type,description", "updated ", "updated description" }));
    }

    [Test]
    public async Task A_removed_collection_s_nodes_are_in_the_other_one()
    {
        var (from, to) = (await Client.CollectionAsync("node"), await Client.CollectionAsync("node"));
        var (moved, stayed) = (await Client.NodeAsync(from, "moved"), await Client.NodeAsync(to, "stayed"));
        var before = await Client.CallAsync("GET", $"/hub/nodes/{from}/{moved}");
        var removed =
            await Client.CallAsync("DELETE", $"/hub/collections/node/{from}?move_resources_to_collection={to}");
        var after = await Client.CallAsync("GET", $"/hub/nodes/{to}/{moved}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(removed.Status, Is.EqualTo(200));
            Assert.That(
                after.Text, Is.EqualTo(before.Text.Replace($"node.{from}.", $"node.{to}.", StringComparison.Ordinal)));
            Assert.That((await Client.CallAsync("GET", $"/hub/nodes/{from}/{moved}")).Status, Is.EqualTo(404));
            Assert.That((await Client.CallAsync("GET", $"/hub/collections/node/{from}")).Status, Is.EqualTo(404));
            Assert.That(
                (int)(await Client.CallAsync("GET", $"/hub/nodes?collection_topic={to}")).Json["results_total"]!,
                Is.EqualTo(2));
            Assert.That(
                await ChangesAsync($"ms.hub.config.node.{to}.{moved}"), Is.EqualTo(new[] { "moved collection" }));
            Assert.That(
                (await Client.UpdateNodeAsync(to, moved, "\"data\":{\"name\":\"again\"}")).Status, Is.EqualTo(200));
            Assert.That((await Client.CallAsync("GET", $"/hub/nodes/{to}/{stayed}")).Status, Is.EqualTo(200));
        }
    }

    [Test]
    public async Task A_removed_collection_s_workflows_are_in_the_other_one_in_both_versions_and_with_their_history()
    {
        var (from, to) = (await Client.CollectionAsync("workflow"), await Client.CollectionAsync("workflow"));
        var topic = await Client.WorkflowAsync(from, "moved", HubCalls.Config("one"));
        await Client.PublishAsync(from, topic);
        await Client.UpdateWorkflowAsync(from, topic, $"\"config\":{HubCalls.Config("two")}");
        await Client.CallAsync("DELETE", $"/hub/collections/workflow/{from}?move_resources_to_collection={to}");
        await Client.UpdateWorkflowAsync(to, topic, $"\"config\":{HubCalls.Config("three")}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (await Client.CallAsync("GET", $"/hub/workflows/{to}/{topic}/history")).Text,
                Is.EqualTo($"[{HubCalls.Config("one")}]"));
            Assert.That(
                (await Client.CallAsync("GET", $"/hub/workflows/{to}/{topic}/history?draft=true")).Text,
                Is.EqualTo($"[{HubCalls.Config("three")},{HubCalls.Config("two")},{HubCalls.Config("one")}]"));
            Assert.That((await Client.CallAsync("GET", $"/hub/workflows/{from}/{topic}")).Status, Is.EqualTo(404));
            Assert.That((await Client.PublishAsync(to, topic)).Status, Is.EqualTo(200));
            Assert.That(
                (int)(await Client.CallAsync("GET", $"/hub/workflows?collection_topic={to}")).Json["results_total"]!,
                Is.EqualTo(2));
            Assert.That(
                (int)(await Client.CallAsync("GET", $"/hub/workflows?collection_topic={to}&filter=draft&limit=1")).Json[
                    "results_total"]!,
                Is.EqualTo(1));
        }
    }

    [TestCase("node")]
    [TestCase("workflow")]
    public async Task Nothing_is_moved_when_one_of_the_contents_has_no_room(string type)
    {
        var (from, to) = (await Client.CollectionAsync(type), await Client.CollectionAsync(type));
        foreach (var (collection, name) in new[] { (from, "a"), (from, "b"), (to, "b") })
        {
            await (type == "node" ? Client.NodeAsync(collection, name) : Client.WorkflowAsync(collection, name));
        }

        var before = await Client.CallAsync("GET", $"/hub/{type}s");
        var refused =
            await Client.CallAsync("DELETE", $"/hub/collections/{type}/{from}?move_resources_to_collection={to}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (refused.Status, refused.Error),
                Is.EqualTo(
                    (409, $"{type} exists:ms.hub.config.{type}.{(type == "node" ? "" : "draft.")}{to}.{Quiva.Gateway.Collections.Subjects.TopicFor("b")}")));
            Assert.That((await Client.CallAsync("GET", $"/hub/{type}s")).Text, Is.EqualTo(before.Text));
            Assert.That((await Client.CallAsync("GET", $"/hub/collections/{type}/{from}")).Status, Is.EqualTo(200));
        }
    }

    [Test]
    public async Task A_collection_takes_over_from_its_own_type_only()
    {
        var (nodes, workflows) = (await Client.CollectionAsync("node"), await Client.CollectionAsync("workflow"));
        var refused =
            await Client.CallAsync("DELETE", $"/hub/collections/node/{nodes}?move_resources_to_collection={workflows}");
        Assert.That((refused.Status, refused.Error), Is.EqualTo((404, "the new resource collection is not found")));
    }

    [Test]
    public async Task Pages_neither_lose_nor_repeat_what_stays_while_others_come_and_go()
    {
        var topics = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            topics.Add(await Client.CollectionAsync("node", $"collection {i}"));
        }

        topics.Sort(StringComparer.Ordinal);
        var seen = new List<string>();
        var path = "/hub/collections?limit=5";
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await Client.CallAsync("GET", cursor.Length == 0 ? path : $"{path}&cursor={cursor}");
            seen.AddRange(page.Json["results"]!.AsArray().Select(result => (string)result!["topic"]!));
            cursor = (string?)page.Json["next_cursor"];
            if (seen.Count == 5)
            {
                // The last one seen, one seen before and one to come go; with them everything by which pages could be
                // counted.
                foreach (var gone in new[] { topics[4], topics[1], topics[7] })
                {
                    await Client.CallAsync(
                        "DELETE", $"/hub/collections/node/{gone}?move_resources_to_collection={topics[0]}");
                }
            }
        }

        Assert.That(seen, Is.EqualTo(topics.Where((_, i) => i != 7)));
        Assert.That((int)(await Client.CallAsync("GET", path)).Json["results_total"]!, Is.EqualTo(9));
    }

    [Test]
    public async Task A_list_says_how_many_there_are_in_all_and_whether_there_are_more()
    {
        await Client.CollectionAsync("node");
        await Client.CollectionAsync("node");
        await Client.CollectionAsync("workflow");
        using (Assert.EnterMultipleScope())
        {
            foreach (var (query, shown, total, hasMore) in new[]
            {
                ("", 3, 3, false), ("?limit=2", 2, 3, true), ("?limit=3", 3, 3, false), ("?limit=1000", 3, 3, false),
                ("?collection_type=node", 2, 2, false), (
                    "?collection_type=node&limit=1",
                    1,
                    2,
                    true), ("?collection_type=workflow&limit=1", 1, 1, false),
            })
            {
                var list = (await Client.CallAsync("GET", "/hub/collections" + query)).Json.AsObject();
                Assert.That(
                    (list["results"]!.AsArray().Count, (int)list["results_total"]!, list.ContainsKey("next_cursor")),
                    Is.EqualTo((shown, total, hasMore)),
                    query);
            }
        }
    }
}
