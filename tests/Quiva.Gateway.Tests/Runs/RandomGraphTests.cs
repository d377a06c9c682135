using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// Random graphs end as a simple interpreter says. <c>GATEWAY_TEST_GRAPHS=500</c> tries so many;
/// <c>GATEWAY_TEST_SEED</c> begins elsewhere. The shortest graph that is found to fail is printed.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RandomGraphTests(DatabaseProvider engine) : RunFixture(engine)
{
    private const int MostAttempts = 200;
    private static readonly int Graphs = NumberOf("GATEWAY_TEST_GRAPHS", 40), Seed = NumberOf("GATEWAY_TEST_SEED", 1);

    private static int NumberOf(string variable, int otherwise) => int.TryParse(
        Environment.GetEnvironmentVariable(variable),
        CultureInfo.InvariantCulture,
        out var number) ? number : otherwise;

    [Test]
    public async Task Random_graphs_end_as_the_model_says()
    {
        Target.Answer = context =>
        {
            context.Response.StatusCode = int.TryParse(
                context.Request.Path.Value!.Split('/')[1], CultureInfo.InvariantCulture, out var status) ? status : 200;
            return context.Response.WriteAsJsonAsync(new { path = context.Request.Path.Value });
        };
        var endings = new Dictionary<string, int>();
        for (var seed = Seed; seed < Seed + Graphs; seed++)
        {
            var graph = GraphModel.Random(new Random(seed));
            var (status, fault) = await TryAsync(graph);
            endings[status] = endings.GetValueOrDefault(status) + 1;
            if (fault is not null)
            {
                var (smallest, words) = await ShrinkAsync(graph, fault);
                Assert.Fail($"Seed {seed}: {words}\n{smallest.Config(Target.Url)}");
            }
        }

        TestContext.Out.WriteLine(string.Join(", ", endings.Select(ending => $"{ending.Value} {ending.Key}")));
        Assert.That(endings.Keys, Is.EquivalentTo(new[] { "succeeded", "failed" }), "Some of each.");
    }

    private async Task<(GraphModel Graph, string Fault)> ShrinkAsync(GraphModel graph, string fault)
    {
        for (var (attempts, isSmaller) = (0, true); isSmaller;)
        {
            isSmaller = false;
            foreach (var smaller in graph.Smaller().TakeWhile(_ => attempts++ < MostAttempts))
            {
                if (await TryAsync(smaller) is (_, { } still))
                {
                    (graph, fault, isSmaller) = (smaller, still, true);
                    break;
                }
            }
        }

        return (graph, fault);
    }

    private async Task<(string Status, string? Fault)> TryAsync(GraphModel graph)
    {
        var flow =
            $"/hub/workflows/{Collection}/{await Client.WorkflowAsync(Collection, Guid.NewGuid().ToString(), graph.Config(Target.Url))}/run?draft=true";
        var reply = await RunAsync(flow, """{"one":1}""", ",\"enable_log\":true");
        if (reply.Status is not (200 or 422))
        {
            return ("", reply.ToString());
        }

        var run = await ReadAsync(reply.Location!.Split('/')[^1]);
        var status = (string)run["status"]!;
        var steps = run["steps"]!.AsArray().ToDictionary(step => (string)step!["node"]!, step => step!);
        var expected = graph.Interpret(goesOn: false);
        var all = graph.Interpret(goesOn: true);

        // What of several endings comes first is open when steps call outside or wait.
        if (all.Endings.Count > 0 && graph.Nodes.Any(node => node.IsOuter || node.Step == ModelStep.Delay))
        {
            var strangers = steps.Where(step => (string)step.Value["status"]! is "succeeded" or "failed"
                && all.Statuses.GetValueOrDefault(step.Key) is not ("succeeded" or "failed")).ToList();
            return (status, strangers.Count > 0 ? $"{strangers[0].Key} ran" : all.Endings.Contains(status)
                ? null
                : $"the run has {status}");
        }

        var ending = expected.Endings.Count > 0 ? expected.Endings[0] : "succeeded";
        if (status != ending)
        {
            return (status, $"the run has {status} and not {ending}: {run.ToJsonString()}");
        }

        foreach (var node in graph.Nodes)
        {
            var (was, should) =
                ((string)steps[node.Id]["status"]!, expected.Statuses.GetValueOrDefault(node.Id, "skipped"));
            var (output, value) = (steps[node.Id][
                "output"]?.ToJsonString(), should == "succeeded" ? expected.Outputs[node.Id].ToJsonString() : null);
            if (was != should || output != value)
            {
                return (status, $"{node.Id} is {was} {output} and not {should} {value}");
            }
        }

        return (status, null);
    }
}
