using Microsoft.AspNetCore.Http;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// Odd payloads of the steps that wait, start others, evaluate and call: each run ends, with a result or with words.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OddInputTests(DatabaseProvider engine) : RunFixture(engine)
{
    private static readonly string Deep = new string('[', 60) + new string(']', 60);

    private static readonly string[] Values =
        [
            "null", "true", "-1", "0.0001", "1e400", "123456789012345678901234567890", "\"\"", "\"x\"", "\"\\ud800\"",
            "\"NaN\"", "\"$\"", "\"$.trigger\"", "\"{{\"", "[]", "{}", "{\"\\ud800\":1}", Deep
        ];

    protected override string[] MoreSettings => [$"--Runs:Functions:Url={Target.Url}"];

    [TestCase("delay", "{\"time_ms\":@}")]
    [TestCase("delay", "@")]
    [TestCase("error", "{\"status_code\":@,\"message\":@}")]
    [TestCase("eval", "{\"code\":\"typeof v\",\"params\":{\"v\":@}}")]
    [TestCase("eval", "{\"code\":\"v\",\"params\":{\"v\":@}}")]
    [TestCase("eval", "{\"code\":@,\"params\":@}")]
    [TestCase("function", "@")]
    [TestCase("http", "{\"url\":\"TARGET\",\"method\":\"post\",\"data\":@}")]
    [TestCase("flow", "@")]
    [TestCase("schedule", "{\"flow_subject\":\"FLOW\",\"trigger\":@,\"trigger_in\":\"365d\"}")]
    [TestCase("schedule", "{\"flow_subject\":\"FLOW\",\"trigger\":{},\"trigger_in\":@,\"trigger_on\":@}")]
    [TestCase("schedule", "{\"flow_subject\":@,\"trigger\":{},\"trigger_in\":\"1s\"}")]
    [TestCase("static", "@")]
    [TestCase("map", "{\"a\":@,\"b\":\"x|@raw\"}")]
    public async Task A_step_with_odd_values_ends(string type, string shape)
    {
        Target.Answer = context => context.Response.WriteAsync("{}");
        var inner = await Client.WorkflowAsync(
            Collection,
            "inner",
            """{"nodes":[{"data":{"id":"m","node_type":"map","payload":"$.trigger"}}],"edges":[],"result":"m"}""");
        await Client.PublishAsync(Collection, inner);
        var subject = $"ms.hub.config.workflow.{Collection}.{inner}";
        // The checked client's validator knows no numbers so large.
        using var client = await App.UncheckedClientAsync(Account, "developer");
        var (before, faults) = (App.Logs.Length, new List<string>());
        await Parallel.ForEachAsync(Values, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (value, _) =>
        {
            var payload = shape.Replace("@raw", "", StringComparison.Ordinal)
                .Replace("@", value, StringComparison.Ordinal)
                .Replace("TARGET", Target.Url, StringComparison.Ordinal)
                .Replace("FLOW", subject, StringComparison.Ordinal);
            var data =
                $$"""{"id":"n","node_type":"{{type}}","payload":{{payload}},"await":true{{(type is "flow" or "function" ? $",\"subject\":\"{subject}\"" : "")}} }""";
            var created = await client.CreateWorkflowAsync(
                Collection,
                Guid.NewGuid().ToString(),
                $$"""{"nodes":[{"data":{{data}} }],"edges":[],"result":{"n":"$.n"} }""");
            if (created.Status != 201)
            {
                return;
            }

            var reply = await RunAsync(
                $"/hub/workflows/{Collection}/{((string)created.Json["subject"]!).Split('.')[^1]}/run?draft=true",
                """{"x":"\ud800"}""",
                client: client);
            if (reply.Status is not (200 or 422 or 400)
                || reply.Text.Contains("could not be", StringComparison.Ordinal))
            {
                faults.Add($"{payload} => {reply}");
            }
        });
        Assert.That(faults, Is.Empty);
        Assert.That(App.Logs[before..], Does.Not.Contain("could not be carried out").And.Not
            .Contain("could not be processed").And.Not
            .Contain("Internal error"));
    }
}
