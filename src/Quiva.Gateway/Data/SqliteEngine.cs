using System.Data.Common;
using DbUp;
using DbUp.Builder;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Quiva.Gateway.Data;

/// <summary>The embedded SQLite: some connections that read, one that writes, all of them kept open.</summary>
internal sealed class SqliteEngine : Engine
{
    private readonly string file, sessions;
    private readonly TimeSpan timeout;
    private readonly SqliteReaders readers;
    private readonly SqliteWriter writer;

    public SqliteEngine(DatabaseOptions options, string dataDirectory)
    {
        var builder = new SqliteConnectionStringBuilder(options.ConnectionString)
        {
            ForeignKeys = true,
            DefaultTimeout = options.TimeoutSeconds,
            // The provider's pool keeps connections without their compiled statements.
            Pooling = false,
        };
        if (builder.DataSource.Length == 0)
        {
            builder.DataSource = "gateway.db";
        }

        builder.DataSource = Path.Combine(dataDirectory, builder.DataSource);
        file = builder.DataSource;
        timeout = TimeSpan.FromSeconds(options.TimeoutSeconds);
        ConnectionString = builder.ConnectionString;
        if (builder.Mode == SqliteOpenMode.ReadWriteCreate)
        {
            // Only migrations make the file: one that has vanished is missed, not made anew.
            builder.Mode = SqliteOpenMode.ReadWrite;
        }

        sessions = builder.ConnectionString;
        // SQLite's own waiting for a lock polls finer than the provider's.
        readers = new(() => new(sessions, $"pragma busy_timeout = {(int)timeout.TotalMilliseconds}"), timeout);
        // FULL: a commit is on the disk before it is acknowledged. A file that was put back may not be in WAL mode.
        writer = new(() => new(sessions, "pragma journal_mode = wal; pragma synchronous = full"), timeout);
    }

    public override string ConnectionString { get; }

    public override string? File => Path.GetFullPath(file);

    public override string TextOf(Sql sql) => sql.Sqlite;

    public override Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) =>
        readers.UseAsync(read, cancellationToken);

    public override Task<T> WriteAsync<T>(
        Func<DbConnection, DbTransaction?, Task<T>> work, Durability durability, CancellationToken cancellationToken) =>
        writer.RunAsync(session => work(session, null), durability, cancellationToken);

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
        exception is SqliteException
        {
            SqliteExtendedErrorCode: SQLITE_CONSTRAINT_PRIMARYKEY or SQLITE_CONSTRAINT_UNIQUE
            or SQLITE_CONSTRAINT_FOREIGNKEY
        };

    public override bool IsUnavailable(DbException exception) =>
        exception is SqliteException failed
        && (failed.SqliteErrorCode is SQLITE_BUSY or SQLITE_LOCKED or SQLITE_FULL || IsBroken(failed));

    /// <summary>Whether an error speaks against the connection that met it.</summary>
    public static bool IsBroken(SqliteException exception) => exception.SqliteErrorCode is SQLITE_CANTOPEN or SQLITE_IOERR or SQLITE_READONLY
        or SQLITE_NOTADB or SQLITE_CORRUPT or SQLITE_PERM or SQLITE_PROTOCOL or SQLITE_NOMEM;

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
        readers.Dispose();
        writer.Dispose();
    }
}
