using System.Text;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class WorkflowTests(DatabaseProvider engine) : HubFixture(engine)
{
    private string collection = "", topic = "", path = "";

    [SetUp]
    public async Task CreateAsync()
    {
        collection = await Client.CollectionAsync("workflow");
        topic = await Client.WorkflowAsync(collection, "flow", HubCalls.Config("one"));
        path = $"/hub/workflows/{collection}/{topic}";
    }

    [Test]
    public async Task A_draft_changes_and_what_is_published_stays_until_it_is_published_again()
    {
        Assert.That((await Client.CallAsync("GET", path)).Error, Is.EqualTo("workflow not found"));
        await Client.PublishAsync(collection, topic);
        var changed = await Client.UpdateWorkflowAsync(
            collection,
            topic,
            $"\"name\":\"renamed\",\"description\":\"new\",\"archived\":true,\"config\":{HubCalls.Config("two")}");
        Assert.That(await SeenAsync(""), Is.EqualTo(("flow", "", false, HubCalls.Config("one"))));
        Assert.That(await SeenAsync("?draft=true"), Is.EqualTo(("renamed", "new", true, HubCalls.Config("two"))));
        Assert.That(changed.Text, Is.EqualTo((await Client.CallAsync("GET", path + "?draft=true")).Text));
        var published = await Client.PublishAsync(collection, topic);
        Assert.That(await SeenAsync(""), Is.EqualTo(("renamed", "new", true, HubCalls.Config("two"))));
        Assert.That((await Client.CallAsync("GET", path)).ETag, Is.EqualTo(published.ETag));
    }

    [Test]
    public async Task Fields_that_are_not_sent_stay()
    {
        await Client.UpdateWorkflowAsync(collection, topic, "\"description\":\"text\",\"archived\":true");
        await Client.UpdateWorkflowAsync(collection, topic, "\"name\":\"renamed\"");
        var cleared = await Client.UpdateWorkflowAsync(collection, topic, "\"description\":null");
        Assert.That(cleared.Error, Is.EqualTo("description must not be null; leave it out."));
        Assert.That(
            (await Client.UpdateWorkflowAsync(collection, topic, "\"name\":\" \"")).Error,
            Is.EqualTo("name must be text with a visible character, without control characters."));
        Assert.That(await SeenAsync("?draft=true"), Is.EqualTo(("renamed", "text", true, HubCalls.Config("one"))));
        Assert.That(await ChangesAsync($"ms.hub.config.workflow.draft.{collection}.{topic}"), Is.EqualTo(
            new[] { "created name,collection,description,config", "updated description,archived", "updated name" }));
    }

    [Test]
    public async Task History_is_of_one_version_and_newest_first()
    {
        await Client.PublishAsync(collection, topic);
        await Client.UpdateWorkflowAsync(collection, topic, $"\"config\":{HubCalls.Config("two")}");
        await Client.UpdateWorkflowAsync(collection, topic, "\"name\":\"has the same configuration\"");
        await Client.UpdateWorkflowAsync(collection, topic, $"\"config\":{HubCalls.Config("three")}");
        await Client.PublishAsync(collection, topic);
        Assert.That(await HistoryAsync("?draft=true"), Is.EqualTo(Configs("three", "two", "one")));
        Assert.That(await HistoryAsync(""), Is.EqualTo(Configs("three", "one")));
    }

    [Test]
    public async Task History_is_read_in_parts_that_lead_to_each_other()
    {
        for (var i = 2; i <= 5; i++)
        {
            await Client.UpdateWorkflowAsync(collection, topic, $"\"config\":{HubCalls.Config($"{i}")}");
        }

        var parts = new List<string>();
        for (string? next = $"{path}/history?draft=true&limit=2"; next is not null;)
        {
            var part = await Client.CallAsync("GET", next);
            parts.Add(part.Text);
            next = part.Link is { } link ? link[(link.IndexOf('<') + 1)..link.IndexOf('>')] : null;
            await Client.UpdateWorkflowAsync(collection, topic, $"\"config\":{HubCalls.Config("later")}");
        }

        Assert.That(parts, Is.EqualTo(new[] { Configs("5", "4"), Configs("3", "2"), Configs("one") }));
    }

    [Test]
    public async Task A_deleted_version_takes_its_history_with_it()
    {
        await Client.PublishAsync(collection, topic);
        Assert.That((await Client.CallAsync("DELETE", path)).Status, Is.EqualTo(200));
        Assert.That((await Client.CallAsync("GET", path)).Status, Is.EqualTo(404));
        Assert.That((await Client.CallAsync("GET", path + "/history")).Status, Is.EqualTo(404));
        Assert.That(await HistoryAsync("?draft=true"), Is.EqualTo(Configs("one")));
        await Client.UpdateWorkflowAsync(collection, topic, $"\"config\":{HubCalls.Config("two")}");
        await Client.PublishAsync(collection, topic);
        Assert.That(await HistoryAsync(""), Is.EqualTo(Configs("two")));

        Assert.That((await Client.CallAsync("DELETE", path + "?draft=true")).Status, Is.EqualTo(200));
        Assert.That((await Client.CallAsync("GET", "/hub/workflows")).Json["results"]!.AsArray(), Is.Empty);
        await Client.WorkflowAsync(collection, "flow", HubCalls.Config("new"));
        Assert.That(await HistoryAsync("?draft=true"), Is.EqualTo(Configs("new")));
        Assert.That(
            await ChangesAsync($"ms.hub.config.workflow.{collection}.{topic}"),
            Is.EqualTo(new[]
            {
                "created name,description,config,archived",
                "deleted ",
                "created name,description,config,archived",
                "deleted "
            }));
    }

    [Test]
    public async Task A_change_is_made_to_the_version_that_its_caller_has_seen()
    {
        var seen = (await Client.CallAsync("GET", path + "?draft=true")).ETag;
        await Client.UpdateWorkflowAsync(collection, topic, "\"name\":\"changed\"", seen);
        Assert.That(
            (await Client.UpdateWorkflowAsync(collection, topic, "\"name\":\"lost\"", seen)).Status, Is.EqualTo(412));
        Assert.That((await Client.PublishAsync(collection, topic, seen)).Status, Is.EqualTo(412));
        Assert.That((await Client.CallAsync("DELETE", path + "?draft=true", ifMatch: seen)).Status, Is.EqualTo(412));
        var draft = (await Client.CallAsync("GET", path + "?draft=true")).ETag;
        var published = await Client.PublishAsync(collection, topic, draft);
        Assert.That(published.Status, Is.EqualTo(200));
        Assert.That((await Client.CallAsync("DELETE", path, ifMatch: draft)).Status, Is.EqualTo(412));
        Assert.That((await Client.CallAsync("DELETE", path, ifMatch: published.ETag)).Status, Is.EqualTo(200));
        Assert.That((await Client.CallAsync("DELETE", path + "?draft=true", ifMatch: draft)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task What_the_editor_needs_is_kept_and_what_the_contract_does_not_know_is_not()
    {
        const string kept =
            """{"nodes":[{"id":"a","type":"step","data":{"id":"a","node_type":"integration","payload":{"x":[1.50]},"oauth":"slack.maria"},"position":{"x":1.50,"y":-0},"measured":{"width":100},"style":{}},{"data":{"id":"b:1-c","payload":null}}],"edges":[{"source":"a","target":"b:1-c","id":"e","sourceHandle":"s","targetHandle":"t","type":"smooth","edgeType":"plain"}],"static":{"k":{"n":1e400}},"result":"a","options":{"run_type":"ordered","order_on":"{trigger.x}"}}""";
        var sent = kept.Replace("\"type\":\"step\"", "\"selected\":true,\"type\":\"step\"", StringComparison.Ordinal)
            .Replace("\"result\"", "\"viewport\":{},\"result\"", StringComparison.Ordinal);
        var changed = await Client.UpdateWorkflowAsync(collection, topic, $"\"config\":{sent}");
        Assert.That(changed.Text, Does.Contain($"\"config\":{kept},"));
        Assert.That((await SeenAsync("?draft=true")).Config, Is.EqualTo(kept));
        Assert.That(await HistoryAsync("?draft=true"), Does.StartWith($"[{kept},"));
    }

    [Test]
    public async Task A_configuration_may_have_as_many_bytes_as_the_contract_says()
    {
        const int limit = 4 * 1024 * 1024;
        var prefix =
            $$"""{"subject":"ms.hub.config.workflow.draft.{{collection}}.{{topic}}","config":{"static":{"text":" """;
        var largest = prefix + new string('x', limit - prefix.Length - 4) + "\"}}}";
        Assert.That(Encoding.UTF8.GetByteCount(largest), Is.EqualTo(limit));
        Assert.That((await Client.CallAsync("PATCH", path, largest)).Status, Is.EqualTo(200));
        Assert.That((await Client.CallAsync("GET", path + "?draft=true")).Text, Has.Length.GreaterThan(limit - 300));
        Assert.That((await Client.CallAsync("PATCH", path, largest + " ")).Status, Is.EqualTo(413));
    }

    [Test]
    public async Task Faults_of_the_schema_and_of_the_graph_are_told_in_one_answer()
    {
        var refused = await Client.CallAsync("POST", "/hub/workflows", """
            {"name":"","config":{"nodes":[{"data":{"id":"a","name":"\u0001"}},{"data":{"id":"b","options":{"attempts":-1},"payload":1}}],"edges":[{"source":"b","target":"b"},{"target":"a"}]}}
            """);
        Assert.That(refused.Error.Split("; ").Order(), Is.EqualTo(new[]
        {
            "a collection subject is required",
            "a name is required",
            "config.nodes[0].data.name must be text without control characters. config.nodes[1].data.options.attempts must be from 0 to 1000.",
            "cycle found:b->b",
            "payload is required:a",
            "source and target required on edge: ->a",
        }));
    }

    [Test]
    public async Task What_is_too_long_does_not_come_back()
    {
        var text = new string('x', 100_000);
        foreach (var edges in new[]
        {
            $$"""{"source":"{{text}}"}""", $$"""{"source":"{{text}}","target":"gone"}""", $$"""{"source":"gone","target":"{{text}}"}""",
            $$"""{"id":"{{text}}","source":"a","target":"b"},{"id":"{{text}}","source":"a","target":"b"}""",
        })
        {
            var refused =
                await Client.CreateWorkflowAsync(collection, "faulty", $$"""{"nodes":[],"edges":[{{edges}}]}""");
            Assert.That(refused.Status, Is.EqualTo(400));
            Assert.That(refused.Text, Has.Length.LessThan(1000));
        }
    }

    [Test]
    public async Task Of_very_many_faults_the_first_hundred_are_told()
    {
        var nodes = string.Join(',', Enumerable.Range(0, 1500).Select(i => $$"""{"data":{"id":"n{{i}}"} }"""));
        var refused = await Client.CreateWorkflowAsync(collection, "faulty", $"{{\"nodes\":[{nodes}]}}");
        Assert.That(refused.Status, Is.EqualTo(400));
        Assert.That(refused.Error, Does.StartWith("payload is required:n0; payload is required:n1; ").And
            .Match("payload is required:n99; and more$"));
    }

    [TestCase("draft", 2)]
    [TestCase("published", 1)]
    public async Task A_list_is_of_one_version_when_it_is_asked_for(string filter, int count)
    {
        await Client.WorkflowAsync(await Client.CollectionAsync("workflow"), "other");
        await Client.PublishAsync(collection, topic);
        var list = await Client.CallAsync("GET", $"/hub/workflows?filter={filter}");
        Assert.That(list.Json["results"]!.AsArray().Select(result => ((string)result!["subject"]!).Contains(
            ".draft.", StringComparison.Ordinal)), Is.All.EqualTo(filter == "draft").And.Exactly(count).Items);
        Assert.That((int)list.Json["results_total"]!, Is.EqualTo(count));
        var ofCollection =
            await Client.CallAsync("GET", $"/hub/workflows?filter={filter}&collection_topic={collection}");
        Assert.That((int)ofCollection.Json["results_total"]!, Is.EqualTo(1));
    }

    private async Task<(string Name, string Description, bool Archived, string Config)> SeenAsync(string query)
    {
        var reply = await Client.CallAsync("GET", path + query);
        var start = reply.Text.IndexOf("\"config\":", StringComparison.Ordinal) + "\"config\":".Length;
        var config = reply.Text[start..reply.Text.LastIndexOf(",\"archived\"", StringComparison.Ordinal)];
        return ((string)reply.Json["name"]!, (string)reply.Json["description"]!, (bool)reply.Json["archived"]!, config);
    }

    private async Task<string> HistoryAsync(string query) =>
        (await Client.CallAsync("GET", path + "/history" + query)).Text;

    private static string Configs(params string[] marks) => $"[{string.Join(',', marks.Select(HubCalls.Config))}]";
}
