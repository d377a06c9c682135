using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>What waits for a moment: through a restart, while the clock of the host jumps, and for longer than a run may last.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunClockTests(DatabaseProvider engine) : RunFixture(engine)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly ShiftedClock clock = new();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<TimeProvider>(clock);

    [SetUp]
    public void SetClock() => clock.Offset = TimeSpan.Zero;

    [Test]
    public async Task What_is_due_is_carried_out_after_the_clock_has_jumped_on()
    {
        var run = await StartAsync(await FlowAsync(Delay(3_000_000)));
        await UntilAsync(run, "waiting");
        clock.Offset = Hour;
        await UntilAsync(run, "succeeded");
    }

    [Test]
    public async Task A_clock_that_is_set_back_holds_up_what_waits_for_it_and_nothing_else()
    {
        var waiting = await StartAsync(await FlowAsync(Delay(300)));
        await UntilAsync(waiting, "waiting");
        clock.Offset = -Hour;
        Target.Answer = Target.Echo;
        var reply = await RunAsync(await FlowAsync($$"""{"id":"h","node_type":"http","payload":{"url":"{{Target.Url}}/back"} },""" + Delay(50)));
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        Assert.That((string)(await ReadAsync(waiting))["status"]!, Is.EqualTo("waiting"));
        clock.Offset = TimeSpan.Zero;
        await UntilAsync(waiting, "succeeded");
    }

    [Test]
    public async Task A_step_under_way_while_the_clock_jumps_is_called_once([Values(1, -1)] int direction)
    {
        var path = $"/under-way-{Account}";
        Target.Answer = async context =>
        {
            await Task.Delay(2500);
            await Target.Echo(context);
        };
        var run = await StartAsync(await FlowAsync($$"""{"id":"h","node_type":"http","payload":{"url":"{{Target.Url}}{{path}}"} }"""));
        while (!Target.Requests.Any(request => request.Path == path))
        {
            await Task.Delay(10);
        }

        clock.Offset = direction * Hour;
        var read = await UntilAsync(run, "succeeded");
        Assert.That(((int)read["steps"]![0]!["attempts"]!, Target.Requests.Count(request => request.Path == path)), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task What_fell_due_while_nothing_ran_is_carried_out_after_the_start()
    {
        using var database = TestDatabase.Create(App.TestDatabase.Provider);
        string run, key;
        await using (var app = await GatewayApp.StartAsync(database, null, Settings))
        {
            key = await app.KeyAsync("acme", ["developer"]);
            using var client = app.Client(headers => headers.Add("X-Api-Key", key));
            var collection = await client.CollectionAsync("workflow");
            var topic = await client.WorkflowAsync(collection, "flow", Config(Delay(400)));
            var reply = await client.CallAsync("POST", $"/hub/workflows/{collection}/{topic}/run?draft=true", """{"trigger":{}}""");
            run = ((string)reply.Json["trackingId"]!).Split('.')[3];
        }

        await Task.Delay(500);
        await using var again = await GatewayApp.StartAsync(database, null, Settings);
        using var reader = again.Client(headers => headers.Add("X-Api-Key", key));
        for (var wait = 0; (string)(await ReadAsync(run, reader))["status"]! != "succeeded"; wait++)
        {
            Assert.That(wait, Is.LessThan(200));
            await Task.Delay(25);
        }
    }

    [Test]
    public async Task A_run_ends_after_thirty_days_of_work_and_waiting_is_none()
    {
        var gate = new TaskCompletionSource();
        Target.Answer = _ => gate.Task;
        var busy = await StartAsync(await FlowAsync($$"""{"id":"h","node_type":"http","payload":{"url":"{{Target.Url}}/busy"} }"""));
        var waiting = await StartAsync(await FlowAsync(Delay(40L * 24 * 3_600_000)));
        var paused = await StartAsync(await FlowAsync("""{"id":"q","node_type":"input","payload":{}}"""));
        await UntilAsync(busy, "running");
        await UntilAsync(waiting, "waiting");
        await UntilAsync(paused, "paused");
        clock.Offset = TimeSpan.FromDays(31);
        Assert.That((string)(await UntilAsync(busy, "failed"))["error"]!, Is.EqualTo("the run has taken more than 30 days"));
        Assert.That(((string)(await ReadAsync(waiting))["status"]!, (string)(await ReadAsync(paused))["status"]!), Is.EqualTo(("waiting", "paused")));
        clock.Offset = TimeSpan.FromDays(41);
        await UntilAsync(waiting, "succeeded");
        gate.SetResult();
    }

    [Test]
    public async Task A_run_that_was_put_in_for_a_day_long_after_has_its_thirty_days_from_then()
    {
        var topic = await Client.WorkflowAsync(Collection, "later", Config("""{"id":"q","node_type":"delay","payload":{"time_ms":3000}}"""));
        Assert.That((await Client.PublishAsync(Collection, topic)).Status, Is.EqualTo(200));
        var reply = await RunAsync(await FlowAsync($$$"""{"id":"s","node_type":"schedule","payload":{"flow_subject":"ms.hub.config.workflow.{{{Collection}}}.{{{topic}}}","trigger":{},"trigger_in":"100d"}}""", "", "\"result\":\"$.s.trackingId\""));
        var run = ((string)reply.Json["result"]!).Split('.')[3];
        clock.Offset = TimeSpan.FromDays(101);
        await UntilAsync(run, "waiting");
        await UntilAsync(run, "succeeded");
    }

    private static string Delay(long milliseconds) => $$$"""{"id":"d","node_type":"delay","payload":{"time_ms":{{{milliseconds}}}}}""";

    /// <summary>A wall clock that is set; what measures durations goes on, as on a real host.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
