using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Steps that wait, that start other runs, and that evaluate rules; and runs that wait for each other.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunStepTests(DatabaseProvider engine) : RunFixture(engine)
{
    [Test]
    public async Task Rules_give_the_outcome_of_each() => Assert.That(
        await ResultAsync("""{"id":"r","node_type":"rules","payload":{"facts":{"state":"$.trigger.s","n":7},"rules":{"product":[{"condition":{"operator":"in","input":["@fact:state",["CA","NY"]]},"outcome":"P1"},{"outcome":"P2"}],"sum":{"operator":"+","input":["@fact:n",{"operator":"max","input":[1,2]}]},"again":"@fact:product"}}}""", trigger: """{"s":"NY"}"""),
        Is.EqualTo("""{"product":"P1","sum":9,"again":"P1"}"""));

    [Test]
    public async Task JsonLogic_gives_the_outcome_of_each() => Assert.That(
        await ResultAsync("""{"id":"r","node_type":"jsonlogic","payload":{"data":{"age":"$.trigger.a","list":[1,2,3]},"rules":{"adult":{">=":[{"var":"age"},18]},"some":{"some":[{"var":"list"},{">":[{"var":""},2]}]},"cat":{"cat":["a",{"var":"list.1"}]},"if":{"if":[false,1,2]}}}}""", trigger: """{"a":20}"""),
        Is.EqualTo("""{"adult":true,"some":true,"cat":"a2","if":2}"""));

    [TestCase("rules", """{"rules":{"a":{"operator":"launch","input":[1]}}}""")]
    [TestCase("jsonlogic", """{"rules":{"a":{"launch":[1]}}}""")]
    public async Task An_unknown_operator_is_refused(string type, string payload) =>
        Assert.That((await RunAsync(await FlowAsync($$"""{"id":"r","node_type":"{{type}}","payload":{{payload}} }"""))).Error, Is.EqualTo("invalid rules: unknown operator \"launch\""));

    [Test]
    public async Task Flows_start_flows_three_deep()
    {
        var subject = await PublishedAsync("""{"id":"r","node_type":"map","payload":{"n":"$.trigger.n"}}""", "\"result\":\"r\"");
        for (var depth = 0; depth < 2; depth++)
        {
            subject = await PublishedAsync($$$"""{"id":"f","node_type":"flow","subject":"{{{subject}}}","await":true,"payload":{"n":"$.trigger.n"}},{"id":"r","node_type":"map","payload":["$.f"]}""", "\"result\":\"r\"", "f>r");
        }

        var topics = subject.Split('.');
        var reply = await RunAsync($"/hub/workflows/{topics[^2]}/{topics[^1]}/run", """{"n":1.50}""");
        Assert.That(reply.Text, Does.Contain("""[[{"n":1.50}]]"""), reply.ToString());
        var runs = (await Client.CallAsync("GET", "/hub/workflows/runs")).Json["results"]!.AsArray();
        Assert.That(runs.Count(run => run!["parent_run_id"] is not null), Is.EqualTo(2));
    }

    [Test]
    public async Task A_flow_that_starts_itself_ends()
    {
        var topic = await Client.WorkflowAsync(Collection, "loop");
        var subject = $"ms.hub.config.workflow.{Collection}.{topic}";
        await Client.UpdateWorkflowAsync(Collection, topic, "\"config\":" + Config($$$"""{"id":"f","node_type":"flow","subject":"{{{subject}}}","await":true,"payload":{} }"""));
        await Client.PublishAsync(Collection, topic);
        var reply = await RunAsync($"/hub/workflows/{Collection}/{topic}/run");
        Assert.That(reply.Error, Does.EndWith("runs that start runs are nested more than 10 deep"));
    }

    [Test]
    public async Task A_flow_that_fails_fails_its_step()
    {
        var subject = await PublishedAsync("""{"id":"e","node_type":"error","payload":{"message":"no","status_code":418}}""");
        var reply = await RunAsync(await FlowAsync($$"""{"id":"f","node_type":"flow","subject":"{{subject}}","await":true,"payload":{} }"""));
        Assert.That((reply.Status, reply.Error, (int?)reply.Json["status_code"]), Is.EqualTo((422, "the run that it has started failed: no", 418)));
    }

    [Test]
    public async Task A_delay_waits_and_a_schedule_does_not()
    {
        var subject = await PublishedAsync("""{"id":"r","node_type":"map","payload":"later"}""", "\"result\":\"r\"");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var reply = await RunAsync(await FlowAsync($$$"""{"id":"s","node_type":"schedule","payload":{"flow_subject":"{{{subject}}}","trigger":{},"trigger_in":"1s"}},{"id":"d","node_type":"delay","payload":{"time_ms":200}},{"id":"r","node_type":"map","payload":["$.s","$.d"]}""", "s>d d>r", "\"result\":\"$.s.trackingId\""));
        Assert.That(clock.ElapsedMilliseconds, Is.GreaterThanOrEqualTo(200));
        var scheduled = ((string)reply.Json["result"]!).Split('.')[3];
        Assert.That((string)(await ReadAsync(scheduled))["status"]!, Is.AnyOf("queued", "running", "succeeded"));
        Assert.That((string)(await UntilAsync(scheduled, "succeeded"))["result"]!, Is.EqualTo("later"));
    }

    [Test]
    public async Task A_paused_run_goes_on_with_the_answer()
    {
        var flow = await FlowAsync("""{"id":"ask","node_type":"human-in-the-loop","payload":{"message":"Approve |$.trigger.n|?"}},{"id":"r","node_type":"map","payload":"$.ask.decision"}""", "ask>r", "\"result\":\"r\"");
        var paused = await RunAsync(flow, """{"n":5}""");
        Assert.That((paused.Status, (bool)paused.Json["result"]![0]!["paused"]!), Is.EqualTo((200, true)));
        var run = ((string)paused.Json["trackingId"]!).Split('.')[3];
        Assert.That((string)(await ReadAsync(run))["steps"]![0]!["input"]!["message"]!, Is.EqualTo("Approve 5?"));
        Assert.That((int)(await Client.CallAsync("GET", "/hub/workflows/paused")).Json["results_total"]!, Is.EqualTo(1));
        var answer = $$$"""{"run_id":"{{{run}}}","trigger":{"decision":"yes"},"await":true}""";
        Assert.That((await (await ClientAsync("monitor")).CallAsync("POST", flow.Replace("?draft=true", "", StringComparison.Ordinal), answer)).Status, Is.EqualTo(403));
        var ended = await Client.CallAsync("POST", flow, answer);
        Assert.That((ended.Status, (string)ended.Json["result"]!), Is.EqualTo((200, "yes")), ended.ToString());
        Assert.That((await Client.CallAsync("POST", flow, answer)).Status, Is.EqualTo(409));
        Assert.That((await Client.CallAsync("POST", flow, answer.Replace(run, Guid.NewGuid().ToString(), StringComparison.Ordinal))).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_failed_run_goes_on_from_the_step_that_failed()
    {
        Target.Answer = async context =>
        {
            context.Response.StatusCode = context.Request.Path == "/second" && Target.Requests.Count(request => request.Path == "/second") == 1 ? 500 : 200;
            await context.Response.WriteAsync("ok");
        };
        var flow = await FlowAsync($$"""{"id":"a","node_type":"http","payload":{"url":"{{Target.Url}}/first"} },{"id":"b","node_type":"http","payload":{"url":"{{Target.Url}}/second"} }""", "a>b", "\"result\":\"$.b.data\"");
        var failed = await RunAsync(flow);
        Assert.That((failed.Status, failed.Error, (string)failed.Json["node"]!), Is.EqualTo((422, "the answer has status 500", "b")));
        var run = ((string)failed.Json["trackingId"]!).Split('.')[3];
        Assert.That((await (await ClientAsync("monitor")).CallAsync("POST", $"/hub/workflows/runs/{run}/retry")).Status, Is.EqualTo(403));
        Assert.That((await Client.CallAsync("POST", $"/hub/workflows/runs/{run}/retry")).Status, Is.EqualTo(200));
        Assert.That((string)(await UntilAsync(run, "succeeded", "failed"))["result"]!, Is.EqualTo("ok"));
        Assert.That((Target.Requests.Count(request => request.Path == "/first"), (await Client.CallAsync("POST", $"/hub/workflows/runs/{run}/retry")).Status), Is.EqualTo((1, 409)));
    }

    [Test]
    public async Task Ordered_runs_follow_each_other_and_debounced_ones_become_one()
    {
        var ordered = await FlowAsync("""{"id":"d","node_type":"delay","payload":{"time_ms":30}}""", "", "\"options\":{\"run_type\":\"ordered\",\"order_on\":\"$.trigger.k\"}");
        for (var i = 0; i < 4; i++)
        {
            var reply = await Client.CallAsync("POST", ordered, """{"trigger":{"k":"a"}}""");
            Assert.That((reply.Status, reply.Text), Is.EqualTo((200, "\"ordered run: a\"")));
        }

        Assert.That((await Client.CallAsync("POST", ordered, """{"trigger":{}}""")).Error, Is.EqualTo("failed to resolve orderOn"));
        var debounced = await FlowAsync("""{"id":"r","node_type":"map","payload":"$.trigger.n"}""", "", "\"result\":\"r\",\"options\":{\"run_type\":\"debounced\",\"debounce_on\":\"{trigger.k}\",\"debounce_time\":1000,\"debounce_max\":5000}");
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Client.CallAsync("POST", debounced, $$$"""{"trigger":{"k":"c-17","n":{{{i}}}}}""")));
        Assert.That(replies.Select(reply => reply.Text).Distinct(), Is.EqualTo(new[] { "\"debounced run: c-17\"" }));
        var last = await Client.CallAsync("POST", debounced, """{"trigger":{"k":"c-17","n":99}}""");
        var read = await UntilAsync(last.Location!.Split('/')[^1], "succeeded");
        Assert.That((int)read["result"]!, Is.EqualTo(99), "The last trigger of the burst.");
        var runs = new List<JsonNode>();
        for (var wait = 0; runs.Count(run => (string)run["status"]! == "succeeded") < 5; wait++)
        {
            Assert.That(wait, Is.LessThan(200), string.Join('\n', runs));
            await Task.Delay(50);
            runs = [.. (await Client.CallAsync("GET", "/hub/workflows/runs")).Json["results"]!.AsArray().Select(run => run!)];
        }

        Assert.That(runs, Has.Count.EqualTo(5), "One of the burst.");
        var inOrder = runs.Where(run => (string)run["run_id"]! != (string)read["run_id"]!).Reverse().Select(run => (Started: (DateTimeOffset)run["started"]!, Ended: (DateTimeOffset)run["ended"]!)).ToList();
        Assert.That(inOrder.Zip(inOrder.Skip(1)).All(pair => pair.First.Ended <= pair.Second.Started), string.Join('\n', runs));
    }

    private async Task<string> PublishedAsync(string nodes, string more = "", string edges = "")
    {
        var topic = await Client.WorkflowAsync(Collection, Guid.NewGuid().ToString(), Config(nodes, edges, more));
        Assert.That((await Client.PublishAsync(Collection, topic)).Status, Is.EqualTo(200));
        return $"ms.hub.config.workflow.{Collection}.{topic}";
    }
}
