using System.Text.Json.Nodes;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Workflows run: what goes in, which steps run, and what comes out.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunTests(DatabaseProvider engine) : RunFixture(engine)
{
    [TestCase("\"$.trigger.a\"", "1.10", TestName = "A number is copied byte for byte")]
    [TestCase("\"$.trigger.t\"", "\"h\\u00e9\"")]
    [TestCase("\"x|$.trigger.a|-|$.trigger.t|\"", "\"x1.10-h\\u00e9\"")]
    [TestCase("\"{trigger.a}\"", "1.10")]
    [TestCase("\"{{trigger.list[1]}}\"", "2")]
    [TestCase("\"is {trigger.a}, {{trigger.t}}\"", "\"is 1.10, h\\u00e9\"")]
    [TestCase("\"{nobody.x} {\"", "\"{nobody.x} {\"", TestName = "Braces around no name are text")]
    [TestCase("\"$.trigger.none\"", "[]")]
    [TestCase("\"{trigger.none}\"", "[]")]
    [TestCase("\"$.trigger['x-url']\"", "\"u\"")]
    [TestCase("\"$.trigger..deep\"", "[1,2]")]
    [TestCase("\"$.trigger.list[*]\"", "[1,2]")]
    [TestCase("\"$.static.s\"", "{\"k\":1.0}")]
    [TestCase("{\"a\":[\"$.trigger.a\",true,null]}", "{\"a\":[1.10,true,null]}")]
    [TestCase("\"$.env.auth_token\"", "[]", TestName = "The caller's credential is nowhere")]
    [TestCase("\"$.env.headers\"", "{\"content-type\":\"application/json; charset=utf-8\"}")]
    public async Task A_reference_becomes_what_it_names(string payload, string expected)
    {
        const string trigger = """{"a":1.10,"t":"hé","x-url":"u","list":[1,2],"o":{"deep":1,"p":[{"deep":2}]}}""";
        var reply = await RunAsync(await FlowAsync(
            $$"""{"id":"r","node_type":"map","payload":{{payload}}}""",
            "",
            """ "static":{"s":{"k":1.0}},"result":"r" """), trigger);
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        var result = reply.Text[(reply.Text.IndexOf("\"result\":", StringComparison.Ordinal) + 9)..^1];
        Assert.That(result.Replace("é", "\\u00e9", StringComparison.Ordinal), Is.EqualTo(expected));
    }

    private const string Branches = """
        {"id":"c","node_type":"condition","payload":[{"condition":{"operator":">","input":["$.trigger.n",3]},"outcome":"p"},{"condition":{"operator":"=","input":["$.trigger.n",0]},"outcome":["q","s"]},{"condition":{"operator":"=","input":["$.trigger.n",1]},"outcome":"RESOLVE_SUCCESS"},{"condition":{"operator":"=","input":["$.trigger.n",2]},"outcome":"RESOLVE_ERROR"}]},
        {"id":"p","node_type":"map","payload":"p"},{"id":"q","node_type":"map","payload":"q"},{"id":"s","node_type":"map","payload":"s"},
        {"id":"r","node_type":"map","payload":["$.p","$.q","$.s"]}
        """;

    [TestCase(5, "[\"p\",[],[]]")]
    [TestCase(0, "[[],\"q\",\"s\"]")]
    [TestCase(1, "[]")]
    public async Task A_condition_takes_the_first_branch_that_holds(int n, string expected) =>
        Assert.That(
            await ResultAsync(Branches, "c>p c>q p>r q>r s>r", trigger: $$"""{"n":{{n}}}"""), Is.EqualTo(expected));

    [TestCase(2, "the workflow ended with an error")]
    [TestCase(3, "failed to determine next steps")]
    public async Task A_condition_that_fails_fails_the_run(int n, string expected)
    {
        var reply = await RunAsync(await FlowAsync(Branches, "c>p c>q p>r q>r s>r"), $$"""{"n":{{n}}}""");
        Assert.That((reply.Status, reply.Error, (string?)reply.Json["node"]), Is.EqualTo((422, expected, "c")));
    }

    [TestCase("{trigger.a} == true", "true", "[\"y\",[]]")]
    [TestCase("{trigger.a} == true", "false", "[[],\"n\"]")]
    [TestCase("{trigger.a} >= 5 && $.trigger.a != 7", "6", "[\"y\",[]]")]
    [TestCase("{trigger.a} == 'x' || {trigger.a} == 'z'", "\"z\"", "[\"y\",[]]")]
    [TestCase("{trigger.a}", "[]", "[[],\"n\"]")]
    public async Task A_condition_in_the_published_dialect_takes_a_side(
        string condition, string value, string expected) => Assert.That(
        await ResultAsync(
            $$"""{"id":"c","node_type":"condition","payload":{"condition":"{{condition}}"} },{"id":"y","node_type":"map","payload":"y"},{"id":"n","node_type":"map","payload":"n"},{"id":"r","node_type":"map","payload":["{y}","{n}"]}""",
            "c:true:y c:false:n y>r n>r",
            trigger: $$"""{"a":{{value}}}"""),
        Is.EqualTo(expected));

    [Test]
    public async Task A_step_behind_skipped_branches_only_is_skipped_too()
    {
        var flow =
            await FlowAsync(Branches + ",{\"id\":\"z\",\"node_type\":\"map\",\"payload\":1}", "c>p c>q p>r q>z s>r");
        var run = await StartAsync(flow, """{"n":5}""");
        var read = await UntilAsync(run, "succeeded");
        Assert.That(
            read["steps"]!.AsArray().Select(step => $"{step!["node"]} {step["status"]}"),
            Is.EqualTo(new[] { "c succeeded", "p succeeded", "q skipped", "s skipped", "r succeeded", "z skipped" }));
    }

    [Test]
    public async Task Without_a_result_it_is_the_log_of_the_steps()
    {
        var reply =
            await RunAsync(
                await FlowAsync(
                    """{"id":"t","node_type":"trigger","payload":{}},{"id":"k","node_type":"static","payload":{"x":"$.no"}},{"id":"m","payload":"$.static.x"}""",
                    "t>k k>m"));
        Assert.That(
            reply.Json["result"]!.ToJsonString(),
            Is.EqualTo(
                """[{"id":"k","node_type":"static","status":"succeeded","output":{"x":"$.no"}},{"id":"m","node_type":null,"status":"succeeded","output":"$.no"}]"""));
    }

    [Test]
    public async Task A_result_can_be_a_template() =>
        Assert.That(await ResultAsync(
            """{"id":"a","node_type":"map","payload":[[1,2],[3]],"options":{"flat_map":true}}""",
            result: """{"x":"$.a","y":"n |$.trigger.b"}""",
            trigger: """{"b":7}"""), Is.EqualTo("""{"x":[1,2,3],"y":"n 7"}"""));

    [Test]
    public async Task An_error_step_ends_the_run_with_its_own_words()
    {
        var reply =
            await RunAsync(
                await FlowAsync(
                    """{"id":"e","node_type":"error","payload":{"status_code":409,"message":"Claim |$.trigger.id| is closed"}}"""),
                """{"id":"CL-1"}""");
        Assert.That(
            (reply.Status, reply.Error, (int?)reply.Json["status_code"]),
            Is.EqualTo((422, "Claim CL-1 is closed", 409)));
        Assert.That(reply.Location, Does.StartWith("/hub/workflows/runs/"));
    }

    [TestCase("{}", 400, "no trigger specified")]
    [TestCase("""{"trigger":{},"triggers":[{}]}""", 400, "Send either trigger or triggers.")]
    [TestCase("""{"triggers":[]}""", 400, "triggers must have at least 1 items.")]
    [TestCase("""{"trigger":[]}""", 400, null)]
    public async Task A_run_needs_a_trigger(string body, int status, string? error)
    {
        var reply = await Client.CallAsync("POST", await FlowAsync("""{"id":"a","payload":1}"""), body);
        Assert.That(reply.Status, Is.EqualTo(status));
        Assert.That(reply.Error, error is null ? Is.Not.Empty : Is.EqualTo(error));
    }

    [Test]
    public async Task What_cannot_run_is_refused_before_it_starts()
    {
        var agent = await FlowAsync(
            """{"id":"writer","node_type":"agent","payload":{}},{"id":"poet","node_type":"agent","payload":{}}""");
        Assert.That((await RunAsync(agent)).Error, Is.EqualTo("this gateway cannot run agent nodes:writer,poet"));
        var bare = await Client.CreateWorkflowAsync(Collection, "bare");
        var topic = ((string)bare.Json["subject"]!).Split('.')[^1];
        Assert.That(
            (await RunAsync($"/hub/workflows/{Collection}/{topic}/run?draft=true")).Error,
            Is.EqualTo("missing configuration"));
        await Client.UpdateWorkflowAsync(Collection, topic, "\"config\":{\"nodes\":[]}");
        Assert.That(
            (await RunAsync($"/hub/workflows/{Collection}/{topic}/run?draft=true")).Error,
            Is.EqualTo("nodes are required"));
        await Client.UpdateWorkflowAsync(Collection, topic, "\"archived\":true");
        Assert.That(
            (await RunAsync($"/hub/workflows/{Collection}/{topic}/run?draft=true")).Error,
            Is.EqualTo("cannot run an archived flow"));
        Assert.That(
            (await RunAsync($"/hub/workflows/{Collection}/{topic}/run")).Status,
            Is.EqualTo(404),
            "There is no published version.");
        Assert.That((await RunAsync("/hub/workflows/1/1/run")).Error, Is.EqualTo("workflow not found"));
    }

    [TestCase(
        "\"{a.ok ? 'x' : 'y'}\"",
        "a choice with ? and : is not supported in a reference: use a condition or an eval node:m")]
    [TestCase("{\"k\":\"SECRET::KEY::\"}", "SECRET:: is not supported: use an integration node with oauth:m")]
    public async Task What_no_run_would_do_as_meant_is_refused_at_publish(string payload, string expected)
    {
        var topic = await Client.WorkflowAsync(
            Collection,
            "flow",
            Config($$"""{"id":"a","payload":{} },{"id":"m","node_type":"map","payload":{{payload}} }"""));
        var reply = await Client.PublishAsync(Collection, topic);
        Assert.That((reply.Status, reply.Error), Is.EqualTo((400, expected)));
    }

    [Test]
    public async Task Several_triggers_start_a_run_each()
    {
        var flow = await FlowAsync("""{"id":"a","node_type":"map","payload":"$.trigger.n"}""", "", "\"result\":\"a\"");
        var reply = await Client.CallAsync("POST", flow, """{"triggers":[{"n":1},{"n":2},{"n":3}],"await":true}""");
        Assert.That(reply.Json["runs"]!.AsArray().Select(run => (int)run!["result"]!), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(reply.Location, Is.Null);
    }

    [Test]
    public async Task A_repeated_key_is_answered_with_the_first_run()
    {
        var flow = await FlowAsync("""{"id":"a","node_type":"map","payload":"$.trigger.n"}""", "", "\"result\":\"a\"");
        using var client = App.Client(
            headers => headers.Add("X-Api-Key", App.KeyAsync(Account, ["developer"]).GetAwaiter().GetResult()));
        client.DefaultRequestHeaders.Add("Idempotency-Key", "claim-1");
        var replies =
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RunAsync(flow, """{"n":1}""", client: client)));
        Assert.That(
            replies.Select(reply => reply.Text).Distinct().Count(),
            Is.EqualTo(1),
            string.Join('\n', replies.Select(reply => reply.ToString())));
        var other = await RunAsync(flow, """{"n":2}""", client: client);
        Assert.That(
            (other.Status, other.Error), Is.EqualTo((409, "This Idempotency-Key was used for another request.")));
        Assert.That(
            (await Client.CallAsync("GET", "/hub/workflows/runs")).Json["results"]!.AsArray().Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Outputs_of_a_successful_run_go_unless_its_log_was_asked_for()
    {
        var flow = await FlowAsync("""{"id":"a","node_type":"map","payload":"$.trigger.n"}""", "", "\"result\":\"a\"");
        var silent = await UntilAsync(await StartAsync(flow, """{"n":1}"""), "succeeded");
        Assert.That(
            (silent["trigger"], silent["steps"]![0]!["output"], (int)silent["result"]!),
            Is.EqualTo(((JsonNode?)null, (JsonNode?)null, 1)));
        var logged = await UntilAsync(await StartAsync(flow, """{"n":1}""", ",\"enable_log\":true"), "succeeded");
        Assert.That(((int)logged["trigger"]!["n"]!, (int)logged["steps"]![0]!["output"]!), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task A_thousand_steps_side_by_side_and_five_hundred_in_a_row_run()
    {
        var side = string.Join(
            ',', Enumerable.Range(0, 1000).Select(i => $$"""{"id":"n{{i}}","node_type":"map","payload":"$.a"}"""));
        Assert.That(
            await ResultAsync(
                """{"id":"a","node_type":"map","payload":1},{"id":"r","node_type":"map","payload":["$.n0","$.n999"]},"""
                + side,
                string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"a>n{i} n{i}>r"))),
            Is.EqualTo("[1,1]"));
        var row = string.Join(',', Enumerable.Range(0, 500)
            .Select(i => $$"""{"id":"n{{i}}","node_type":"map","payload":{{(i == 0 ? "1" : $"\"$.n{i - 1}\"")}}}"""));
        Assert.That(await ResultAsync(
            row,
            string.Join(' ', Enumerable.Range(1, 499).Select(i => $"n{i - 1}>n{i}")),
            "\"n499\""), Is.EqualTo("1"));
    }
}
