using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Quiva.Gateway.Data;

/// <summary>
/// The connections that read: at most so many, kept open. One that met an error, or whose file is no longer there, is
/// not used again.
/// </summary>
internal sealed class SqliteReaders(Func<SqliteSession> open, TimeSpan timeout) : IDisposable
{
    // Readers occupy a thread each: more than these would only wait for a processor.
    private readonly SemaphoreSlim free = new(Math.Max(8, 2 * Environment.ProcessorCount));
    private readonly ConcurrentStack<SqliteSession> idle = new();
    private volatile bool isDisposed;

    /// <summary>Reads.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="read">What to do; it keeps nothing of the connection.</param>
    /// <param name="cancellationToken">Ends the wait for a connection.</param>
    /// <exception cref="SqliteException">No connection became free in time, or the engine failed.</exception>
    public async Task<T> UseAsync<T>(Func<SqliteSession, Task<T>> read, CancellationToken cancellationToken)
    {
        if (!await free.WaitAsync(timeout, cancellationToken))
        {
            throw new SqliteException("No connection became free in time.", SQLITE_BUSY);
        }

        SqliteSession? session = null;
        try
        {
            session = Take();
            var result = await read(session);
            Return(session);
            session = null;
            return result;
        }
        finally
        {
            session?.Dispose();
            free.Release();
        }
    }

    public void Dispose()
    {
        isDisposed = true;
        Clear();
    }

    private SqliteSession Take()
    {
        while (idle.TryPop(out var session))
        {
            if (session.IsOnItsFile)
            {
                return session;
            }

            session.Dispose();
        }

        return open();
    }

    private void Return(SqliteSession session)
    {
        idle.Push(session);
        if (isDisposed)
        {
            Clear();
        }
    }

    private void Clear()
    {
        while (idle.TryPop(out var session))
        {
            session.Dispose();
        }
    }
}
