using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>An instance that has a run in memory as it was: another one has changed it since, and what is said of it has to be true all the same.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunElsewhereTests(DatabaseProvider engine) : RunFixture(engine)
{
    [Test]
    public async Task A_step_that_became_ready_elsewhere_is_carried_out()
    {
        Target.Answer = Target.Echo;
        var flow = await FlowAsync($$"""{"id":"q","node_type":"input","payload":{} },{"id":"h","node_type":"http","payload":{"url":"{{Target.Url}}/elsewhere"} }""", "q>h", "\"result\":\"$.h.status\"");
        var run = await StartAsync(flow);
        await UntilAsync(run, "paused");
        await using var idle = await IdleAsync();
        var advance = idle.Services.GetRequiredService<RunAdvance>();
        Assert.That((await advance.AdvanceAsync(Account, run, 0, default)).Ready, Is.Empty);
        await AnswerAsync(flow, run);
        await UntilAsync(run, "succeeded");
        Assert.That((await advance.AdvanceAsync(Account, run, 0, default)).Ended, "What it has in memory is paused.");
    }

    [Test]
    public async Task A_pause_that_came_about_elsewhere_can_be_answered()
    {
        var flow = await FlowAsync("""{"id":"a","node_type":"input","payload":{}},{"id":"b","node_type":"input","payload":{}}""", "a>b");
        var run = await StartAsync(flow);
        await UntilAsync(run, "paused");
        await using var other = await GatewayApp.StartAsync(App.TestDatabase, null, Settings);
        using var there = await other.ClientAsync(Account, "developer");
        Assert.That((await there.CallAsync("POST", flow, $$$"""{"run_id":"{{{run}}}","trigger":{},"node":"b"}""")).Status, Is.EqualTo(409), "It is in memory there now.");
        await AnswerAsync(flow, run);
        Assert.That((await there.CallAsync("POST", flow, $$$"""{"run_id":"{{{run}}}","trigger":{},"node":"b"}""")).Status, Is.EqualTo(200));
        await UntilAsync(run, "succeeded");
    }

    [Test]
    public async Task A_run_that_was_tried_again_elsewhere_goes_on_here()
    {
        var flow = await FlowAsync("""{"id":"d","node_type":"delay","payload":{"time_ms":600000}}""");
        var run = await StartAsync(flow);
        await UntilAsync(run, "waiting");
        await using var idle = await IdleAsync();
        var advance = idle.Services.GetRequiredService<RunAdvance>();
        Assert.That((await advance.AdvanceAsync(Account, run, 0, default)).WakeAt, Is.Not.Null);
        await App.Database.InTransactionAsync(transaction => transaction.ExecuteAsync("update runs set generation = 1, version = version + 1 where account = @account and id = @run", new { account = Account, run }, default), default);
        Assert.That((await advance.AdvanceAsync(Account, run, 1, default)).Ended, Is.False);
        Assert.That((await advance.AdvanceAsync(Account, run, 0, default)).Ended, "The engine's work on the try before is over.");
    }

    // An instance whose own engine does nothing.
    private Task<GatewayApp> IdleAsync() => GatewayApp.StartAsync(App.TestDatabase, null, [.. Settings, "--Runs:Enabled=false"]);

    private async Task AnswerAsync(string flow, string run) =>
        Assert.That((await Client.CallAsync("POST", flow, $$$"""{"run_id":"{{{run}}}","trigger":{}}""")).Status, Is.EqualTo(200));
}
