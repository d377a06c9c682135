using DurableTask.Core;
using DurableTask.Core.Exceptions;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Workflows.Engine;

/// <summary>Which run the engine works on.</summary>
public sealed class RunStart
{
    /// <summary>The account.</summary>
    public string Account { get; set; } = "";

    /// <summary>The run's id.</summary>
    public string Run { get; set; } = "";

    /// <summary>Which try of it.</summary>
    public int Generation { get; set; }

    /// <summary>How it stood when the engine was told of it; null when that is not known.</summary>
    public Progress? First { get; set; }
}

/// <summary>Which step is to be carried out.</summary>
public sealed class StepCall
{
    /// <summary>The account.</summary>
    public string Account { get; set; } = "";

    /// <summary>The run's id.</summary>
    public string Run { get; set; } = "";

    /// <summary>Which try of it.</summary>
    public int Generation { get; set; }

    /// <summary>The node, as <see cref="Progress.Ready"/> names it.</summary>
    public string Step { get; set; } = "";
}

/// <summary>
/// A run in the engine: has steps carried out as they become ready, waits for them, for moments and for word from outside, until the run
/// has ended. Replayed from its history at each turn, so it decides nothing but from what activities have told.
/// </summary>
internal sealed class RunFlow : TaskOrchestration<bool, RunStart, string, string>
{
    /// <summary>The names that histories have: never to be changed.</summary>
    public const string Name = "run", AdvanceName = "advance", StepName = "step", WakeName = "wake";

    private readonly Queue<Progress> told = new();
    private TaskCompletionSource? changed;
    private DateTime? wakeAt;
    private bool isAdvancing, isWoken;

    public override async Task<bool> RunTask(OrchestrationContext context, RunStart input)
    {
        var scheduled = new HashSet<string>(StringComparer.Ordinal);
        CancellationTokenSource? timer = null;
        if (input.First is { } first)
        {
            told.Enqueue(first);
        }
        else
        {
            isWoken = true;
        }

        while (true)
        {
            if (isWoken && !isAdvancing)
            {
                isWoken = false;
                _ = AdvanceAsync(context, input);
            }

            while (told.TryDequeue(out var progress))
            {
                if (progress.Ended)
                {
                    timer?.Cancel();
                    return true;
                }

                foreach (var step in progress.Ready.Where(scheduled.Add))
                {
                    _ = CarryOutAsync(context, input, step);
                }

                if (progress.WakeAt is { } at && (wakeAt is null || at < wakeAt))
                {
                    timer?.Cancel();
                    timer = new();
                    wakeAt = at;
                    _ = WakeAtAsync(context, at, timer.Token);
                }
            }

            if (!isWoken || isAdvancing)
            {
                changed = new();
                await changed.Task;
            }

            if (wakeAt <= context.CurrentUtcDateTime)
            {
                wakeAt = null;
            }
        }
    }

    public override void OnEvent(OrchestrationContext context, string name, string input)
    {
        isWoken = true;
        changed?.TrySetResult();
    }

    private async Task WakeAtAsync(OrchestrationContext context, DateTime at, CancellationToken cancelled)
    {
        try
        {
            await context.CreateTimer(at, true, cancelled);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        // Whatever the clock says by now: it may have been set back.
        wakeAt = wakeAt == at ? null : wakeAt;
        isWoken = true;
        changed?.TrySetResult();
    }

    private async Task AdvanceAsync(OrchestrationContext context, RunStart run)
    {
        isAdvancing = true;
        await ScheduleAsync(context, AdvanceName, run);
        isAdvancing = false;
        changed?.TrySetResult();
    }

    private async Task CarryOutAsync(OrchestrationContext context, RunStart run, string step)
    {
        await ScheduleAsync(context, StepName, new StepCall { Account = run.Account, Run = run.Run, Generation = run.Generation, Step = step });
        changed?.TrySetResult();
    }

    // An activity throws only when it can't record what has come of it, as without a database: it is tried again until it can.
    private async Task ScheduleAsync(OrchestrationContext context, string activity, object input)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                told.Enqueue(await context.ScheduleTask<Progress>(activity, "", input));
                return;
            }
            catch (TaskFailedException)
            {
                await context.CreateTimer(context.CurrentUtcDateTime.AddSeconds(Math.Min(attempt, 30)), true);
            }
        }
    }
}

/// <summary>What the engine has carried out.</summary>
/// <typeparam name="TInput">What names it.</typeparam>
/// <param name="run">Carries it out.</param>
internal sealed class RunActivity<TInput>(Func<TInput, Task<Progress>> run) : AsyncTaskActivity<TInput, Progress>
{
    protected override Task<Progress> ExecuteAsync(TaskContext context, TInput input) => run(input);
}
