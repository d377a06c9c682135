using System.Collections.Concurrent;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Callers who wait for runs: told at once of what ends here, and soon of what ends on another instance.</summary>
public sealed class RunWaiters(RunStore runs, TimeProvider time)
{
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(500), LastPoll = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StoredRun>> waiting = new(StringComparer.Ordinal);

    /// <summary>Gets ready to wait, before the run can end.</summary>
    internal Task<StoredRun> Expect(string id) => waiting.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Tells those who wait that a run has ended, or is paused.</summary>
    internal void Tell(StoredRun run)
    {
        if (IsOver(run) && waiting.TryGetValue(run.Id, out var waiter))
        {
            waiter.TrySetResult(run);
        }
    }

    /// <summary>Waits until a run has ended or is paused.</summary>
    /// <returns>The run; null when the time is up.</returns>
    internal async Task<StoredRun?> WaitAsync(string account, string id, TimeSpan patience, CancellationToken cancellationToken)
    {
        var told = Expect(id);
        try
        {
            var until = time.GetTimestamp();
            for (var poll = FirstPoll; time.GetElapsedTime(until) is var elapsed && elapsed < patience; poll = poll * 1.5 < LastPoll ? poll * 1.5 : LastPoll)
            {
                var rest = patience - elapsed;
                if (await Task.WhenAny(told, Task.Delay(rest < poll ? rest : poll, cancellationToken)) == told)
                {
                    return await told;
                }

                cancellationToken.ThrowIfCancellationRequested();
                if (await runs.FindAsync(account, id, cancellationToken) is { } run && IsOver(run))
                {
                    return run;
                }
            }

            return told.IsCompleted ? await told : null;
        }
        finally
        {
            waiting.TryRemove(id, out _);
        }
    }

    private static bool IsOver(StoredRun run) => run.IsEnded || run.Status == RunStatus.Paused;
}
