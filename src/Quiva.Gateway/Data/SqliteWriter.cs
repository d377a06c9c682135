using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Quiva.Gateway.Data;

/// <summary>
/// SQLite's only writer of this process. Whoever finds it free runs all transactions that wait, each in a savepoint,
/// and commits once for all of them; each is answered after the commit. The disk's flush, most of a commit's time, is
/// shared, and one caller alone waits for nobody.
/// </summary>
internal sealed class SqliteWriter(Func<SqliteSession> open, TimeSpan timeout) : IDisposable
{
    private const int MostInBatch = 128;

    // The first of a batch is not to wait long for the last, and another process that polls for the lock is to find it
    // free now and then.
    private static readonly TimeSpan LongestBatch =
        TimeSpan.FromMilliseconds(10), Poll = TimeSpan.FromMilliseconds(1), Courtesy = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan Contended = TimeSpan.FromSeconds(1);

    private static readonly Histogram<int> Commits =
        GatewayMetrics.Meter.CreateHistogram<int>(
            "quiva.gateway.writer.batch", "{transaction}", "Transactions that SQLite's writer committed at once.");
    private static readonly UpDownCounter<int> Waiting =
        GatewayMetrics.Meter.CreateUpDownCounter<int>(
            "quiva.gateway.writer.queue", "{transaction}", "Transactions that wait for SQLite's writer or its commit.");

    private readonly WriterQueue queue = new();
    private SqliteSession? session;
    private bool isRelaxed;
    private long lastContention;

    /// <summary>Runs work in a transaction, after those that wait already.</summary>
    /// <typeparam name="T">What the work returns.</typeparam>
    /// <param name="work">What to do; it may run again, from its start.</param>
    /// <param name="durability">What the commit has to survive.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for the turn; what the work does with it is its own affair.
    /// </param>
    /// <exception cref="SqliteException">The turn did not come in time, or the engine failed.</exception>
    public async Task<T> RunAsync<T>(
        Func<SqliteSession, Task<T>> work, Durability durability, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var job = new WriterJob<T>(work) { IsRelaxed = durability == Durability.Relaxed };
        Waiting.Add(1);
        try
        {
            if (queue.Add(job))
            {
                // On this thread as far as its own batch; the rest is nobody's request.
                _ = ServeAsync();
            }

            return await (job.Completion.IsCompleted ? job.Completion : WaitAsync(job, cancellationToken));
        }
        finally
        {
            Waiting.Add(-1);
        }
    }

    public void Dispose() => session?.Dispose();

    private async Task<T> WaitAsync<T>(WriterJob<T> job, CancellationToken cancellationToken)
    {
        try
        {
            return await job.Completion.WaitAsync(timeout, cancellationToken);
        }
        catch (TimeoutException) when (job.TryGiveUp())
        {
            throw OutOfTime();
        }
        catch (Exception exception) when (exception is TimeoutException
            || (exception is OperationCanceledException && !job.TryGiveUp()))
        {
            // Its turn has come: what was done is said, however long it takes.
            return await job.Completion;
        }
    }

    private async Task ServeAsync()
    {
        await RunBatchAsync();
        if (!queue.IsOver())
        {
            ThreadPool.UnsafeQueueUserWorkItem(writer => _ = writer.ServeOthersAsync(), this, preferLocal: false);
        }
    }

    private async Task ServeOthersAsync()
    {
        do
        {
            if (lastContention != 0 && Stopwatch.GetElapsedTime(lastContention) < Contended)
            {
                await Task.Delay(Courtesy);
            }

            await RunBatchAsync();
        }
        while (!queue.IsOver());
    }

    // Whatever happens, those who wait are answered, and the next ones served.
    private async Task RunBatchAsync()
    {
        var batch = new List<WriterJob>();
        try
        {
            await RunAsync(batch);
        }
        catch (Exception exception)
        {
            batch.ForEach(job => job.Failure ??= exception);
        }

        batch.ForEach(job => job.Answer());
    }

    private async Task RunAsync(List<WriterJob> batch)
    {
        var started = Stopwatch.GetTimestamp();
        var onlyRelaxed = queue.IsRelaxed;
        var failure = await TryAsync(batch, onlyRelaxed, () => queue.TryTake(out var job, onlyRelaxed) ? job : null);
        if (failure is not null && batch.Count == 0 && failure is not SqliteException { SqliteErrorCode: SQLITE_BUSY })
        {
            // Waiting would not help them.
            while (queue.TryTake(out var job))
            {
                batch.Add(job);
            }
        }
        else if (failure is not null && batch.Count > 1)
        {
            await RunAloneAsync(batch, onlyRelaxed, started);
            failure = null;
        }

        batch.ForEach(job => job.Failure = failure ?? job.Failure);
    }

    // What one of them met, a full disk for example, must not be the answer to all of them.
    private async Task RunAloneAsync(List<WriterJob> batch, bool onlyRelaxed, long started)
    {
        foreach (var job in batch)
        {
            var next = job;
            var failure = Stopwatch.GetElapsedTime(started) > timeout
                ? OutOfTime()
                : await TryAsync([], onlyRelaxed, () => Interlocked.Exchange(ref next, null));
            job.Failure = failure ?? job.Failure;
        }
    }

    /// <summary>Runs jobs in one transaction, as long as there is another one and some time.</summary>
    /// <returns>Why nothing of them is kept; null when it is.</returns>
    private async Task<Exception?> TryAsync(List<WriterJob> batch, bool relaxed, Func<WriterJob?> next)
    {
        try
        {
            var current = await BeginAsync(relaxed);
            var started = Stopwatch.GetTimestamp();
            while (batch.Count < MostInBatch && Stopwatch.GetElapsedTime(started) < LongestBatch && next() is { } job)
            {
                batch.Add(job);
                await job.RunAsync(current);
            }

            current.Run("commit");
            if (!current.IsOnItsFile)
            {
                throw new SqliteException("The database's file was deleted or replaced.", SQLITE_CANTOPEN);
            }

            Commits.Record(batch.Count);
            if (batch.Exists(job => job.Failure is SqliteException failed && SqliteEngine.IsBroken(failed)))
            {
                Renew();
            }

            return null;
        }
        catch (Exception exception)
        {
            if (exception is not SqliteException failed || SqliteEngine.IsBroken(failed) || !TryRollBack())
            {
                Renew();
            }

            return exception;
        }
    }

    private async Task<SqliteSession> BeginAsync(bool relaxed)
    {
        if (session is { IsOnItsFile: false })
        {
            Renew();
        }

        if (session is null)
        {
            session = open();
            isRelaxed = false;
        }

        if (relaxed != isRelaxed)
        {
            session.Run(relaxed ? "pragma synchronous = normal" : "pragma synchronous = full");
            isRelaxed = relaxed;
        }

        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(Poll))
        {
            var code = session.TryRun("begin immediate");
            if ((code & 0xff) != SQLITE_BUSY || Stopwatch.GetElapsedTime(started) > timeout)
            {
                SqliteException.ThrowExceptionForRC(code, session.Handle);
                return session;
            }

            lastContention = Stopwatch.GetTimestamp();
        }
    }

    private static SqliteException OutOfTime() => new("The writer's turn did not come in time.", SQLITE_BUSY);

    private bool TryRollBack() =>
        session is not null && (!session.IsInTransaction || session.TryRun("rollback") == SQLITE_OK);

    // Closing undoes what was not committed. A connection that can't even be closed is let go of: what a transaction
    // has come to is settled by now.
    private void Renew()
    {
        var old = session;
        session = null;
        try
        {
            old?.Dispose();
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.Data.Common.DbException
            or IOException)
        {
            // SQLite's own locks end with the connection, at the latest when it is collected.
        }
    }
}
