using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>What looks harmless and is not: circles by conditions, half characters, and work and logs without an end.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunBoundTests(DatabaseProvider engine) : RunFixture(engine)
{
    [Test]
    public async Task A_condition_that_names_what_leads_to_it_is_refused()
    {
        var flow = await FlowAsync(
            """{"id":"a","node_type":"map","payload":1},{"id":"c","node_type":"condition","payload":[{"outcome":"a"}]}""",
            "a>c");
        var reply = await Client.CallAsync("POST", flow, """{"trigger":{}}""");
        Assert.That((reply.Status, reply.Error), Is.EqualTo((400, "cycle found:a->c->a")));
    }

    [Test]
    public async Task An_order_by_half_a_character_is_refused()
    {
        var flow = await FlowAsync(
            """{"id":"a","node_type":"map","payload":1}""",
            "",
            "\"options\":{\"run_type\":\"ordered\",\"order_on\":\"$.trigger.k\"}");
        var reply = await Client.CallAsync("POST", flow, "{\"trigger\":{\"k\":\"\\ud800\"}}");
        Assert.That((reply.Status, reply.Error), Is.EqualTo((400, "failed to resolve orderOn")));
    }

    [Test]
    public async Task A_template_that_searches_a_large_value_again_and_again_costs_too_much()
    {
        var members = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"m{i}\":{i}"));
        var names = string.Concat(Enumerable.Repeat("{none}", 20_000));
        var flow = await FlowAsync(
            """
            {"id":"r","node_type":"rules","payload":{"facts":{"all":"$.trigger.all"},
             "rules":{"text":{"operator":"stringTemplate","input":["$.trigger.names",{"operator":"fact","input":["all"]}]}}}}
            """);
        var reply = await Client.CallAsync(
            "POST", flow, $$$"""{"trigger":{"all":{{{{members}}}},"names":"{{{names}}}"},"await":true}""");
        Assert.That((reply.Status, reply.Error), Is.EqualTo((422, "a rule costs too much")), reply.ToString());
    }

    [Test]
    public async Task A_log_ends_at_its_limit_and_a_pause_is_answered_without_it()
    {
        var text = new string('x', 600_000);
        var steps = """{"id":"a","node_type":"map","payload":"$.trigger.t"},{"id":"b","node_type":"map","payload":"$.trigger.t"}""";
        var body = $$$"""{"trigger":{"t":"{{{text}}}"},"await":true}""";
        var ended = await Client.CallAsync("POST", await FlowAsync(steps), body);
        Assert.That(ended.Status, Is.EqualTo(422), ended.ToString());
        var paused = await Client.CallAsync(
            "POST", await FlowAsync(steps + """,{"id":"q","node_type":"input","payload":{}}"""), body);
        Assert.That(paused.Status, Is.EqualTo(200));
        Assert.That((string)paused.Json["trackingId"]!, Does.Contain(paused.Location!.Split('/')[^1]));
    }

    [Test]
    public async Task A_group_with_half_a_character_in_its_name_is_drawn_as_none()
    {
        var topic = await Client.WorkflowAsync(
            Collection,
            "half",
            "{\"nodes\":[{\"id\":\"a\",\"parentId\":\"\\ud800\",\"position\":{\"x\":1,\"y\":1},\"data\":{\"id\":\"a\",\"node_type\":\"map\",\"payload\":1}}],\"edges\":[]}");
        var run = await StartAsync($"/hub/workflows/{Collection}/{topic}/run?draft=true");
        await UntilAsync(run, "succeeded");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/hub/workflows/runs/{run}");
        request.Headers.Accept.ParseAdd("text/html");
        using var page = await Client.SendAsync(request);
        Assert.That((int)page.StatusCode, Is.EqualTo(200));
    }
}
