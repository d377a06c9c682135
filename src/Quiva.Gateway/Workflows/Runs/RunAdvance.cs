using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Takes runs as far as they get without a call outside: settles what can be settled, records it, and ends the run when nothing is left.
/// Doing it again, or at the same time elsewhere, changes nothing: each change is made from the latest version of the run or not at all.
/// </summary>
public sealed partial class RunAdvance(
    Database database, RunSessions sessions, InnerSteps inner, RunStarts starts, RunWaiters waiters, SecretProtector secrets, TimeProvider time, ILogger<RunAdvance> logger)
{
    // One transaction records at most this many steps.
    private const int MostRecords = 200;
    private const int MostAttempts = 20;

    // What was worked out is recorded after so long, and others who want to change the run get their turn.
    private static readonly TimeSpan RecordAfter = TimeSpan.FromSeconds(1), PauseAfter = TimeSpan.FromSeconds(5);
    private const long LargestRun = 16 * 1024 * 1024;

    /// <summary>Takes a run as far as it gets.</summary>
    /// <param name="account">Its account.</param>
    /// <param name="id">Its id.</param>
    /// <param name="generation">Which try of the run the engine works on.</param>
    /// <param name="cancellationToken">Ends the work; what is recorded stays.</param>
    /// <returns>All that can be carried out now.</returns>
    public Task<Progress> AdvanceAsync(string account, string id, int generation, CancellationToken cancellationToken) =>
        WithRunAsync(account, id, generation, async lease =>
        {
            await GoOnAsync(lease.Session, cancellationToken);
            return ProgressOf(lease.Session, null);
        }, cancellationToken);

    /// <summary>Works on a run that is under way; from the start when another instance has changed it meanwhile.</summary>
    internal async Task<Progress> WithRunAsync(string account, string id, int generation, Func<RunSessions.Lease, Task<Progress>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var lease = await sessions.EnterAsync(account, id, cancellationToken);
            if (lease is null)
            {
                return new() { Ended = true };
            }

            var seen = lease.Session.Run;
            try
            {
                var isOver = seen.IsEnded || seen.Status == RunStatus.Queued || seen.Generation != generation;
                var progress = isOver ? new() { Ended = true } : await work(lease);
                if (lease.Session.Run.Version > seen.Version || attempt == MostAttempts || await sessions.IsCurrentAsync(lease, cancellationToken))
                {
                    lease.Keep();
                    return progress;
                }
            }
            catch (RunChangedException) when (attempt < MostAttempts)
            {
                // Read again what another instance has changed.
            }
            catch (GatewayException exception) when (exception.Error == GatewayError.Conflict && attempt < MostAttempts)
            {
                if (await sessions.IsCurrentAsync(lease, cancellationToken))
                {
                    throw;
                }
            }

            LogChanged(id);
        }
    }

    /// <summary>Settles and records what can be settled; ends the run when nothing is left.</summary>
    internal async Task GoOnAsync(RunSession session, CancellationToken cancellationToken, RunChange? change = null)
    {
        var isFull = true;
        var started = time.GetTimestamp();
        while (isFull && !session.Run.IsEnded && time.GetElapsedTime(started) < PauseAfter)
        {
            change ??= new(session);
            isFull = await SettleAsync(session, change, cancellationToken);
            if (!isFull)
            {
                await FinishAsync(session, change, cancellationToken);
            }

            if (!change.IsEmpty)
            {
                await SaveAsync(session, change, cancellationToken);
            }

            change = null;
        }
    }

    /// <summary>Writes a change, and tells those who wait for the run.</summary>
    internal async Task SaveAsync(
        RunSession session, RunChange change, CancellationToken cancellationToken, Durability durability = Durability.Full)
    {
        var now = time.GetUtcNow();
        change.Seal(secrets);
        await database.InTransactionAsync(
            async transaction =>
            {
                foreach (var (child, workflow) in change.Children)
                {
                    await starts.StartChildAsync(transaction, child, workflow, now, cancellationToken);
                }

                await change.SaveAsync(transaction, now, cancellationToken);
                return true;
            },
            durability,
            cancellationToken);
        session.Run = change.After;
        if (session.Run.IsEnded)
        {
            RunTelemetry.Ended(session.Run, now);
            LogEnded(session.Run.Id, session.Run.Status);
        }

        waiters.Tell(session.Run);
        starts.Signal(session.Run, change.Children);
    }

    // Whether there may be more to settle than one transaction shall record.
    private async Task<bool> SettleAsync(RunSession session, RunChange change, CancellationToken cancellationToken)
    {
        var passed = new HashSet<int>();
        var started = time.GetTimestamp();
        while (session.State.Ending == Ending.None && session.State.Ready.FirstOrDefault(node => !passed.Contains(node), -1) is >= 0 and var place)
        {
            if (change.Count >= MostRecords || (change.Count > 0 && time.GetElapsedTime(started) > RecordAfter))
            {
                return true;
            }

            // Left as it is when it is to be carried out or waits.
            if (!await inner.TrySettleAsync(session, change, place, cancellationToken))
            {
                passed.Add(place);
            }

            if (change.After.Size > LargestRun)
            {
                change.After.Failed_node ??= session.Graph.Nodes[place].Id;
                change.End(RunStatus.Failed, secrets, time.GetUtcNow(), error: "the run's values are larger than 16 MiB");
                return false;
            }
        }

        return false;
    }

    private async Task FinishAsync(RunSession session, RunChange change, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (change.After.IsEnded)
        {
            return;
        }

        var isUnderWay = session.Steps.Values.Any(step => step.Status == StepStatus.Running);
        if (session.State.Ending == Ending.None && session.State.Ready.Count > 0)
        {
            Stand(session, change.After, now);
            return;
        }

        // What is under way is let finish.
        if (isUnderWay)
        {
            return;
        }

        if (session.State.Ending == Ending.Failure)
        {
            change.End(RunStatus.Failed, secrets, now);
            return;
        }

        try
        {
            await sessions.LoadAsync(session, RunLog.RootsOf(session) ?? (IEnumerable<string>)session.Steps.Keys, cancellationToken);
            change.End(RunStatus.Succeeded, secrets, now, RunLog.ResultOf(session));
        }
        catch (StepException exception)
        {
            change.End(RunStatus.Failed, secrets, now, error: exception.Message);
        }
    }

    // Waiting and paused time does not count against the run's deadline, nor against its account's runs.
    internal static void Stand(RunSession session, StoredRun run, DateTimeOffset now)
    {
        var waits = session.State.Ready.Select(place => session.Steps.GetValueOrDefault(session.Graph.Nodes[place].Id!)).ToList();
        var status = waits.Any(step => step?.Status is null or StepStatus.Running || IsDue(step, now)) ? RunStatus.Running
            : waits.Any(step => step!.Status == StepStatus.Waiting) ? RunStatus.Waiting
            : RunStatus.Paused;
        if (status != run.Status && run.Idle_at is { } since)
        {
            run.Deadline_at += now - since;
        }

        run.Idle_at = status == RunStatus.Running ? null : run.Status == status ? run.Idle_at : now;
        run.Status = status;
    }

    private static bool IsDue(StoredStep step, DateTimeOffset now) => step is { Status: StepStatus.Waiting, Due_at: { } due } && due <= now;

    /// <summary>Ends a run that can't be processed.</summary>
    internal Task GiveUpAsync(StoredRun run, CancellationToken cancellationToken, string reason = "the run could not be processed") =>
        WithRunAsync(run.Account, run.Id, run.Generation, async lease =>
        {
            var change = new RunChange(lease.Session);
            change.End(RunStatus.Failed, secrets, time.GetUtcNow(), error: reason);
            await SaveAsync(lease.Session, change, cancellationToken);
            return new() { Ended = true };
        }, cancellationToken);

    /// <summary>How the run stands.</summary>
    /// <param name="session">The run.</param>
    /// <param name="before">Steps that could be carried out before: only others are named then.</param>
    internal Progress ProgressOf(RunSession session, IReadOnlySet<int>? before)
    {
        var progress = new Progress { Ended = session.Run.IsEnded };
        if (progress.Ended || session.State.Ending != Ending.None)
        {
            return progress;
        }

        var now = time.GetUtcNow();
        foreach (var place in session.State.Ready)
        {
            var node = session.Graph.Nodes[place];
            var step = session.Steps.GetValueOrDefault(node.Id!);
            if (step is { Status: StepStatus.Waiting, Due_at: { } due } && (due > now || !InnerSteps.IsOuter(node)))
            {
                Wake(due);
            }
            else if (step is null && !InnerSteps.IsOuter(node))
            {
                // Left for the next turn, as this one has taken long.
                Wake(now);
            }
            else if (InnerSteps.IsOuter(node) && before?.Contains(place) != true)
            {
                progress.Ready.Add(step is { Failures: > 0 } ? $"{node.Id}#{step.Failures}" : node.Id!);
            }
        }

        return progress;

        void Wake(DateTimeOffset moment) => progress.WakeAt = progress.WakeAt is { } at && at < moment.UtcDateTime ? at : moment.UtcDateTime;
    }

    [LoggerMessage(EventId = 1504, EventName = "RunEnded", Level = LogLevel.Debug, Message = "Run {Id} has {Status}")]
    private partial void LogEnded(string id, string status);

    [LoggerMessage(EventId = 1505, EventName = "RunChangedElsewhere", Level = LogLevel.Debug,
        Message = "Run {Id} was changed elsewhere")]
    private partial void LogChanged(string id);
}
