using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Workflows.Engine;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>What is kept of runs: sealed anew, removed, audited, measured; and how much of it there may be.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunDataTests(DatabaseProvider engine) : RunFixture(engine)
{
    private static readonly Caller Actor = new("platform", "cli");

    [Test]
    public async Task Data_of_runs_is_sealed_under_the_newest_key_and_can_be_again()
    {
        var store = App.Services.GetRequiredService<RunResealStore>();
        var logged = await StartAsync(await FlowAsync("""{"id":"a","node_type":"map","payload":"$.trigger.n"},{"id":"e","node_type":"error","payload":{"message":"no |$.trigger.n"}}""", "a>e"), """{"n":"kept"}""", ",\"enable_log\":true");
        await UntilAsync(logged, "failed");
        var flow = await FlowAsync("""{"id":"q","node_type":"input","payload":"$.trigger.n"},{"id":"r","node_type":"map","payload":["$.trigger.n","$.q.m"]}""", "q>r", "\"result\":\"r\"");
        var paused = await StartAsync(flow, """{"n":"asked"}""", ",\"enable_log\":true");
        await UntilAsync(paused, "paused");
        await store.ResealAsync(Actor, default);
        Assert.That((await store.ResealAsync(Actor, default)).Count, Is.Zero);
        var before = await ReadAsync(logged);
        KeyRing.Rotate(App.Services);
        Assert.That((await store.ResealAsync(Actor, default)).Count, Is.GreaterThanOrEqualTo(2));
        Assert.That((await store.ResealAsync(Actor, default)).Count, Is.Zero);
        Assert.That((await ReadAsync(logged)).ToJsonString(), Is.EqualTo(before.ToJsonString()), "To callers nothing has changed.");
        // The instance that has the run in memory must not write the old bytes back.
        Assert.That((await Client.CallAsync("POST", flow, $$$"""{"run_id":"{{{paused}}}","trigger":{"m":1},"await":true}""")).Json["result"]!.ToJsonString(), Is.EqualTo("""["asked",1]"""));
        Assert.That((await store.ResealAsync(Actor, default)).Count, Is.Zero);
        Assert.That((string)(await ReadAsync(paused))["steps"]![0]!["input"]!, Is.EqualTo("asked"));
        Assert.That(await App.Database.FindAsync<int>("select count(*) from changes where kind = 'resealed' and account = @account", new { account = Account }), Is.GreaterThanOrEqualTo(3));
    }

    [Test]
    public async Task Sealing_anew_goes_on_past_what_does_not_open()
    {
        var broken = await StartAsync(await FlowAsync("""{"id":"e","node_type":"error","payload":{}}"""));
        await UntilAsync(broken, "failed");
        await App.Database.InTransactionAsync(transaction => transaction.ExecuteAsync("update runs set error = @bytes where account = @account and id = @id", new { account = Account, id = broken, bytes = new byte[] { 1, 2, 3 } }, default), default);
        var (_, unopened) = await App.Services.GetRequiredService<RunResealStore>().ResealAsync(Actor, default);
        Assert.That(unopened, Has.Some.StartsWith("ms.hub.run." + broken));
        await App.Database.InTransactionAsync(transaction => transaction.ExecuteAsync("update runs set error = null where account = @account and id = @id", new { account = Account, id = broken }, default), default);
    }

    [Test]
    public async Task A_configuration_goes_with_the_last_run_that_is_pinned_to_it()
    {
        var flow = await FlowAsync($$"""{"id":"a","node_type":"map","payload":"{{Guid.NewGuid()}}"}""");
        var first = await StartAsync(flow);
        await UntilAsync(first, "succeeded");
        var second = await StartAsync(flow);
        await UntilAsync(second, "succeeded");
        var old = new { account = Account, id = first, at = DateTimeOffset.UtcNow.AddDays(-50) };
        await App.Database.InTransactionAsync(transaction => transaction.ExecuteAsync("update runs set ended_at = @at where account = @account and id = @id", old, default), default);
        await PruneAsync(DateTimeOffset.UtcNow.AddDays(-40));
        Assert.That(await CountAsync("run_configs"), Is.EqualTo(1));
        await ReadAsync(second);
        await App.Database.InTransactionAsync(transaction => transaction.ExecuteAsync("update runs set ended_at = @at where account = @account and id = @id", old with { id = second }, default), default);
        await PruneAsync(DateTimeOffset.UtcNow.AddDays(-40));
        Assert.That((await CountAsync("runs"), await CountAsync("run_steps"), await CountAsync("run_configs")), Is.EqualTo((0, 0, 0)));
        await UntilAsync(await StartAsync(flow), "succeeded");
    }

    [Test]
    public async Task The_engine_finds_a_run_by_its_id_alone()
    {
        var run = await StartAsync(await FlowAsync("""{"id":"a","node_type":"map","payload":1}"""));
        var store = App.Services.GetRequiredService<RunStore>();
        Assert.That(await store.FindAccountAsync(run, default), Is.EqualTo(Account));
        Assert.That(await store.FindAccountAsync(Guid.NewGuid().ToString(), default), Is.Null);
    }

    [Test]
    public async Task Start_cancel_retry_and_resume_are_audited()
    {
        var failing = await StartAsync(await FlowAsync("""{"id":"e","node_type":"error","payload":{}}"""));
        await UntilAsync(failing, "failed");
        await Client.CallAsync("POST", $"/hub/workflows/runs/{failing}/retry");
        var flow = await FlowAsync("""{"id":"q","node_type":"input","payload":{}},{"id":"d","node_type":"delay","payload":{"time_ms":600000}}""", "q>d");
        var paused = await StartAsync(flow);
        await UntilAsync(paused, "paused");
        await Client.CallAsync("POST", flow, $$$"""{"run_id":"{{{paused}}}","trigger":{}}""");
        await Client.CallAsync("POST", $"/hub/workflows/runs/{paused}/cancel");
        var kinds = await App.Database.QueryAsync<string>("select kind from changes where account = @account and subject like 'ms.hub.run.%' order by sequence", new { account = Account });
        Assert.That(kinds, Is.EqualTo(new[] { "started", "retried", "started", "resumed", "cancelled" }));
    }

    [Test]
    public async Task Runs_and_steps_are_measured_and_traced_without_what_they_hold()
    {
        var secret = "canary-" + Guid.NewGuid().ToString("n");
        var (measured, spans) = (new List<string>(), new List<string>());
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == RunTelemetry.Name) { listener.EnableMeasurementEvents(instrument); } } };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(measured, $"{instrument.Name} {value} {string.Join(' ', tags.ToArray())}"));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(measured, $"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        meters.Start();
        using var traces = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RunTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => Add(spans, $"{span.OperationName} {string.Join(' ', span.TagObjects)}"),
        };
        ActivitySource.AddActivityListener(traces);
        Target.Answer = Target.Echo;
        var run = await StartAsync(await FlowAsync($$"""{"id":"h","name":"$.trigger.s","node_type":"http","payload":{"url":"{{Target.Url}}/traced","query":{"s":"$.trigger.s"},"headers":{"x-s":"$.trigger.s"} } }"""), $$"""{"s":"{{secret}}"}""");
        await UntilAsync(run, "succeeded");
        Assert.That(() => spans.ToArray(), Has.Some.StartsWith($"step [run.id, {run}] [step.node, h] [step.type, http] [step.attempt, 1] [step.outcome, succeeded]").After(2000, 20));
        Assert.That(() => spans.ToArray(), Has.Some.EqualTo($"run [run.id, {run}] [run.outcome, succeeded]").After(2000, 20));
        Assert.That(() => { meters.RecordObservableInstruments(); return measured.ToArray(); }, Has.Some.StartsWith("gateway.runs.queue.age").And.Some.StartsWith("gateway.runs.queued ").And.Some.StartsWith("gateway.runs.running ").And.Some.EqualTo("gateway.steps.duration [type, http] [outcome, succeeded]").And.Some.EqualTo("gateway.runs.ended 1 [outcome, succeeded]").After(2000, 20));
        Assert.That(string.Concat(spans) + string.Concat(measured), Does.Not.Contain(secret).And.Not.Contain(Account));

        static void Add(List<string> list, string line)
        {
            lock (list)
            {
                list.Add(line);
            }
        }
    }

    [Test]
    public async Task A_gateway_whose_engine_has_stopped_is_not_ready()
    {
        await using var app = await GatewayApp.StartAsync(App.TestDatabase.Provider);
        using var anyone = app.Client();
        using (var ready = await anyone.GetAsync("/health/ready"))
        {
            Assert.That((int)ready.StatusCode, Is.EqualTo(200));
        }

        await app.Services.GetRequiredService<RunEngine>().StopAsync();
        using var stopped = await anyone.GetAsync("/health/ready");
        using var live = await anyone.GetAsync("/health/live");
        Assert.That(((int)stopped.StatusCode, (int)live.StatusCode), Is.EqualTo((503, 200)));
    }

    [Test]
    public async Task A_trigger_a_value_and_a_run_have_their_most()
    {
        var large = new string('x', (1024 * 1024) - 100);
        var flow = await FlowAsync("""{"id":"a","node_type":"map","payload":{"one":"$.trigger.s","two":"$.trigger.s"}}""");
        Assert.That((await RunAsync(flow, $$"""{"s":"{{large}}{{large}}"}""")).Error, Is.EqualTo("A trigger must have at most 1 MiB."));
        var value = await RunAsync(flow, $$"""{"s":"{{large}}"}""");
        Assert.That((value.Status, value.Error), Is.EqualTo((422, "a value is larger than 1 MiB")));
        var many = await RunAsync(await FlowAsync(string.Join(',', Enumerable.Range(0, 20).Select(i => $$"""{"id":"n{{i}}","node_type":"map","payload":"$.trigger.s"}"""))), $$"""{"s":"{{large}}"}""");
        Assert.That((many.Status, many.Error), Is.EqualTo((422, "the run's values are larger than 16 MiB")));
        var steps = await Client.CreateWorkflowAsync(Collection, "steps", Config(string.Join(',', Enumerable.Range(0, 5001).Select(i => $$"""{"id":"n{{i}}","payload":1}"""))));
        Assert.That((steps.Status, steps.Error), Is.EqualTo((400, "config.nodes must have at most 5000 items.")));
    }

    private async Task PruneAsync(DateTimeOffset before)
    {
        while (await App.Services.GetRequiredService<RunPruneStore>().PruneAsync(before, default) > 0)
        {
        }
    }

    private async Task<int> CountAsync(string table) => await App.Database.FindAsync<int>($"select count(*) from {table} where account = @account", new { account = Account });
}

/// <summary>Serving changes no table: only migrations do.</summary>
public sealed class ServingTests
{
    [Test]
    public async Task Runs_change_no_schema()
    {
        await using var runs = await RunProcesses.CreateAsync();
        var before = await runs.ReadAsync("select cast(schema_version as text) from pragma_schema_version");
        var tables = await runs.ReadAsync("select sql from sqlite_master where sql is not null order by name");
        using (var server = await ServerProcess.StartAsync(runs.Database, RunProcesses.Settings))
        {
            using var client = server.Client(runs.Key);
            await runs.MakeFlowAsync(client);
            for (var i = 0; i < 5; i++)
            {
                await runs.TryStartAsync(client, i);
            }

            await runs.UntilAllSucceededAsync(TimeSpan.FromSeconds(20));
            Assert.That(await server.TerminateAsync(), Is.Zero);
        }

        Assert.That(await runs.ReadAsync("select cast(schema_version as text) from pragma_schema_version"), Is.EqualTo(before), "SQLite counts every change of the schema.");
        Assert.That(await runs.ReadAsync("select sql from sqlite_master where sql is not null order by name"), Is.EqualTo(tables));
    }
}
