using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Quiva.Gateway.Data;

/// <summary>
/// The transactions that wait for SQLite's only writer, served by account in turn: many of one do not hold up another's
/// one.
/// </summary>
internal sealed class WriterQueue
{
    private readonly Dictionary<string, Queue<WriterJob>> accounts = new(StringComparer.Ordinal);
    private readonly Queue<Queue<WriterJob>> turns = new();
    private readonly Lock gate = new();
    private int durable;
    private bool isServed;

    /// <summary>Adds a job.</summary>
    /// <returns>Whether nobody serves the queue: the caller has to, until <see cref="IsOver"/>.</returns>
    public bool Add(WriterJob job)
    {
        lock (gate)
        {
            if (!accounts.TryGetValue(job.Account, out var own))
            {
                accounts.Add(job.Account, own = new());
                turns.Enqueue(own);
            }

            own.Enqueue(job);
            durable += job.IsRelaxed ? 0 : 1;
            return !isServed && (isServed = true);
        }
    }

    /// <summary>Whether every waiting job can do without a commit that is on the disk.</summary>
    public bool IsRelaxed
    {
        get
        {
            lock (gate)
            {
                return durable == 0;
            }
        }
    }

    /// <summary>Takes the next job whose caller still waits.</summary>
    /// <param name="job">The job.</param>
    /// <param name="onlyRelaxed">Take none as long as one waits that has to be on the disk.</param>
    public bool TryTake([NotNullWhen(true)] out WriterJob? job, bool onlyRelaxed = false)
    {
        lock (gate)
        {
            while ((durable == 0 || !onlyRelaxed) && turns.TryDequeue(out var own))
            {
                job = own.Dequeue();
                durable -= job.IsRelaxed ? 0 : 1;
                if (own.Count > 0)
                {
                    turns.Enqueue(own);
                }
                else
                {
                    accounts.Remove(job.Account);
                }

                if (job.TryTake())
                {
                    return true;
                }
            }
        }

        job = null;
        return false;
    }

    /// <summary>Whether nothing waits any more; then nobody serves the queue.</summary>
    public bool IsOver()
    {
        lock (gate)
        {
            isServed = turns.Count > 0;
            return !isServed;
        }
    }
}

/// <summary>One transaction that waits, runs, or waits for its commit.</summary>
internal abstract class WriterJob
{
    private const int Waiting = 0, Taken = 1, GivenUp = 2;

    private readonly ExecutionContext? context = ExecutionContext.Capture();
    private int state;

    /// <summary>Whose turn it takes.</summary>
    public string Account { get; } = WriterTurn.Account ?? "";

    /// <summary>Whether it need not be on the disk.</summary>
    public required bool IsRelaxed { get; init; }

    /// <summary>Why nothing of it is kept; null as long as nothing failed.</summary>
    public Exception? Failure { get; set; }

    public bool TryTake() => Interlocked.CompareExchange(ref state, Taken, Waiting) == Waiting;

    /// <summary>Gives up waiting for the turn.</summary>
    /// <returns>False when the turn has come.</returns>
    public virtual bool TryGiveUp() => Interlocked.CompareExchange(ref state, GivenUp, Waiting) == Waiting;

    /// <summary>
    /// Runs the work in a savepoint, as its caller would. What it throws is kept for the caller, and undoes only this
    /// work.
    /// </summary>
    /// <exception cref="SqliteException">The whole transaction is lost.</exception>
    public Task RunAsync(SqliteSession session)
    {
        if (context is null)
        {
            return InSavepointAsync(session);
        }

        var running = Task.CompletedTask;
        ExecutionContext.Run(context, _ => running = InSavepointAsync(session), null);
        return running;
    }

    /// <summary>Lets the caller go on, with what came of the work.</summary>
    public abstract void Answer();

    protected abstract Task WorkAsync(SqliteSession session);

    private async Task InSavepointAsync(SqliteSession session)
    {
        Failure = null;
        session.Run("savepoint job");
        try
        {
            await WorkAsync(session);
        }
        catch (Exception exception)
        {
            Failure = exception;
        }

        if (!session.IsInTransaction)
        {
            throw Failure as SqliteException ?? new SqliteException("The transaction was ended.", SQLITE_ABORT);
        }

        session.Run(Failure is null ? "release job" : "rollback to job; release job");
    }
}

/// <inheritdoc/>
internal sealed class WriterJob<T>(Func<SqliteSession, Task<T>> work) : WriterJob
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<SqliteSession, Task<T>>? work = work;
    private T? result;

    public Task<T> Completion => completion.Task;

    public override bool TryGiveUp()
    {
        if (!base.TryGiveUp())
        {
            return false;
        }

        // It stays in the queue for a while, without what the work holds on to.
        work = null;
        return true;
    }

    public override void Answer()
    {
        if (Failure is null)
        {
            completion.SetResult(result!);
        }
        else
        {
            completion.SetException(Failure);
        }
    }

    protected override async Task WorkAsync(SqliteSession session) => result = await work!(session);
}
