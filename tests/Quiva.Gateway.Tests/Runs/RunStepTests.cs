using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// Steps that wait, that start other runs, and that evaluate rules; and runs that wait for each other.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunStepTests(DatabaseProvider engine) : RunFixture(engine)
{
    [Test]
    public async Task Rules_give_the_outcome_of_each() => Assert.That(
        await ResultAsync(
            """{"id":"r","node_type":"rules","payload":{"facts":{"state":"$.trigger.s","n":7},"rules":{"product":[{"condition":{"operator":"in","input":["@fact:state",["CA","NY"]]},"outcome":"P1"},{"outcome":"P2"}],"sum":{"operator":"+","input":["@fact:n",{"operator":"max","input":[1,2]}]},"again":"@fact:product"}}}""",
            trigger: """{"s":"NY"}"""),
        Is.EqualTo("""{"product":"P1","sum":9,"again":"P1"}"""));

    [Test]
    public async Task JsonLogic_gives_the_outcome_of_each() => Assert.That(
        await ResultAsync(
            """{"id":"r","node_type":"jsonlogic","payload":{"data":{"age":"$.trigger.a","list":[1,2,3]},"rules":{"adult":{">=":[{"var":"age"},18]},"some":{"some":[{"var":"list"},{">":[{"var":""},2]}]},"cat":{"cat":["a",{"var":"list.1"}]},"if":{"if":[false,1,2]}}}}""",
            trigger: """{"a":20}"""),
        Is.EqualTo("""{"adult":true,"some":true,"cat":"a2","if":2}"""));

    [TestCase("rules", """{"rules":{"a":{"operator":"launch","input":[1]}}}""")]
    [TestCase("jsonlogic", """{"rules":{"a":{"launch":[1]}}}""")]
    [TestCase(
        "condition",
        """[{"condition":{"operator":"and","input":[true,{"operator":"launch","input":[1]}]},"outcome":"r"}]""")]
    [TestCase("rules", """{"rules":{"a":[{"condition":"@launch","outcome":1}]}}""")]
    [TestCase("jsonlogic", """{"rules":{"a":{"if":[true,{"launch":[1]}]}}}""")]
    public async Task An_unknown_operator_is_refused_before_the_run_starts(string type, string payload)
    {
        var topic = await Client.WorkflowAsync(
            Collection,
            Guid.NewGuid().ToString(),
            Config($$"""{"id":"r","node_type":"{{type}}","payload":{{payload}} }"""));
        var (run, publish) = (await RunAsync(
            $"/hub/workflows/{Collection}/{topic}/run?draft=true"), await Client.PublishAsync(Collection, topic));
        Assert.That((run.Status, run.Error), Is.EqualTo((400, "invalid rules: unknown operator \"launch\":r")));
        Assert.That((publish.Status, publish.Error), Is.EqualTo((400, "invalid rules: unknown operator \"launch\":r")));
    }

    [Test]
    public async Task An_operator_that_comes_by_a_reference_is_refused_when_the_step_runs() => Assert.That(
        (await RunAsync(
            await FlowAsync("""{"id":"r","node_type":"rules","payload":{"rules":"$.trigger.rules"} }"""),
            """{"rules":{"a":{"operator":"launch","input":[1]}}}""")).Error,
        Is.EqualTo("invalid rules: unknown operator \"launch\""));

    [TestCase(
        "[\"stringTemplate\",\"{0} of {state}, {name} {none}.\",{\"name\":\"Ada\"}]",
        "\"{\\u0022name\\u0022:\\u0022Ada\\u0022} of NY, Ada .\"")]
    [TestCase("[\"stringTemplate\",\"{0}-{1}\",1.5,[1,2]]", "\"1.5-[1,2]\"")]
    [TestCase("[\"numberFormat\",\"1234.565\",2,\",\"]", "\"1,234.57\"")]
    [TestCase("[\"numberFormat\",2.5]", "\"3\"")]
    [TestCase("[\"numberFormat\",\"x\",2]", "null")]
    [TestCase(
        "[\"dateFormat\",\"2026-03-07T14:05:09Z\",\"dddd D MMM YYYY [at] hh:mm A\"]",
        "\"Saturday 7 Mar 2026 at 02:05 PM\"")]
    [TestCase("[\"dateFormat\",\"2026-03-07T23:30:00-02:00\"]", "\"2026-03-08\"")]
    [TestCase("[\"jPath\",{\"operator\":\"split\",\"input\":[\"0.5 miles\",\" \"]},\"$.0\"]", "\"0.5\"")]
    [TestCase(
        "[\"jsonPath\",{\"operator\":\"jsonParse\",\"input\":[\"{\\\"a\\\":[{\\\"b\\\":1},{\\\"b\\\":2}]}\"]},\"$.a[*].b\"]",
        "[1,2]")]
    [TestCase("[\"jPath\",[1,2],\"$[5]\"]", "null")]
    [TestCase(
        "[\"jPath\",{\"operator\":\"generate-array\",\"input\":[[true,\"- a\"],[false,\"- b\"],[\"@fact:n\",\"- c\"]]},\"$[*]\",\"\\n\"]",
        "\"- a\\n- c\"")]
    [TestCase("[\"generateArray\",[false,1],[true,2],3]", "[2,3]")]
    [TestCase("[\"in\",\"@maria\",[\"$.trigger.handle\"]]", null)]
    public async Task An_operator_makes_texts_and_lists(string words, string? expected)
    {
        var operation = JsonNode.Parse(words)!.AsArray();
        var rule = new JsonObject
        {
            ["operator"] = operation[0]!.DeepClone(),
            ["input"] = new JsonArray([.. operation.Skip(1).Select(operand => operand?.DeepClone())])
        };
        var payload = new JsonObject
        {
            ["facts"] = new JsonObject { ["state"] = "NY", ["n"] = 7 },
            ["rules"] = new JsonObject { ["x"] = rule }
        };
        var flow = await FlowAsync(
            $$"""{"id":"r","node_type":"rules","payload":{{payload.ToJsonString()}} }""", "", "\"result\":\"$.r.x\"");
        var reply = await RunAsync(flow, """{"handle":"@maria"}""");
        Assert.That(reply.Status, Is.EqualTo(expected is null ? 400 : 200), reply.ToString());
        if (expected is not null)
        {
            Assert.That(reply.Json["result"]?.ToJsonString() ?? "null", Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task Rules_may_refer_to_later_ones_but_not_in_a_circle()
    {
        Assert.That(
            await ResultAsync(
                """{"id":"r","node_type":"rules","payload":{"rules":{"a":{"operator":"+","input":["@fact:b",1]},"b":2}}}"""),
            Is.EqualTo("""{"a":3,"b":2}"""));
        var circle = await RunAsync(
            await FlowAsync("""{"id":"r","node_type":"rules","payload":{"rules":{"a":"@fact:b","b":"@fact:a"}}}"""));
        Assert.That(circle.Error, Is.EqualTo("rules refer to each other in a circle, or too deeply"));
    }

    [Test]
    public async Task What_somebody_has_sent_is_no_operator_by_chance() => Assert.That(
        await ResultAsync(
            """{"id":"r","node_type":"rules","payload":{"rules":{"a":{"operator":"=","input":["$.trigger.handle","$.trigger.handle"]},"b":["$.trigger.handle"]}}}""",
            trigger: """{"handle":"@maria"}"""),
        Is.EqualTo("""{"a":true,"b":["@maria"]}"""));

    [TestCase(
        "rules",
        """{"facts":{"big":"$.trigger.big"},"rules":{"a":["@fact:big","@fact:big","@fact:big"]}}""",
        "a value is larger than 1 MiB")]
    [TestCase(
        "rules",
        """{"facts":{"list":"$.trigger.list"},"rules":{"a":{"operator":"hasOptions","input":["@fact:list","@fact:list"]}}}""",
        "a rule costs too much")]
    [TestCase(
        "rules",
        """{"facts":{"big":"$.trigger.big"},"rules":{"a":{"operator":"concat","input":["@fact:big","@fact:big","@fact:big"]}}}""",
        "a value is larger than 1 MiB")]
    [TestCase(
        "jsonlogic",
        """{"data":{"big":"$.trigger.big"},"rules":{"a":[{"cat":[{"var":"big"},1]},{"cat":[{"var":"big"},1]},{"cat":[{"var":"big"},1]}]}}""",
        "a value is larger than 1 MiB")]
    [TestCase(
        "jsonlogic",
        """{"data":{"list":"$.trigger.list"},"rules":{"a":{"map":[{"var":"list"},{"map":[[1,2,3,4,5],{"+":[1,1]}]}]}}}""",
        "a rule is too deep or too long")]
    public async Task Rules_are_bounded_in_what_they_cost(string type, string payload, string error)
    {
        var trigger =
            $$"""{"big":"{{new string('x', 400_000)}}","list":[{{string.Join(',', Enumerable.Range(0, 50_000))}}]}""";
        Assert.That((await RunAsync(
            await FlowAsync($$"""{"id":"r","node_type":"{{type}}","payload":{{payload}} }"""),
            trigger)).Error, Is.EqualTo(error));
    }

    [Test]
    public async Task Flows_start_flows_three_deep()
    {
        var subject =
            await PublishedAsync("""{"id":"r","node_type":"map","payload":{"n":"$.trigger.n"}}""", "\"result\":\"r\"");
        for (var depth = 0; depth < 2; depth++)
        {
            subject = await PublishedAsync(
                $$$"""{"id":"f","node_type":"flow","subject":"{{{subject}}}","await":true,"payload":{"n":"$.trigger.n"}},{"id":"r","node_type":"map","payload":["$.f"]}""",
                "\"result\":\"r\"",
                "f>r");
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
        await Client.UpdateWorkflowAsync(Collection, topic, "\"config\":" + Config(
            $$$"""{"id":"f","node_type":"flow","subject":"{{{subject}}}","await":true,"payload":{} }"""));
        await Client.PublishAsync(Collection, topic);
        var reply = await RunAsync($"/hub/workflows/{Collection}/{topic}/run");
        Assert.That(reply.Error, Does.EndWith("runs that start runs are nested more than 10 deep"));
    }

    [Test]
    public async Task A_flow_that_fails_fails_its_step()
    {
        var subject =
            await PublishedAsync("""{"id":"e","node_type":"error","payload":{"message":"no","status_code":418}}""");
        var reply = await RunAsync(
            await FlowAsync($$"""{"id":"f","node_type":"flow","subject":"{{subject}}","await":true,"payload":{} }"""));
        Assert.That(
            (reply.Status, reply.Error, (int?)reply.Json["status_code"]),
            Is.EqualTo((422, "the run that it has started failed: no", 418)));
    }

    [Test]
    public async Task A_delay_waits_and_a_schedule_does_not()
    {
        var subject = await PublishedAsync("""{"id":"r","node_type":"map","payload":"later"}""", "\"result\":\"r\"");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var reply =
            await RunAsync(
                await FlowAsync(
                    $$$"""{"id":"s","node_type":"schedule","payload":{"flow_subject":"{{{subject}}}","trigger":{},"trigger_in":"1s"}},{"id":"d","node_type":"delay","payload":{"time_ms":200}},{"id":"r","node_type":"map","payload":["$.s","$.d"]}""",
                    "s>d d>r",
                    "\"result\":\"$.s.trackingId\""));
        Assert.That(clock.ElapsedMilliseconds, Is.GreaterThanOrEqualTo(200));
        var scheduled = ((string)reply.Json["result"]!).Split('.')[3];
        Assert.That((string)(await ReadAsync(scheduled))["status"]!, Is.AnyOf("queued", "running", "succeeded"));
        Assert.That((string)(await UntilAsync(scheduled, "succeeded"))["result"]!, Is.EqualTo("later"));
    }

    [Test]
    public async Task A_paused_run_goes_on_with_the_answer()
    {
        var flow =
            await FlowAsync(
                """{"id":"ask","node_type":"human-in-the-loop","payload":{"message":"Approve |$.trigger.n|?"}},{"id":"r","node_type":"map","payload":"$.ask.decision"}""",
                "ask>r",
                "\"result\":\"r\"");
        var paused = await RunAsync(flow, """{"n":5}""");
        Assert.That((paused.Status, (bool)paused.Json["result"]![0]!["paused"]!), Is.EqualTo((200, true)));
        var run = ((string)paused.Json["trackingId"]!).Split('.')[3];
        Assert.That((string)(await ReadAsync(run))["steps"]![0]!["input"]!["message"]!, Is.EqualTo("Approve 5?"));
        Assert.That(
            (int)(await Client.CallAsync("GET", "/hub/workflows/paused")).Json["results_total"]!, Is.EqualTo(1));
        var answer = $$$"""{"run_id":"{{{run}}}","trigger":{"decision":"yes"},"await":true}""";
        Assert.That((await (await ClientAsync("monitor")).CallAsync(
            "POST", flow.Replace("?draft=true", "", StringComparison.Ordinal), answer)).Status, Is.EqualTo(403));
        var ended = await Client.CallAsync("POST", flow, answer);
        Assert.That((ended.Status, (string)ended.Json["result"]!), Is.EqualTo((200, "yes")), ended.ToString());
        Assert.That((await Client.CallAsync("POST", flow, answer)).Status, Is.EqualTo(409));
        Assert.That((await Client.CallAsync(
            "POST",
            flow,
            answer.Replace(run, Guid.NewGuid().ToString(), StringComparison.Ordinal))).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_failed_run_goes_on_from_the_step_that_failed()
    {
        Target.Answer = async context =>
        {
            context.Response.StatusCode = context.Request.Path == "/second"
                && Target.Requests.Count(request => request.Path == "/second") == 1 ? 500 : 200;
            await context.Response.WriteAsync("ok");
        };
        var flow = await FlowAsync(
            $$"""{"id":"a","node_type":"http","payload":{"url":"{{Target.Url}}/first"} },{"id":"b","node_type":"http","payload":{"url":"{{Target.Url}}/second"} }""",
            "a>b",
            "\"result\":\"$.b.data\"");
        var failed = await RunAsync(flow);
        Assert.That(
            (failed.Status, failed.Error, (string)failed.Json["node"]!),
            Is.EqualTo((422, "the answer has status 500", "b")));
        var run = ((string)failed.Json["trackingId"]!).Split('.')[3];
        Assert.That(
            (await (await ClientAsync("monitor")).CallAsync("POST", $"/hub/workflows/runs/{run}/retry")).Status,
            Is.EqualTo(403));
        Assert.That((await Client.CallAsync("POST", $"/hub/workflows/runs/{run}/retry")).Status, Is.EqualTo(200));
        Assert.That((string)(await UntilAsync(run, "succeeded", "failed"))["result"]!, Is.EqualTo("ok"));
        Assert.That(
            (Target.Requests.Count(request => request.Path == "/first"), (await Client.CallAsync(
                "POST", $"/hub/workflows/runs/{run}/retry")).Status),
            Is.EqualTo((1, 409)));
    }

    [Test]
    public async Task Ordered_runs_follow_each_other_and_debounced_ones_become_one()
    {
        var ordered = await FlowAsync(
            """{"id":"d","node_type":"delay","payload":{"time_ms":30}}""",
            "",
            "\"options\":{\"run_type\":\"ordered\",\"order_on\":\"$.trigger.k\"}");
        for (var i = 0; i < 4; i++)
        {
            var reply = await Client.CallAsync("POST", ordered, """{"trigger":{"k":"a"}}""");
            Assert.That((reply.Status, reply.Text), Is.EqualTo((200, "\"ordered run: a\"")));
        }

        Assert.That(
            (await Client.CallAsync("POST", ordered, """{"trigger":{}}""")).Error,
            Is.EqualTo("failed to resolve orderOn"));
        var debounced = await FlowAsync(
            """{"id":"r","node_type":"map","payload":"$.trigger.n"}""",
            "",
            "\"result\":\"r\",\"options\":{\"run_type\":\"debounced\",\"debounce_on\":\"{trigger.k}\",\"debounce_time\":1000,\"debounce_max\":5000}");
        var replies = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(i => Client.CallAsync("POST", debounced, $$$"""{"trigger":{"k":"c-17","n":{{{i}}}}}""")));
        Assert.That(replies.Select(reply => reply.Text).Distinct(), Is.EqualTo(new[] { "\"debounced run: c-17\"" }));
        var last = await Client.CallAsync("POST", debounced, """{"trigger":{"k":"c-17","n":99}}""");
        var read = await UntilAsync(last.Location!.Split('/')[^1], "succeeded");
        Assert.That((int)read["result"]!, Is.EqualTo(99), "The last trigger of the burst.");
        var runs = new List<JsonNode>();
        for (var wait = 0; runs.Count(run => (string)run["status"]! == "succeeded") < 5; wait++)
        {
            Assert.That(wait, Is.LessThan(200), string.Join('\n', runs));
            await Task.Delay(50);
            runs = [.. (await Client.CallAsync("GET", "/hub/workflows/runs")).Json["results"]!
                .AsArray()
                .Select(run => run!)];
        }

        Assert.That(runs, Has.Count.EqualTo(5), "One of the burst.");
        var inOrder = runs.Where(run => (string)run["run_id"]! != (string)read["run_id"]!)
            .Reverse()
            .Select(run => (Started: (DateTimeOffset)run["started"]!, Ended: (DateTimeOffset)run["ended"]!))
            .ToList();
        Assert.That(
            inOrder.Zip(inOrder.Skip(1)).All(pair => pair.First.Ended <= pair.Second.Started), string.Join('\n', runs));
    }

    private async Task<string> PublishedAsync(string nodes, string more = "", string edges = "")
    {
        var topic = await Client.WorkflowAsync(Collection, Guid.NewGuid().ToString(), Config(nodes, edges, more));
        Assert.That((await Client.PublishAsync(Collection, topic)).Status, Is.EqualTo(200));
        return $"ms.hub.config.workflow.{Collection}.{topic}";
    }
}
