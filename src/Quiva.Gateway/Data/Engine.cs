using System.Data.Common;
using DbUp;
using DbUp.Builder;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace Quiva.Gateway.Data;

/// <summary>What differs between the two engines besides the text of statements: connecting, locking, and the meaning of errors.</summary>
internal abstract class Engine : IDisposable
{
    public abstract string ConnectionString { get; }

    /// <summary>The text of a statement for this engine.</summary>
    public abstract string TextOf(Sql sql);

    public abstract Task<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Waits until this process may be the one that writes, where the engine has but one writer.</summary>
    public virtual Task<IDisposable?> EnterWriterAsync(CancellationToken cancellationToken) => Task.FromResult<IDisposable?>(null);

    /// <summary>A lock that only one process on this database holds at a time; released when disposed of, and by the death of its process.</summary>
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

internal sealed class SqlServerEngine : Engine
{
    // Lost connections, fail-over, throttling: https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues
    private static readonly HashSet<int> Transient =
        [-2, 2, 20, 53, 64, 121, 233, 258, 921, 4060, 4221, 10053, 10054, 10060, 10061, 10928, 10929, 11001, 17142, 18456, 40143, 40197, 40501, 40540, 40613, 42108, 42109, 49918, 49919, 49920];

    private const int DeadlockVictim = 1205, ForeignKey = 547, UniqueIndex = 2601, UniqueConstraint = 2627, SnapshotConflict = 3960, LockTimeout = 1222;

    public SqlServerEngine(DatabaseOptions options)
    {
        var builder = new SqlConnectionStringBuilder(options.ConnectionString)
        {
            // A pool that remembers a failure for up to a minute would keep answering 503 after the server is back.
            PoolBlockingPeriod = PoolBlockingPeriod.NeverBlock,
        };
        if (!builder.ShouldSerialize("Connect Timeout"))
        {
            builder.ConnectTimeout = options.TimeoutSeconds;
        }

        if (!builder.ShouldSerialize("Command Timeout"))
        {
            builder.CommandTimeout = options.TimeoutSeconds;
        }

        if (!builder.ShouldSerialize("Application Name"))
        {
            builder.ApplicationName = "Quiva.Gateway";
        }

        ConnectionString = builder.ConnectionString;
    }

    public override string ConnectionString { get; }

    public override string TextOf(Sql sql) => sql.SqlServer;

    public override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqlConnection(ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override async Task<IAsyncDisposable> LockAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Held by the session of this connection, which is not pooled: closing it ends the session and the lock.
        var connection = new SqlConnection(new SqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandTimeout = (int)timeout.TotalSeconds + 5;
            command.CommandText = AppLockText;
            command.Parameters.AddWithValue("@timeout", (int)timeout.TotalMilliseconds);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    internal const string AppLockText = """
        declare @result int;
        exec @result = sp_getapplock @Resource = N'quiva-gateway', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = @timeout;
        if @result < 0 throw 50000, N'The application lock was not granted.', 1;
        """;

    public override bool IsRetriable(DbException exception) =>
        exception is SqlException { Number: DeadlockVictim or ForeignKey or UniqueIndex or UniqueConstraint or SnapshotConflict };

    public override bool IsUnavailable(DbException exception) =>
        exception is SqlException sql && (sql.Class >= 20 || sql.Number == LockTimeout || Transient.Contains(sql.Number));

    public override UpgradeEngineBuilder Migrations() => DeployChanges.To.SqlDatabase(ConnectionString);

    public override void Dispose() => SqlConnection.ClearPool(new SqlConnection(ConnectionString));
}

internal sealed class SqliteEngine : Engine
{
    private readonly TimeSpan timeout;
    private readonly SemaphoreSlim writer = new(1);
    private readonly string file;

    public SqliteEngine(DatabaseOptions options, string dataDirectory)
    {
        var builder = new SqliteConnectionStringBuilder(options.ConnectionString) { ForeignKeys = true, DefaultTimeout = options.TimeoutSeconds };
        if (builder.DataSource.Length == 0)
        {
            builder.DataSource = "gateway.db";
        }

        builder.DataSource = Path.Combine(dataDirectory, builder.DataSource);
        file = builder.DataSource;
        timeout = TimeSpan.FromSeconds(options.TimeoutSeconds);
        ConnectionString = builder.ConnectionString;
    }

    public override string ConnectionString { get; }

    public override string TextOf(Sql sql) => sql.Sqlite;

    public override Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            // FULL: a commit is on the disk before it is acknowledged. SQLite's own waiting for a lock polls finer than the provider's.
            command.CommandText = $"pragma synchronous = full; pragma busy_timeout = {(int)timeout.TotalMilliseconds};";
            command.ExecuteNonQuery();
            return Task.FromResult<DbConnection>(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Writers of one process queue here, in order; between processes SQLite's file lock decides, by polling.
    public override async Task<IDisposable?> EnterWriterAsync(CancellationToken cancellationToken) =>
        await writer.WaitAsync(timeout, cancellationToken)
            ? new Releaser(writer)
            : throw new SqliteException("The writer's turn did not come in time.", SQLitePCL.raw.SQLITE_BUSY);

    public override async Task<IAsyncDisposable> LockAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(deadline) < timeout)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    public override bool IsRetriable(DbException exception) =>
        exception is SqliteException { SqliteExtendedErrorCode: SQLitePCL.raw.SQLITE_CONSTRAINT_PRIMARYKEY or SQLitePCL.raw.SQLITE_CONSTRAINT_UNIQUE or SQLitePCL.raw.SQLITE_CONSTRAINT_FOREIGNKEY };

    public override bool IsUnavailable(DbException exception) => exception is SqliteException
    {
        SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED or SQLitePCL.raw.SQLITE_CANTOPEN
            or SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_NOTADB
    };

    public override UpgradeEngineBuilder Migrations()
    {
        using (var connection = new SqliteConnection(ConnectionString))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma journal_mode = wal";
            command.ExecuteNonQuery();
        }

        return DeployChanges.To.SqliteDatabase(ConnectionString).WithPreprocessor(new SqliteDialect());
    }

    public override void Dispose()
    {
        SqliteConnection.ClearPool(new SqliteConnection(ConnectionString));
        writer.Dispose();
    }

    private sealed class Releaser(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
