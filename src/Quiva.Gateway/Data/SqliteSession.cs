using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Quiva.Gateway.Data;

/// <summary>
/// A connection to SQLite that stays open and keeps its compiled statements: compiling costs more than running most of
/// them. Not safe for concurrent use.
/// </summary>
internal sealed partial class SqliteSession : SqliteConnection
{
    private const int MostKept = 128, LongestKeptValue = 64 * 1024, HasMoved = 20;

    private readonly Dictionary<string, SqliteCommand> kept = new(StringComparer.Ordinal);

    /// <summary>Opens the database's file, which must exist and have all migrations.</summary>
    /// <param name="connectionString">Where the file is.</param>
    /// <param name="pragmas">What to set once.</param>
    /// <exception cref="SqliteException">The file can't be opened, or is no database of the gateway.</exception>
    public SqliteSession(string connectionString, string pragmas)
        : base(connectionString)
    {
        try
        {
            Open();
            Run(pragmas);
            // A file that was put in the place of another may be anything.
            if (Convert.ToInt64(Scalar(CountMigrationsText), null) < MigrationScripts.All.Count)
            {
                throw new SqliteException("The database lacks migrations.", SQLITE_NOTADB);
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SQLITE_ERROR)
        {
            Dispose();
            throw new SqliteException("The file is no database of the gateway: " + exception.Message, SQLITE_NOTADB);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal const string CountMigrationsText = "select count(*) from schema_versions";

    /// <summary>
    /// Whether the path still leads to the file that is open. What is written to a file that was deleted or replaced is
    /// lost. (On Windows an open file can be neither.)
    /// </summary>
    public bool IsOnItsFile => FileControl(Handle!, null, HasMoved, out var moved) != SQLITE_OK || moved == 0;

    /// <summary>Whether a transaction is open: some errors end it.</summary>
    public bool IsInTransaction => sqlite3_get_autocommit(Handle) == 0;

    /// <summary>Runs a statement without the provider, which would wait for locks by blocking the thread.</summary>
    /// <returns>SQLite's result code.</returns>
    public int TryRun(string text) => sqlite3_exec(Handle, text);

    /// <summary>Runs a statement without parameters.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Run(string text) => SqliteException.ThrowExceptionForRC(TryRun(text), Handle);

    /// <inheritdoc/>
    protected override DbCommand CreateDbCommand() => new KeptCommand(this);

    private object? Scalar(string text)
    {
        using var command = CreateDbCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }

    /// <summary>
    /// What Dapper gets: a command that takes its compiled statement from the session, and gives it back.
    /// </summary>
    private sealed class KeptCommand(SqliteSession session) : DbCommand
    {
        private SqliteCommand? inner;
        private bool isFit;

        [AllowNull]
        public override string CommandText
        {
            get => Inner.CommandText;
            set => inner = inner is null
                ? session.Take(value ?? "")
                : throw new NotSupportedException("A command has one text.");
        }

        public override int CommandTimeout { get => Inner.CommandTimeout; set => Inner.CommandTimeout = value; }

        public override CommandType CommandType { get => Inner.CommandType; set => Inner.CommandType = value; }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection { get => session; set => throw new NotSupportedException(); }

        protected override DbParameterCollection DbParameterCollection => Inner.Parameters;

        // A transaction is the session's own affair.
        protected override DbTransaction? DbTransaction { get; set; }

        private SqliteCommand Inner => inner ?? throw new InvalidOperationException("The command has no text yet.");

        public override void Cancel()
        {
        }

        public override void Prepare() => Inner.Prepare();

        public override int ExecuteNonQuery() => Fit(Inner.ExecuteNonQuery());

        public override object? ExecuteScalar() => Fit(Inner.ExecuteScalar());

        // SQLite works on the caller's thread; the base class would register each cancellation token.
        public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult(ExecuteNonQuery());
        }

        protected override DbParameter CreateDbParameter() => new SqliteParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
            Fit(Inner.ExecuteReader(behavior));

        protected override Task<DbDataReader> ExecuteDbDataReaderAsync(
            CommandBehavior behavior, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult(ExecuteDbDataReader(behavior));
        }

        protected override void Dispose(bool disposing)
        {
            if (inner is { } command)
            {
                inner = null;
                if (isFit)
                {
                    session.Keep(command);
                }
                else
                {
                    command.Dispose();
                }
            }

            base.Dispose(disposing);
        }

        private T Fit<T>(T result)
        {
            isFit = true;
            return result;
        }
    }

    private SqliteCommand Take(string text) =>
        kept.Remove(text, out var command) ? command : new SqliteCommand(text, this);

    private void Keep(SqliteCommand command)
    {
        // A statement holds on to its last values.
        var isSmall = true;
        foreach (SqliteParameter parameter in command.Parameters)
        {
            isSmall &=
                parameter.Value is not (string { Length: > LongestKeptValue } or byte[] { Length: > LongestKeptValue });
        }

        command.Parameters.Clear();
        if (!isSmall || kept.Count == MostKept || !kept.TryAdd(command.CommandText, command))
        {
            command.Dispose();
        }
    }

    // https://sqlite.org/c3ref/file_control.html and SQLITE_FCNTL_HAS_MOVED; the provider has no method for it.
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FileControl(SafeHandle database, string? name, int operation, out int result);
}
