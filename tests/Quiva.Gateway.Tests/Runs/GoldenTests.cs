using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Contract;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// Workflows as files, with what comes of them (<c>Golden/*.json</c>): every type of step, both dialects, joins, flows
/// three deep. And the examples of the contract, run as they are published.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class GoldenTests(DatabaseProvider engine) : RunFixture(engine)
{
    private const string Prefix = "golden/";

    protected override string[] MoreSettings => [$"--Runs:Functions:Url={Target.Url}/functions"];

    public static IEnumerable<string> Files => typeof(GoldenTests).Assembly
        .GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    [SetUp]
    public void AnswerAsWritten() => Target.Answer = async context =>
    {
        var path = context.Request.Path.Value!;
        if (path.StartsWith("/status/", StringComparison.Ordinal))
        {
            context.Response.StatusCode = int.Parse(path[8..], System.Globalization.CultureInfo.InvariantCulture);
            return;
        }

        var body = Target.Requests.Last(request => request.Path.StartsWith(path, StringComparison.Ordinal)).Body;
        if (path.StartsWith("/functions/", StringComparison.Ordinal))
        {
            var sent = JsonNode.Parse(body)!;
            await context.Response.WriteAsJsonAsync(
                sent["pages"] ?? new JsonObject { ["called"] = path, ["with"] = sent.DeepClone() });
            return;
        }

        var word = context.Request.Headers["X-Word"].ToString();
        await context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["path"] = path + context.Request.QueryString + (word.Length == 0 ? "" : "&h=" + word),
            ["body"] = body.Length == 0 ? null : JsonNode.Parse(body)
        });
    };

    [TestCaseSource(nameof(Files))]
    public async Task A_workflow_comes_to_what_is_written(string file)
    {
        using var stream = typeof(GoldenTests).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = (await reader.ReadToEndAsync()).Replace("TARGET", Target.Url, StringComparison.Ordinal);
        foreach (var (name, config) in JsonNode.Parse(text)!["flows"]?.AsObject().ToList() ?? [])
        {
            text = text.Replace(
                "FLOW:" + name,
                await PublishedAsync(JsonNode.Parse(text)!["flows"]![name]!.ToJsonString()),
                StringComparison.Ordinal);
        }

        var golden = JsonNode.Parse(text)!;
        var flow =
            $"/hub/workflows/{Collection}/{await Client.WorkflowAsync(Collection, Guid.NewGuid().ToString(), golden["config"]!.ToJsonString())}/run?draft=true";
        var reply = await RunAsync(flow, golden["trigger"]!.ToJsonString(), ",\"enable_log\":true");
        if (golden["refused"] is { } refused)
        {
            Assert.That((reply.Status, reply.Error), Is.EqualTo((400, (string)refused!)));
            return;
        }

        foreach (var answer in golden["answers"]?.AsArray() ?? [])
        {
            Assert.That(
                reply.Json["result"]!.AsArray().Count(step => (bool?)step!["paused"] == true),
                Is.EqualTo(1),
                reply.ToString());
            reply = await Client.CallAsync(
                "POST",
                flow,
                $$"""{"run_id":"{{reply.Location!.Split('/')[^1]}}","trigger":{{answer!.ToJsonString()}},"await":true}""");
        }

        if (golden["error"] is { } error)
        {
            Assert.That(
                (reply.Status, reply.Error, (string?)reply.Json["node"], (int?)reply.Json["status_code"]),
                Is.EqualTo((422, (string?)error, (string?)golden["node"], (int?)golden["status_code"])));
        }
        else
        {
            Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
            Assert.That(reply.Json["result"]!.ToJsonString(), Is.EqualTo(golden["result"]!.ToJsonString()));
        }

        var steps = (await ReadAsync(reply.Location!.Split('/')[^1]))["steps"]!
            .AsArray()
            .ToDictionary(step => (string)step!["node"]!, step => step!);
        Assert.That(
            golden["steps"]?.AsObject().Select(step => $"{step.Key} {steps[step.Key]["status"]}") ?? [],
            Is.EqualTo(golden["steps"]?.AsObject().Select(step => $"{step.Key} {step.Value}") ?? []));
        Assert.That(
            golden["attempts"]?.AsObject().Select(step => (int)steps[step.Key]["attempts"]!) ?? [],
            Is.EqualTo(golden["attempts"]?.AsObject().Select(step => (int)step.Value!) ?? []));
    }

    [TestCase(
        "createWorkflow",
        "twoSteps",
        """{"claim":{"id":"CL-1"}}""",
        """{"called":"/functions/quiva-function.score-claim","with":{"input":{"claim":{"id":"CL-1"}}}}""")]
    [TestCase("createWorkflow", "debounced", """{"customer":"c-17"}""", """{"customer":"c-17"}""")]
    [TestCase("updateWorkflow", "newGraph", null, null)]
    public async Task An_example_of_the_contract_runs(string operation, string example, string? trigger, string? result)
    {
        var body = new ContractDocument(CheckedIn.Contract).Operations.Single(one => one.Name == operation).Body!;
        var config = body["content"]!["application/json"]!["examples"]![example]!["value"]!["config"]!.ToJson()!;
        var topic = await Client.WorkflowAsync(Collection, Guid.NewGuid().ToString(), config.ToJsonString());
        Assert.That((await Client.PublishAsync(Collection, topic)).Status, Is.EqualTo(200));
        var reply = await RunAsync(
            $"/hub/workflows/{Collection}/{topic}/run", trigger ?? """{"claim":{"amount":1},"customer":"c"}""");
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        var run = await UntilAsync(reply.Location!.Split('/')[^1], "succeeded", "failed");
        Assert.That((string)run["status"]!, Is.EqualTo("succeeded"), run.ToJsonString());
        if (result is not null)
        {
            Assert.That(run["result"]!.ToJsonString(), Is.EqualTo(result));
        }
    }

    private async Task<string> PublishedAsync(string config)
    {
        var topic = await Client.WorkflowAsync(Collection, Guid.NewGuid().ToString(), config);
        Assert.That((await Client.PublishAsync(Collection, topic)).Status, Is.EqualTo(200));
        return $"ms.hub.config.workflow.{Collection}.{topic}";
    }
}
