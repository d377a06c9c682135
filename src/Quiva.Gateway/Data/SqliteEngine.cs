using System.Data.Common;
using DbUp;
using DbUp.Builder;
using Microsoft.Data.Sqlite;

namespace Quiva.Gateway.Data;

/// <summary>The embedded SQLite.</summary>
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

    public override string? File => Path.GetFullPath(file);

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
