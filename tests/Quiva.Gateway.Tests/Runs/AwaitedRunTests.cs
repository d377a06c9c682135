using Microsoft.AspNetCore.Http;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>A caller that waits for a run keeps nobody waiting.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AwaitedRunTests(DatabaseProvider engine) : RunFixture(engine)
{
    // Far above what is small, far below what a trigger may have.
    private const int Large = 400_000;

    protected override string[] MoreSettings =>
        ["--RateLimit:Enabled=true", "--RateLimit:CallerExpensive=1", "--RateLimit:CallerExpensiveWaiting=0"];

    [TestCase(1)]
    [TestCase(Large)]
    public async Task An_awaited_run_holds_no_place_among_the_large_requests(int length)
    {
        var (called, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        Target.Answer = async context =>
        {
            called.TrySetResult();
            await goOn.Task;
            await context.Response.WriteAsync("done");
        };
        var flow = await FlowAsync($$$"""{"id":"h","node_type":"http","payload":{"url":"{{{Target.Url}}}/slow"}}""");
        var body = $$$"""{"trigger":{"text":"{{{new string('x', length)}}}"},"await":true}""";
        var awaited = Client.CallAsync("POST", flow, body);
        await Task.WhenAny(called.Task, awaited);
        var list = await Client.CallAsync("GET", "/hub/workflows");
        var another = await Client.CallAsync("POST", flow, body.Replace("true", "false", StringComparison.Ordinal));
        goOn.SetResult();
        Assert.That(
            (list.Status, another.Status, (await awaited).Status),
            Is.EqualTo((200, 200, 200)));
    }
}
