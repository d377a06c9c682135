using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Steps that evaluate code, and those that the operator's functions carry out.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CodeStepTests(DatabaseProvider engine) : RunFixture(engine)
{
    protected override string[] MoreSettings => [$"--Runs:Functions:Url={Target.Url}/functions/"];

    [SetUp]
    public void AnswerAsEver() => Target.Answer = Target.Echo;

    private Task<string> EvaluateAsync(string code, string values, string trigger = "{}", string more = "") =>
        ResultAsync(
            $$"""{"id":"r","node_type":"eval","payload":{"code":{{JsonValue.Create(code).ToJsonString()}},"params":{{values}} }{{more}} }""",
            trigger: trigger);

    [Test]
    public async Task Code_sees_its_params_alone_and_is_taken_as_it_is()
    {
        Assert.That(
            await EvaluateAsync(
                "[name + '$.trigger.n', '{trigger.n}', typeof trigger, typeof $, n * 2, gone]",
                """{"name":"Ms |$.trigger.name","n":"$.trigger.n","gone":"$.trigger.none"}""",
                """{"name":"Ada","n":4}"""),
            Is.EqualTo("""["Ms Ada$.trigger.n","{trigger.n}","undefined","undefined",8,[]]"""));
    }

    [Test]
    public async Task Code_has_the_step_s_answer_flattened_and_reshaped()
    {
        Assert.That(
            await EvaluateAsync("[[1], [2, 3]]", "{}", more: ",\"options\":{\"flat_map\":true}"),
            Is.EqualTo("[1,2,3]"));
        Assert.That(await EvaluateAsync(
            "({ a: { b: 1 } })",
            "{}",
            more: ",\"response_map\":{\"x\":\"$.a.b\",\"all\":\"$\",\"run\":\"$.trigger.t\"}",
            trigger: "{\"t\":2}"), Is.EqualTo("""{"x":1,"all":{"a":{"b":1}},"run":2}"""));
        Assert.That(
            await EvaluateAsync("7", "{}", more: ",\"response_map\":{}"), Is.EqualTo("7"), "An empty map is none.");
    }

    [TestCase("throw new Error('no')", "the code failed: Error: no (line 1, column 7)")]
    [TestCase("while (true);", "the code took longer than a second")]
    public async Task Code_that_fails_fails_its_step(string code, string error)
    {
        var reply = await RunAsync(
            await FlowAsync($$"""{"id":"bad","node_type":"eval","payload":{"code":"{{code}}","params":{} } }"""));
        Assert.That((reply.Status, reply.Error, (string?)reply.Json["node"]), Is.EqualTo((422, error, "bad")));
    }

    [TestCase("""{"params":{}}""", "code must be a text:r")]
    [TestCase("""{"code":1}""", "code must be a text:r")]
    [TestCase("\"x\"", "code must be a text:r")]
    [TestCase("""{"code":"1","params":[1]}""", "params must be an object:r")]
    [TestCase(
        """{"code":"1","params":{"k":"SECRET::K::"}}""",
        "SECRET:: is not supported: use an integration node with oauth:r")]
    public async Task A_payload_that_is_no_code_is_refused_before_the_run_starts(
        string payload, string error) => Assert.That(
        (await RunAsync(
            await FlowAsync($$"""{"id":"r","node_type":"eval","payload":{{payload}} }"""))).Error, Is.EqualTo(error));

    [Test]
    public async Task Code_that_is_no_text_is_refused_before_the_run_starts()
    {
        const string config =
            """{"nodes":[{"data":{"id":"r","node_type":"eval","payload":{"code":"\ud800"}}}],"edges":[]}""";
        var flow =
            $"/hub/workflows/{Collection}/{await Client.WorkflowAsync(Collection, Guid.NewGuid().ToString(), config)}/run?draft=true";
        Assert.That((await RunAsync(flow)).Error, Is.EqualTo("code must be valid Unicode:r"));
    }

    [Test]
    public async Task Many_slow_codes_do_not_keep_a_run_from_being_cancelled()
    {
        var nodes =
            string.Join(
                ',', Enumerable.Range(0, 60)
                    .Select(
                        i =>
                            $$"""{"id":"n{{i}}","node_type":"eval","payload":{"code":"const t = Date.now(); while (Date.now() - t < 300);","params":{} } }"""));
        var run = await StartAsync(await FlowAsync(nodes));
        await Task.Delay(1000);
        Assert.That((await Client.CallAsync("POST", $"/hub/workflows/runs/{run}/cancel")).Status, Is.EqualTo(200));
        var read = await ReadAsync(run);
        Assert.That((string)read["status"]!, Is.EqualTo("cancelled"));
        Assert.That(
            read["steps"]!.AsArray().Count(step => (string)step!["status"]! == "succeeded"),
            Is.InRange(1, 50),
            "What was done is recorded, and the rest is left.");
    }

    private static string Function(string more = "", string subject = "quiva-function.score") =>
        $$"""{"id":"f","node_type":"function","subject":"{{subject}}","payload":{"n":"$.trigger.n"}{{more}} }""";

    [Test]
    public async Task A_function_is_called_at_the_operator_s_url()
    {
        Target.Answer = context => context.Response.WriteAsJsonAsync(new { score = 0.5 });
        var reply = await RunAsync(await FlowAsync(Function(), "", "\"result\":\"f\""), """{"n":1.50}""");
        Assert.That(reply.Json["result"]!.ToJsonString(), Is.EqualTo("""{"score":0.5}"""), reply.ToString());
        var sent = Target.Requests.Last();
        Assert.That(
            (sent.Path, sent.Body, sent.Headers["X-Gateway-Account"].ToString()),
            Is.EqualTo(("/functions/quiva-function.score", """{"n":1.50}""", Account)));
        Assert.That(sent.Headers["Idempotency-Key"].ToString(), Is.EqualTo(reply.Location!.Split('/')[^1] + ":f"));
        Assert.That(sent.Headers.Authorization.ToString(), Is.Empty);
    }

    [TestCase("a/../../b", "/functions/a%2F..%2F..%2Fb")]
    [TestCase("x?y#z", "/functions/x%3Fy%23z")]
    [TestCase("@evil.example", "/functions/%40evil.example")]
    [TestCase("$.trigger.n", "/functions/%24.trigger.n")]
    public async Task A_subject_is_one_part_of_the_path(string subject, string path)
    {
        Assert.That((await RunAsync(await FlowAsync(Function(subject: subject)))).Status, Is.EqualTo(200));
        Assert.That(
            System.Web.HttpUtility.UrlDecode(Target.Requests.Last().Path),
            Is.EqualTo(System.Web.HttpUtility.UrlDecode(path)));
    }

    [TestCase("..")]
    [TestCase(".")]
    public async Task A_subject_that_is_no_part_of_a_path_is_refused(string subject) =>
        Assert.That(
            (await RunAsync(await FlowAsync(Function(subject: subject)))).Error,
            Is.EqualTo("the subject names no function"));

    [Test]
    public async Task A_function_that_fails_is_tried_again_ignored_or_fails()
    {
        var calls = 0;
        Target.Answer = context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref calls) % 2 == 1 ? 503 : 200;
            return context.Response.WriteAsync("text");
        };
        Assert.That(
            (string)(await RunAsync(
                await FlowAsync(Function(",\"options\":{\"attempts\":2}"), "", "\"result\":\"f\""))).Json["result"]!,
            Is.EqualTo("text"));
        Assert.That(
            (string)(await RunAsync(await FlowAsync(
                Function(",\"options\":{\"ignore_response_codes\":[503]}"), "", "\"result\":\"f\""))).Json[
                "result"]!,
            Is.EqualTo("text"));
        calls = 0;
        var failed = await RunAsync(await FlowAsync(Function()));
        Assert.That(
            (failed.Status, failed.Error, (int)failed.Json["status_code"]!),
            Is.EqualTo((422, "the answer has status 503", 503)));
    }

    [Test]
    public async Task Without_the_operator_s_url_functions_are_refused_before_they_start()
    {
        await using var app = await GatewayApp.StartAsync(App.TestDatabase, settings: Settings);
        using var client = await app.ClientAsync(Account, "developer");
        var flow =
            await FlowAsync(
                Function()
                + ",{\"id\":\"m\",\"node_type\":\"map\",\"payload\":1},{\"id\":\"g\",\"node_type\":\"function\",\"subject\":\"x\",\"payload\":1}");
        var reply = await RunAsync(flow, client: client);
        Assert.That((reply.Status, reply.Error), Is.EqualTo((400, "this gateway cannot run function nodes:f,g")));
    }
}
