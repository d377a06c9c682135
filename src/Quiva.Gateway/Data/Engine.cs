using System.Data.Common;
using DbUp.Builder;

namespace Quiva.Gateway.Data;

/// <summary>
/// What differs between the two engines besides the text of statements: connecting, locking, and the meaning of errors.
/// </summary>
internal abstract class Engine : IDisposable
{
    public abstract string ConnectionString { get; }

    /// <summary>The file that holds the data; null where a server holds it.</summary>
    public virtual string? File => null;

    /// <summary>The text of a statement for this engine.</summary>
    public abstract string TextOf(Sql sql);

    /// <summary>Runs something on a connection, outside of a transaction.</summary>
    public abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>
    /// Runs work in a transaction, and commits it; what the work throws undoes it. The work may run more than once.
    /// </summary>
    public abstract Task<T> WriteAsync<T>(
        Func<DbConnection, DbTransaction?, Task<T>> work, Durability durability, CancellationToken cancellationToken);

    /// <summary>
    /// A lock that only one process on this database holds at a time; released when disposed of, and by the death of
    /// its process.
    /// </summary>
    public abstract Task<IAsyncDisposable> LockAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>The work was undone by the engine, or lost a race, and may be tried again as a whole.</summary>
    public abstract bool IsRetriable(DbException exception);

    /// <summary>The engine can't be reached or can't work at the moment.</summary>
    public abstract bool IsUnavailable(DbException exception);

    public abstract UpgradeEngineBuilder Migrations();

    public abstract void Dispose();

    public static Engine For(DatabaseOptions options, string dataDirectory) => options.Provider switch
    {
        DatabaseProvider.SqlServer => new SqlServerEngine(options),
        _ => new SqliteEngine(options, dataDirectory),
    };
}
