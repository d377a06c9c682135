using System.Globalization;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// Two gateways on one SQLite file: one is killed, one is stopped for longer than its leases last, both are restarted in turn.
/// <c>GATEWAY_TEST_LONG=1</c> stops it for 40 seconds, with leases as they are by default.
/// </summary>
public sealed class TwoProcessTests
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("GATEWAY_TEST_LONG") == "1";
    private static readonly TimeSpan Stopped = TimeSpan.FromSeconds(IsLong ? 40 : 7), Patience = TimeSpan.FromSeconds(90);
    private static readonly string[] Settings = [.. RunProcesses.Settings, $"--Runs:LeaseSeconds={(IsLong ? 30 : 5)}"];

    [Test]
    public async Task What_one_was_working_on_the_other_finishes()
    {
        await using var runs = await RunProcesses.CreateAsync(50, 300);
        using var one = await ServerProcess.StartAsync(runs.Database, Settings);
        using var other = await ServerProcess.StartAsync(runs.Database, Settings);
        using var client = one.Client(runs.Key);
        await runs.MakeFlowAsync(client);
        for (var i = 0; i < 30; i++)
        {
            await runs.TryStartAsync(client, i);
        }

        one.Kill();
        var (recorded, running) = (await runs.StepsAsync("succeeded"), await runs.StepsAsync("running"));
        await Task.Delay(300);
        var calls = runs.Target.Calls.ToDictionary();
        var took = await runs.UntilAllSucceededAsync(Patience);
        Assert.That(recorded.Where(step => runs.Target.Calls[step] != calls[step]), Is.Empty, "Steps that were recorded, and called again.");
        // The other one may have begun some after the file was read; they are called once.
        Assert.That(runs.Target.Calls.Where(call => call.Value > 1).Select(call => call.Key), Is.SubsetOf(running));
        Print($"one of two killed: {runs.Answered.Count} runs, {recorded.Count} steps recorded, {running.Count} in flight, all done {took.TotalSeconds:0.0} s later");
    }

    [Test]
    public async Task One_that_was_stopped_is_too_late()
    {
        await using var runs = await RunProcesses.CreateAsync(300, 900);
        using var one = await ServerProcess.StartAsync(runs.Database, Settings);
        using var other = await ServerProcess.StartAsync(runs.Database, Settings);
        using var client = one.Client(runs.Key);
        await runs.MakeFlowAsync(client);
        for (var i = 0; i < 20; i++)
        {
            await runs.TryStartAsync(client, i);
        }

        while ((await runs.StepsAsync("running")).Count < 10)
        {
            await Task.Delay(10);
        }

        // Stopped in the middle of a transaction it would hold SQLite's lock, and everybody would wait for it.
        await one.SignalAsync("STOP");
        while (!await runs.IsWritableAsync())
        {
            await one.SignalAsync("CONT");
            await Task.Delay(20);
            await one.SignalAsync("STOP");
        }

        var (inFlight, recorded, calls) = (await runs.StepsAsync("running"), await runs.StepsAsync("succeeded"), runs.Target.Calls.ToDictionary());
        await Task.Delay(Stopped);
        var took = await runs.UntilAllSucceededAsync(Patience);
        var before = await runs.RecordsAsync();
        await one.SignalAsync("CONT");
        await Task.Delay(IsLong ? 5000 : 1500);
        Assert.That(await runs.RecordsAsync(), Is.EqualTo(before), "What came too late has changed something.");
        Assert.That(await runs.ReadAsync("select id from engine_instances union all select cast(sequence as text) from engine_tasks"), Is.Empty, "Something is left over.");
        Assert.That(recorded.Where(step => runs.Target.Calls[step] != calls[step]), Is.Empty, "Steps that were recorded, and called again.");
        Assert.That(one.HasExited, Is.False);
        await runs.TryStartAsync(client, 99);
        await runs.UntilAllSucceededAsync(Patience);
        Print($"one of two stopped for {Stopped.TotalSeconds:0} s: {inFlight.Count} steps in flight, {runs.Target.Calls.Count(call => call.Value > 1)} called again by the other, 0 late results taken, all done {took.TotalSeconds:0.0} s after");
    }

    [Test]
    public async Task Both_are_restarted_in_turn_under_load()
    {
        await using var runs = await RunProcesses.CreateAsync();
        var servers = new[] { await ServerProcess.StartAsync(runs.Database, Settings), await ServerProcess.StartAsync(runs.Database, Settings) };
        using (var client = servers[0].Client(runs.Key))
        {
            await runs.MakeFlowAsync(client);
        }

        using var load = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(async caller =>
        {
            for (var i = 0; !load.IsCancellationRequested; i++)
            {
                using var client = servers[caller % 2].Client(runs.Key);
                if (!await runs.TryStartAsync(client, i))
                {
                    await Task.Delay(50);
                }
            }
        }).ToList();
        for (var i = 0; i < 2; i++)
        {
            await Task.Delay(700);
            Assert.That(await servers[i].TerminateAsync(), Is.Zero);
            servers[i].Dispose();
            servers[i] = await ServerProcess.StartAsync(runs.Database, Settings);
        }

        await load.CancelAsync();
        await Task.WhenAll(callers);
        var took = await runs.UntilAllSucceededAsync(Patience);
        Assert.That(runs.Target.Calls.Where(call => call.Value > 1), Is.Empty, "Who stops hands over: nothing is called twice.");
        Print($"both restarted under load: {runs.Answered.Count} runs, none lost, no step called twice, all done {took.TotalSeconds:0.0} s after");
        Array.ForEach(servers, server => server.Dispose());
    }

    private static void Print(FormattableString line) => TestContext.Progress.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
