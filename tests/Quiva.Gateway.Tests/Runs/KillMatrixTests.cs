using System.Collections.Concurrent;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// A gateway dies (SIGKILL) at each of six moments in the life of its runs, and another one goes on: no run is lost, no recorded step is called
/// again, and what was in flight is called again with the same key. <c>GATEWAY_TEST_KILLS=20</c> has each moment twenty times.
/// </summary>
public sealed class KillMatrixTests
{
    private static readonly int Seeds = int.TryParse(Environment.GetEnvironmentVariable("GATEWAY_TEST_KILLS"), out var kills) ? kills : 1;

    private static readonly ConcurrentDictionary<RunMoment, (int Kills, int Runs, int Recorded, int Repeated, double Slowest)> Sums = new();

    private static IEnumerable<TestCaseData> Cases() =>
        from moment in Enum.GetValues<RunMoment>()
        from seed in Enumerable.Range(1, Seeds)
        select new TestCaseData(moment, seed);

    [OneTimeTearDown]
    public void Print()
    {
        foreach (var (moment, (kills, runs, recorded, repeated, slowest)) in Sums.OrderBy(sum => sum.Key))
        {
            TestContext.Progress.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{moment}: {kills} kills, {runs} runs, {recorded} steps recorded before the kill, {repeated} steps in flight called again, slowest recovery {slowest:0.0} s"));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public async Task Another_process_goes_on(RunMoment moment, int seed)
    {
        var random = new Random((seed * 10) + (int)moment);
        var count = random.Next(6, 14);
        // Each run is admitted and created once, has some turns, and three steps.
        var times = random.Next(1, moment is RunMoment.Admitted or RunMoment.Created ? count : (count * 3) - 1);
        await using var runs = await RunProcesses.CreateAsync();
        using (var dying = await DyingServer.StartAsync(runs.Database, moment, times, RunProcesses.Settings))
        {
            using var client = dying.Client(runs.Key);
            await runs.MakeFlowAsync(client);
            var next = 0;
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
            {
                while (Interlocked.Increment(ref next) is var number && number <= count && await runs.TryStartAsync(client, number))
                {
                }
            }));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await dying.WaitForExitAsync(patience.Token);
        }

        var (recorded, running) = (await runs.StepsAsync("succeeded"), await runs.StepsAsync("running"));
        // What had left the process that died still arrives.
        await Task.Delay(100);
        var calls = runs.Target.Calls.ToDictionary();
        using var other = await ServerProcess.StartAsync(runs.Database, RunProcesses.Settings);
        var took = await runs.UntilAllSucceededAsync(TimeSpan.FromSeconds(60));
        Assert.That(recorded.Where(step => runs.Target.Calls[step] != calls[step]), Is.Empty, "Steps that were recorded, and called again.");
        var repeated = runs.Target.Calls.Where(call => call.Value > 1).Select(call => call.Key).ToList();
        Assert.That(repeated, Is.SubsetOf(running), "Steps that were called twice, and were not in flight.");
        Assert.That(runs.Target.Calls.Values, Is.All.LessThanOrEqualTo(2));
        Sums.AddOrUpdate(
            moment, _ => (1, runs.Answered.Count, recorded.Count, repeated.Count, took.TotalSeconds),
            (_, sum) => (sum.Kills + 1, sum.Runs + runs.Answered.Count, sum.Recorded + recorded.Count, sum.Repeated + repeated.Count, Math.Max(sum.Slowest, took.TotalSeconds)));
    }
}
