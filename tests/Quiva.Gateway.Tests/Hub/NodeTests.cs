using Quiva.Gateway.Collections;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class NodeTests(DatabaseProvider engine) : HubFixture(engine)
{
    [TestCase("""{"a": 1.0000000000000000000001, "b":null,"c":1e400,"d":-0.0,"e":123456789012345678901234567890}""")]
    [TestCase("""{ "z" : 1, "a" : [ ] , "" : {} }""")]
    [TestCase("""{"\u00e9":"é","\ud83d\ude00":"😀","half":"\ud800","nul":"\u0000","slash":"\/"}""")]
    [TestCase("null")]
    [TestCase("false")]
    [TestCase("0")]
    [TestCase("\"\"")]
    [TestCase("[]")]
    [TestCase("\"2026-11-23T00:00:00.1234567890+01:00\"")]
    [TestCase(
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")]
    public async Task A_payload_comes_back_letter_by_letter(string payload)
    {
        var made = await Client.CreateNodeAsync(
            await Client.CollectionAsync("node"),
            $$"""{"name":"a","payload":{{payload}},"response_map":{{payload}} }""");
        var read = await Client.CallAsync("GET", made.Location!);
        var listed = await Client.CallAsync("GET", "/hub/nodes");
        foreach (var reply in new[] { made, read, listed })
        {
            Assert.That(reply.Text, Does.Contain($"\"payload\":{payload},\"response_map\":{payload}}}"));
        }
    }

    [Test]
    public async Task What_is_nested_too_deep_or_named_twice_is_refused()
    {
        var collection = await Client.CollectionAsync("node");
        var deep = new string('[', 61) + new string(']', 61);
        Assert.That(await ErrorAsync(deep), Is.EqualTo("The request body must be nested at most 62 levels deep."));
        foreach (var payload in new[] { """{"a":1,"a":2}""", """{"a":{"b":1,"\u0062":2}}""" })
        {
            Assert.That(
                await ErrorAsync(payload),
                Is.EqualTo("data.payload must be there once, with a well-formed value of its type."));
        }

        async Task<string> ErrorAsync(string payload) =>
            (await Client.CreateNodeAsync(collection, $$"""{"name":"a","payload":{{payload}} }""")).Error;
    }

    [Test]
    public async Task A_new_name_leaves_the_subject_as_it_is()
    {
        var collection = await Client.CollectionAsync("node");
        var topic = await Client.NodeAsync(collection, "first");
        await Client.UpdateNodeAsync(collection, topic, """ "data":{"name":"second","id":"ignored"} """);
        var read = await Client.CallAsync("GET", $"/hub/nodes/{collection}/{topic}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                ((string)read.Json["data"]!["id"]!, (string)read.Json["data"]!["name"]!),
                Is.EqualTo((topic, "second")));
            Assert.That(
                (await Client.CreateNodeAsync(collection, """{"name":"first","payload":1}""")).Error,
                Is.EqualTo($"node exists:ms.hub.config.node.{collection}.{topic}"));
            Assert.That(
                (await Client.CreateNodeAsync(collection, """{"name":"second","payload":1}""")).Status,
                Is.EqualTo(201));
        }
    }

    [Test]
    public async Task An_update_replaces_the_data_and_keeps_whether_it_is_archived()
    {
        var collection = await Client.CollectionAsync("node");
        var made =
            await Client.CreateNodeAsync(
                collection,
                """{"name":"a","description":"b","payload":1,"await":true,"options":{"attempts":3,"ignore_response_codes":[404,410]}}""");
        var topic = Subjects.TopicFor("a");
        await Client.UpdateNodeAsync(collection, topic, """ "data":{"name":"a"},"archived":true """);
        var second = await Client.UpdateNodeAsync(collection, topic, """ "data":{"name":"a","payload":2} """);
        var read = await Client.CallAsync("GET", made.Location!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                read.Json["data"]!.ToJsonString(), Is.EqualTo($$"""{"id":"{{topic}}","name":"a","payload":2}"""));
            Assert.That((bool)read.Json["archived"]!);
            Assert.That(read.ETag, Is.EqualTo(second.ETag));
            Assert.That(
                await ChangesAsync($"ms.hub.config.node.{collection}.{topic}"),
                Is.EqualTo(new[] { "created collection,data", "updated data,archived", "updated data" }));
            await Client.UpdateNodeAsync(collection, topic, """ "data":{"name":"a"},"archived":false """);
            Assert.That((bool)(await Client.CallAsync("GET", made.Location!)).Json["archived"]!, Is.False);
        }
    }

    [Test]
    public async Task A_change_is_made_to_the_version_that_its_caller_has_seen()
    {
        var collection = await Client.CollectionAsync("node");
        var topic = await Client.NodeAsync(collection, "a");
        var seen = (await Client.CallAsync("GET", $"/hub/nodes/{collection}/{topic}")).ETag;
        const string data = """ "data":{"name":"a"} """;
        Assert.That((await Client.UpdateNodeAsync(collection, topic, data, seen)).Status, Is.EqualTo(200));
        Assert.That((await Client.UpdateNodeAsync(collection, topic, data, seen)).Status, Is.EqualTo(412));
        Assert.That(
            (await Client.CallAsync("DELETE", $"/hub/nodes/{collection}/{topic}", ifMatch: seen)).Status,
            Is.EqualTo(412));
        Assert.That(
            (await Client.CallAsync("DELETE", $"/hub/nodes/{collection}/{topic}", ifMatch: "*")).Status,
            Is.EqualTo(200));
        Assert.That(
            (await Client.CallAsync("DELETE", $"/hub/nodes/{collection}/{topic}", ifMatch: "*")).Status,
            Is.EqualTo(412));
        Assert.That((await Client.CallAsync("DELETE", $"/hub/nodes/{collection}/{topic}")).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_flow_node_calls_a_workflow_that_is_there_in_either_version()
    {
        var (nodes, flows) = (await Client.CollectionAsync("node"), await Client.CollectionAsync("workflow"));
        var flow = await Client.WorkflowAsync(flows, "flow");
        var draft = $"ms.hub.config.workflow.draft.{flows}.{flow}";
        var published = $"ms.hub.config.workflow.{flows}.{flow}";
        Assert.That((await CreateAsync("a", draft)).Status, Is.EqualTo(201));
        Assert.That((await CreateAsync("b", published)).Error, Is.EqualTo("flow not found"));
        Assert.That((await CreateAsync("b", draft + " ")).Error, Is.EqualTo("flow not found"));
        await Client.PublishAsync(flows, flow);
        Assert.That((await CreateAsync("b", published)).Status, Is.EqualTo(201));
        await Client.CallAsync("DELETE", $"/hub/workflows/{flows}/{flow}?draft=true");
        Assert.That((await UpdateAsync("b", published)).Status, Is.EqualTo(200));
        Assert.That((await UpdateAsync("b", draft)).Error, Is.EqualTo("flow not found"));

        Task<Reply> UpdateAsync(string name, string subject) =>
            Client.UpdateNodeAsync(
                nodes,
                Subjects.TopicFor(name),
                $$""" "data":{"name":"{{name}}","node_type":"flow","subject":"{{subject}}"},"archived":true """);

        Task<Reply> CreateAsync(string name, string subject) => Client.CreateNodeAsync(
            nodes, $$"""{"name":"{{name}}","node_type":"flow","subject":"{{subject}}","payload":1}""");
    }

    [Test]
    public async Task A_batch_stores_what_it_can_in_order_and_tells_of_each_item()
    {
        var collection = await Client.CollectionAsync("node");
        var topic = await Client.NodeAsync(collection, "a");
        var reply = await Client.CallAsync("PATCH", "/hub/nodes/batch", $$"""
            [{{Item(topic, """{"name":"one"}""")}}, {{Item(topic, "{}")}}, {{Item("1", """{"name":"one"}""")}}, {{Item(topic, """{"name":"two","node_type":"function"}""")}}, {{Item(topic, """{"name":"last"}""")}}]
            """);
        Assert.That(reply.Status, Is.EqualTo(400));
        Assert.That(
            reply.Json["body"]!.AsArray().Select(outcome => (string)outcome!["result"]!),
            Is.EqualTo(new[]
            {
                "success",
                "error: data.name is required",
                "error: node not found",
                "error: a function subject is required",
                "success"
            }));
        Assert.That(
            (string)(await Client.CallAsync("GET", $"/hub/nodes/{collection}/{topic}")).Json["data"]!["name"]!,
            Is.EqualTo("last"));

        string Item(string node, string data) =>
            $$"""{"subject":"ms.hub.config.node.{{collection}}.{{node}}","data":{{data}} }""";
    }

    [Test]
    public async Task A_batch_that_breaks_the_schema_is_refused_as_a_whole()
    {
        var collection = await Client.CollectionAsync("node");
        var topic = await Client.NodeAsync(collection, "a");
        var good = $$"""{"subject":"ms.hub.config.node.{{collection}}.{{topic}}","data":{"name":"changed"} }""";
        using (Assert.EnterMultipleScope())
        {
            foreach (var (body, error) in new[]
            {
                ($"[{good},{{}}]", "[1].data is required.; [1]: a subject is required"),
                ($"[{good},null]", "The request body must have no null items."),
                (good, "The request body must be one JSON array in UTF-8 without a byte order mark, with each member named once."),
                ($"[{good},{{\"subject\":5}}]", "[1].subject must be there once, with a well-formed value of its type."),
                ($"[{string.Join(',', Enumerable.Repeat(good, 1001))}]", "The request body must have at most 1000 items."),
            })
            {
                var reply = await Client.CallAsync("PATCH", "/hub/nodes/batch", body);
                Assert.That((reply.Status, reply.Error), Is.EqualTo((400, error.Replace(".;", "."))));
            }

            Assert.That(
                (string)(await Client.CallAsync("GET", $"/hub/nodes/{collection}/{topic}")).Json["data"]!["name"]!,
                Is.EqualTo("a"));
            Assert.That((await Client.CallAsync("PATCH", "/hub/nodes/batch", "[]")).Text, Is.EqualTo("[]"));
            Assert.That((await Client.CallAsync(
                "PATCH",
                "/hub/nodes/batch",
                $"[{string.Join(',', Enumerable.Repeat(good, 1000))}]")).Status, Is.EqualTo(200));
        }
    }

    [Test]
    public async Task A_list_is_of_one_collection_when_its_topic_is_given()
    {
        var (one, two) = (await Client.CollectionAsync("node"), await Client.CollectionAsync("node"));
        foreach (var name in "abc")
        {
            await Client.NodeAsync(one, $"{name}");
            await Client.NodeAsync(two, $"{name}");
        }

        var first = await Client.CallAsync("GET", $"/hub/nodes?collection_topic={two}&limit=2");
        var second = await Client.CallAsync(
            "GET", $"/hub/nodes?collection_topic={two}&limit=2&cursor={first.Json["next_cursor"]}");
        var subjects = first.Json["results"]!.AsArray()
            .Concat(second.Json["results"]!.AsArray())
            .Select(node => (string)node!["subject"]!)
            .ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(subjects, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal).And.Unique);
            Assert.That(subjects, Has.Count.EqualTo(3).And.All.StartsWith($"ms.hub.config.node.{two}."));
            Assert.That(second.Json.AsObject(), Does.Not.ContainKey("next_cursor"));
            Assert.That(((int)first.Json["results_total"]!, (int)second.Json["results_total"]!), Is.EqualTo((3, 3)));
            Assert.That(
                (int)(await Client.CallAsync("GET", "/hub/nodes?collection_topic=1")).Json["results_total"]!, Is.Zero);
        }
    }
}
