using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Quotas, retention, several instances, and a gateway on which nothing runs.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunOperationTests(DatabaseProvider provider) : RunFixture(provider)
{
    private const string Waiting =
        """{"nodes":[{"data":{"id":"d","node_type":"http","payload":{"url":"$.trigger.u"},"options":{"timeout":60000}}}],"edges":[]}""";

    protected override string[] MoreSettings =>
        ["--Runs:ConcurrentRuns=3", "--Runs:QueuedRuns=2", "--Runs:AwaitSeconds=1"];

    [Test]
    public async Task An_account_has_so_many_runs_under_way_and_queued()
    {
        var gate = new TaskCompletionSource();
        Target.Answer = async context =>
        {
            await gate.Task;
            await Target.Echo(context);
        };
        var flow =
            $"/hub/workflows/{Collection}/{await Client.WorkflowAsync(Collection, "flow", Waiting)}/run?draft=true";
        var body = $$"""{"trigger":{"u":"{{Target.Url}}/q"} }""";
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Client.CallAsync("POST", flow, body)));
        Assert.That(replies.Count(reply => reply.Status == 200), Is.EqualTo(5));
        Assert.That(
            replies.Where(reply => reply.Status != 200).Select(reply => reply.Error).Distinct(),
            Is.EqualTo(new[] { "This account may have 2 runs queued. Try again later." }));
        var waited = await RunAsync(flow, $$"""{"u":"{{Target.Url}}/q"}""");
        Assert.That(
            (waited.Status, waited.Error),
            Is.EqualTo((429, "This account may have 3 runs under way at a time. Try again later.")));
        using var stranger = await App.ClientAsync("quota-" + Guid.NewGuid().ToString("n"), "developer");
        var theirs = await stranger.CollectionAsync("workflow");
        Assert.That((await stranger.CallAsync(
            "POST",
            $"/hub/workflows/{theirs}/{await stranger.WorkflowAsync(theirs, "flow")}/run?draft=true",
            """{"trigger":{},"await":true}""")).Status, Is.EqualTo(200), "Another account's are its own.");
        gate.SetResult();
        foreach (var id in replies.Where(reply => reply.Status == 200)
            .Select(reply => ((string)reply.Json["trackingId"]!).Split('.')[3]))
        {
            await UntilAsync(id, "succeeded");
        }

        Assert.That(await App.Database.FindAsync<int>(
            "select running + queued from run_accounts where account = @account", new { account = Account }), Is.Zero);
    }

    [Test]
    public async Task A_caller_s_wait_ends_and_the_run_goes_on()
    {
        Target.Answer = async context =>
        {
            await Task.Delay(1500);
            await Target.Echo(context);
        };
        var flow =
            $"/hub/workflows/{Collection}/{await Client.WorkflowAsync(Collection, "slow", Waiting)}/run?draft=true";
        var reply = await RunAsync(flow, $$"""{"u":"{{Target.Url}}/slow"}""");
        Assert.That((reply.Status, reply.Error), Is.EqualTo((504, "The run has not finished yet; it goes on.")));
        await UntilAsync(reply.Location!.Split('/')[^1], "succeeded");
    }

    [Test]
    public async Task A_run_that_another_instance_finishes_is_answered_here()
    {
        Target.Answer = Target.Echo;
        await using var other = await GatewayApp.StartAsync(App.TestDatabase, null, [.. Settings]);
        using var there = await other.ClientAsync(Account, "developer");
        var topic = await Client.WorkflowAsync(Collection, "shared", Waiting);
        var replies = new List<Reply>();
        for (var i = 0; i < 6; i++)
        {
            replies.Add(await RunAsync(
                $"/hub/workflows/{Collection}/{topic}/run?draft=true",
                $$"""{"u":"{{Target.Url}}/shared"}""",
                client: i % 2 == 0 ? there : Client));
        }

        Assert.That(replies.Select(reply => reply.Status), Is.All.EqualTo(200).Or.EqualTo(504));
        Assert.That(Target.Requests.Count(request => request.Path == "/shared"), Is.EqualTo(6));
    }

    [Test]
    public async Task Old_runs_are_removed()
    {
        var flow = await FlowAsync("""{"id":"a","node_type":"map","payload":1}""");
        var old = await StartAsync(flow, more: ",\"enable_log\":true");
        await UntilAsync(old, "succeeded");
        await App.Services.GetRequiredService<RunPruneStore>().PruneAsync(DateTimeOffset.UtcNow.AddDays(-30), default);
        await ReadAsync(old);
        while (await App.Services.GetRequiredService<RunPruneStore>()
            .PruneAsync(DateTimeOffset.UtcNow.AddSeconds(1), default) > 0)
        {
        }

        Assert.That((await Client.CallAsync("GET", "/hub/workflows/runs/" + old)).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task Nothing_runs_where_runs_are_switched_off()
    {
        await using var app = await GatewayApp.StartAsync(App.TestDatabase.Provider, "--Runs:Enabled=false");
        using var client = await app.ClientAsync("acme", "developer");
        var collection = await client.CollectionAsync("workflow");
        var reply = await client.CallAsync(
            "POST",
            $"/hub/workflows/{collection}/{await client.WorkflowAsync(collection, "flow")}/run?draft=true",
            """{"trigger":{}}""");
        Assert.That((reply.Status, reply.Error), Is.EqualTo((503, "Workflows do not run on this gateway.")));
    }
}
