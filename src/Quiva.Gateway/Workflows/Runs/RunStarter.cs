using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;
using Quiva.Gateway.Workflows.Engine;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Lets runs begin: at once those that were put in here, and within a second those that are due, that other instances have left, or that
/// wait for a place. A run that began and whose instance has died is begun again, which changes nothing of what is recorded.
/// </summary>
public sealed partial class RunStarter(
    RunStarts starts, RunStore runs, RunAccountStore accounts, RunAdmissionStore admission, RunPruneStore prune, RunAdvance advance, RunPoison poison, RunEngine engine, EngineLock alone,
    IOptions<RunOptions> options, TimeProvider time, ILogger<RunStarter> logger) : BackgroundService
{
    private const int MostAtOnce = 100;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1), QueuesSeen = TimeSpan.FromSeconds(10), MostSilent = TimeSpan.FromMinutes(1);

    private DateTimeOffset tidyAt;
    private long lookedAt, sawQueuesAt;
    private readonly SemaphoreSlim places = new(options.Value.Concurrency);

    /// <summary>Why no runs go on here though they should; null when they do. An unreachable database is no fault of this.</summary>
    internal string? Fault =>
        !options.Value.Enabled ? null
        : !engine.IsRunning ? "The run engine does not run."
        : time.GetElapsedTime(Volatile.Read(ref lookedAt)) > MostSilent ? "Runs are not looked for any more."
        : null;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }

        lookedAt = time.GetTimestamp();

        await engine.StartAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await engine.StopAsync();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Nobody else can be at work on what was left: it need not be waited for.
        var isFirst = alone.IsAlone;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ScanAsync(isFirst, stoppingToken);
                await TidyAsync(stoppingToken);
                await SeeQueuesAsync(stoppingToken);
                Volatile.Write(ref lookedAt, time.GetTimestamp());
                isFirst = false;
                await DrainAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(exception);
                if (exception is GatewayException { Error: GatewayError.Unavailable })
                {
                    Volatile.Write(ref lookedAt, time.GetTimestamp());
                }
                await (RunPoison.Passes(exception) ? Task.CompletedTask : SweepAsync(stoppingToken));
                await Task.Delay(Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await poison.SweepAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    // Once a minute: what has taken too long, and what the engine need not keep.
    private async Task TidyAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now < tidyAt)
        {
            return;
        }

        tidyAt = now + TimeSpan.FromMinutes(1);
        foreach (var run in await runs.ListOverdueAsync(now, MostAtOnce, cancellationToken))
        {
            await advance.GiveUpAsync(run, cancellationToken, "the run has taken more than 30 days");
            await engine.TellAsync(run, null);
        }

        await engine.PurgeAsync();
        await prune.PruneAsync(now - TimeSpan.FromDays(options.Value.RetentionDays), cancellationToken);
    }

    private async Task SeeQueuesAsync(CancellationToken cancellationToken)
    {
        if (RunTelemetry.AreQueuesRead && (sawQueuesAt == 0 || time.GetElapsedTime(sawQueuesAt) > QueuesSeen))
        {
            sawQueuesAt = time.GetTimestamp();
            RunTelemetry.Saw(await accounts.SeeAsync(time.GetUtcNow(), cancellationToken));
        }
    }

    // What is put in, until it is time for a look at the database, or a look is asked for.
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        until.CancelAfter(Poll);
        try
        {
            while (await starts.Signals.WaitToReadAsync(until.Token))
            {
                var isAsked = false;
                while (starts.Signals.TryRead(out var run))
                {
                    isAsked |= run is null;
                    if (run is { IsRunning: true })
                    {
                        await places.WaitAsync(cancellationToken);
                        _ = BeginInBackgroundAsync(run, cancellationToken);
                    }
                }

                if (isAsked)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time for a look.
        }
    }

    private async Task ScanAsync(bool isFirst, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var run in await runs.ListKicksAsync(isFirst ? now + RunStarts.KickAfter : now, isFirst ? int.MaxValue : MostAtOnce, cancellationToken))
        {
            var at = time.GetUtcNow() + RunStarts.KickAfter;
            if (await runs.TryClaimKickAsync(run, isFirst ? now + RunStarts.KickAfter : now, at, cancellationToken))
            {
                run.Kick_at = at;
                await places.WaitAsync(cancellationToken);
                _ = TellInBackgroundAsync(run, cancellationToken);
            }
        }

        var waiting = await accounts.ListWaitingAsync(options.Value.ConcurrentRuns, now, MostAtOnce, cancellationToken);
        starts.HasQueue = waiting.Count > 0;
        for (var hasBegun = waiting.Count > 0; hasBegun;)
        {
            hasBegun = false;
            foreach (var account in waiting)
            {
                if (await admission.TryBeginAsync(account, options.Value.ConcurrentRuns, time.GetUtcNow(), cancellationToken) is { } run)
                {
                    hasBegun = true;
                    await places.WaitAsync(cancellationToken);
                    _ = BeginInBackgroundAsync(run, cancellationToken);
                }
            }
        }
    }

    private async Task BeginInBackgroundAsync(StoredRun run, CancellationToken cancellationToken)
    {
        try
        {
            await BeginAsync(run, cancellationToken);
        }
        catch (Exception exception)
        {
            // It is begun again when its time to be told of is up.
            LogLeft(run.Id, exception);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task TellInBackgroundAsync(StoredRun run, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Yield();
            if (await engine.TellAsync(run, null))
            {
                await runs.ClearKickAsync(run, cancellationToken);
            }
        }
        catch (Exception exception)
        {
            LogLeft(run.Id, exception);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Begins a run that somebody waits for: it need not wait for a place.</summary>
    internal async Task BeginHereAsync(StoredRun run)
    {
        try
        {
            await BeginAsync(run, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogLeft(run.Id, exception);
        }
    }

    /// <summary>Takes a run as far as it gets, and has the engine go on from there.</summary>
    internal async Task BeginAsync(StoredRun run, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var progress = await poison.GuardAsync(run.Account, run.Id, () => advance.AdvanceAsync(run.Account, run.Id, run.Generation, cancellationToken));
        if (!progress.Ended && await engine.TellAsync(run, progress))
        {
            await runs.ClearKickAsync(run, cancellationToken);
        }
    }

    [LoggerMessage(EventId = 1501, EventName = "RunsNotFound", Level = LogLevel.Error,
        Message = "Runs could not be looked for; they are again in a second")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 1502, EventName = "RunNotBegun", Level = LogLevel.Error,
        Message = "Run {Id} could not begin; it is begun again later")]
    private partial void LogLeft(string id, Exception exception);
}
