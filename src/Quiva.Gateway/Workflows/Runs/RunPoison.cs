using System.Data.Common;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Ends runs that can't be processed, whatever is tried: rows that can't be read, values that don't open,
/// configurations that are none any more. They end as failed instead of being tried for ever, and others' runs go on.
/// </summary>
public sealed partial class RunPoison(RunPoisonStore store, RunStore runs, TimeProvider time, ILogger<RunPoison> logger)
{
    private const int MostTries = 3;
    private static readonly TimeSpan BetweenTries =
        TimeSpan.FromMilliseconds(200), BetweenSweeps = TimeSpan.FromMinutes(1);
    private DateTimeOffset sweepAt;

    /// <summary>Works on a run, and ends it when that fails again and again for a reason that does not pass.</summary>
    /// <param name="account">Its account.</param>
    /// <param name="id">Its id.</param>
    /// <param name="work">The work.</param>
    internal async Task<Progress> GuardAsync(string account, string id, Func<Task<Progress>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (Exception exception) when (!Passes(exception))
            {
                LogFailed(id, FaultOf(exception));
                if (attempt == MostTries)
                {
                    await store.FailAsync(account, id, default);
                    return new() { Ended = true };
                }

                await Task.Delay(BetweenTries, time);
            }
        }
    }

    /// <summary>What is logged of an exception: its words may hold what a caller has sent.</summary>
    internal static string FaultOf(Exception exception) =>
        $"{exception.GetType()}{Environment.NewLine}{exception.StackTrace}";

    /// <summary>Whether a failure has to do with the moment rather than with the run.</summary>
    internal static bool Passes(Exception exception) => exception is DbException or GatewayException { Error: GatewayError.Unavailable } or OperationCanceledException
        or ObjectDisposedException or TimeoutException or IOException or RunChangedException or LostRaceException
            or OutOfMemoryException;

    /// <summary>After a list of runs could not be read: ends those whose rows can't. At most once a minute.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now < sweepAt)
        {
            return;
        }

        sweepAt = now + BetweenSweeps;
        await foreach (var run in store.ListLiveAsync(cancellationToken))
        {
            try
            {
                _ = await runs.FindAsync(run.Account, run.Id, cancellationToken);
            }
            catch (Exception exception) when (!Passes(exception))
            {
                LogFailed(run.Id, FaultOf(exception));
                await store.FailAsync(run.Account, run.Id, cancellationToken);
            }
        }
    }

    [LoggerMessage(EventId = 1521, EventName = "RunNotProcessed", Level = LogLevel.Error,
        Message = "Run {Id} could not be processed: {Fault}")]
    private partial void LogFailed(string id, string fault);
}
