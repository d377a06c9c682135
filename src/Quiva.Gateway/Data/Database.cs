using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Data;

/// <summary>
/// The only way to the database. Runs a <see cref="Sql"/> with Dapper, and turns an engine that can't be reached into
/// <see cref="GatewayError.Unavailable"/>. Safe for concurrent use.
/// </summary>
public sealed partial class Database : IDisposable
{
    // A transaction that lost a race is tried again at most this often, and never so long that a caller would wait over
    // 5 seconds.
    private const int Attempts = 10;
    private static readonly TimeSpan RetryWindow = TimeSpan.FromSeconds(2);

    private readonly Engine engine;
    private readonly ILogger<Database> logger;

    static Database()
    {
        UtcHandler.Register();
        BytesHandler.Register();
        SqlMapper.AddTypeHandler(new StoredJsonHandler());
        DefaultTypeMap.MatchNamesWithUnderscores = true;
    }

    /// <summary>Reads where the database is; opens nothing.</summary>
    /// <param name="options">Engine and connection string.</param>
    /// <param name="gateway">The data directory, for SQLite's file.</param>
    /// <param name="logger">
    /// Where failures of the engine are told; callers only learn that the service is unavailable.
    /// </param>
    public Database(IOptions<DatabaseOptions> options, IOptions<GatewayOptions> gateway, ILogger<Database> logger)
    {
        engine = Engine.For(options.Value, gateway.Value.FullDataDirectory);
        this.logger = logger;
    }

    /// <summary>All rows of a query.</summary>
    /// <typeparam name="T">A class with settable properties named like the columns.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">An object whose properties are the parameters, spelled as in the statement.</param>
    /// <param name="cancellationToken">Ends the wait; nothing was changed then.</param>
    /// <exception cref="GatewayException">The database is unavailable.</exception>
    public Task<List<T>> QueryAsync<T>(
        Sql sql, object? parameters = null, CancellationToken cancellationToken = default) =>
        ReadAsync(
            async connection => (await connection.QueryAsync<T>(Command(sql, parameters, null, cancellationToken)))
                .AsList(),
            cancellationToken);

    /// <summary>
    /// The first rows of a query, as they fit into some memory: reading ends after the row that does not.
    /// </summary>
    /// <typeparam name="T">A class with settable properties named like the columns.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">An object whose properties are the parameters, spelled as in the statement.</param>
    /// <param name="sizeOf">The size of a row, in bytes.</param>
    /// <param name="most">The size from which on no further row is read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The rows, and whether there are more that were not read.</returns>
    /// <exception cref="GatewayException">The database is unavailable.</exception>
    public Task<(List<T> Rows, bool IsCut)> QueryAsync<T>(
        Sql sql, object parameters, Func<T, long> sizeOf, long most, CancellationToken cancellationToken) => ReadAsync(
        async connection =>
        {
            var rows = new List<T>();
            await foreach (var row in connection.QueryUnbufferedAsync<T>(engine.TextOf(sql), parameters)
                .WithCancellation(cancellationToken))
            {
                if (most <= 0)
                {
                    return (rows, true);
                }

                rows.Add(row);
                most -= sizeOf(row);
            }

            return (rows, false);
        },
        cancellationToken);

    /// <summary>The first row of a query, or null.</summary>
    /// <typeparam name="T">A class with settable properties named like the columns.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">An object whose properties are the parameters, spelled as in the statement.</param>
    /// <param name="cancellationToken">Ends the wait; nothing was changed then.</param>
    /// <exception cref="GatewayException">The database is unavailable.</exception>
    public Task<T?> FindAsync<T>(Sql sql, object? parameters = null, CancellationToken cancellationToken = default) =>
        ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<T>(Command(sql, parameters, null, cancellationToken)),
            cancellationToken);

    /// <summary>The first row of a query together with its last column, <c>version</c>; or null.</summary>
    /// <typeparam name="T">A class with settable properties named like the columns before <c>version</c>.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">An object whose properties are the parameters, spelled as in the statement.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GatewayException">The database is unavailable.</exception>
    public Task<Versioned<T>?> FindVersionedAsync<T>(
        Sql sql, object? parameters, CancellationToken cancellationToken) =>
        ReadAsync(
            async connection => (await connection.QueryAsync<T, long, Versioned<T>>(
                Command(
                    sql,
                    parameters,
                    null,
                    cancellationToken), (value, version) => new(value, version), splitOn: "version"))
                    .FirstOrDefault(),
            cancellationToken);

    /// <summary>
    /// Runs work in one transaction: all of it is kept, or none. The work runs again, from its start, when the engine
    /// made it the victim of a deadlock or when it lost a race (a duplicate key, or a <see cref="LostRaceException"/>
    /// of its own).
    /// </summary>
    /// <typeparam name="T">What the work returns.</typeparam>
    /// <param name="work">What to do; it must have no effect outside the transaction.</param>
    /// <param name="cancellationToken">
    /// Ends the work; nothing was changed then. A commit that has begun is finished.
    /// </param>
    /// <exception cref="GatewayException">The database is unavailable, or the race was lost too often.</exception>
    public Task<T> InTransactionAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellationToken) =>
        InTransactionAsync(work, Durability.Full, cancellationToken);

    /// <inheritdoc cref="InTransactionAsync{T}(Func{Transaction, Task{T}}, CancellationToken)"/>
    /// <param name="work">
    /// What to do; it must have no effect outside the transaction, and wait for nothing but its statements: on SQLite
    /// all writers wait for it.
    /// </param>
    /// <param name="durability">What the transaction has to survive.</param>
    /// <param name="cancellationToken">
    /// Ends the work; nothing was changed then. A commit that has begun is finished.
    /// </param>
    public async Task<T> InTransactionAsync<T>(
        Func<Transaction, Task<T>> work, Durability durability, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(work, durability, cancellationToken);
            }
            catch (Exception exception) when (exception is LostRaceException
                || exception is DbException lost && engine.IsRetriable(lost))
            {
                if (attempt == Attempts || TimeProvider.System.GetElapsedTime(started) > RetryWindow)
                {
                    LogLostRace(attempt, exception);
                    throw new GatewayException(
                        GatewayError.Unavailable,
                        GatewayException.UnavailableMessage,
                        exception as LostRaceException ?? new LostRaceException(exception));
                }

                GatewayMetrics.TransactionRetried();
                await Task.Delay(Random.Shared.Next(1, 10 * attempt), cancellationToken);
            }
        }
    }

    /// <summary>Whether the database answers a trivial query.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync<int>(PingSql, null, cancellationToken) == 1;
        }
        catch (GatewayException)
        {
            return false;
        }
    }

    /// <summary>Lets go of pooled connections.</summary>
    public void Dispose() => engine.Dispose();

    internal static readonly Sql PingSql = "select 1";

    /// <summary>SQLite's file; null for an engine that is a server.</summary>
    internal string? File => engine.File;

    internal static readonly Sql IsInitializedSql = new(
        SqlServer: "select case when object_id(N'schema_versions') is null then 0 else 1 end",
        Sqlite: "select count(*) from sqlite_master where name = 'schema_versions'");

    /// <summary>Whether a gateway has ever started on this database. Makes none.</summary>
    internal async Task<bool> IsInitializedAsync(CancellationToken cancellationToken) =>
        (File is not { } file || System.IO.File.Exists(file))
        && await FindAsync<int>(IsInitializedSql, null, cancellationToken) == 1;

    /// <summary>
    /// A lock that one process on this database holds at a time: what instances that start together do one after the
    /// other.
    /// </summary>
    internal Task<IAsyncDisposable> LockAsync(CancellationToken cancellationToken) =>
        engine.LockAsync(TimeSpan.FromMinutes(1), cancellationToken);

    /// <summary>Applies the migrations that have not run yet. The caller holds the lock.</summary>
    /// <returns>The names of the scripts that ran.</returns>
    /// <exception cref="InvalidOperationException">
    /// A script that has run before was changed since, or a script failed (which changed nothing).
    /// </exception>
    internal IReadOnlyList<string> Migrate()
    {
        var result = engine.Migrations()
            .WithScripts(MigrationScripts.All)
            .WithVariablesDisabled()
            .WithTransactionPerScript()
            .WithExecutionTimeout(TimeSpan.FromMinutes(10))
            .JournalTo((connections, _) => new HashJournal(connections, engine.TextOf))
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        return result.Successful
            ? [.. result.Scripts.Select(script => script.Name)]
            : throw new InvalidOperationException(result.ErrorScript is { } script
                ? $"The migration {script.Name} failed: {result.Error.Message}"
                : result.Error.Message, result.Error);
    }

    private Task<T> OnceAsync<T>(
        Func<Transaction, Task<T>> work, Durability durability, CancellationToken cancellationToken) =>
        UnlessUnavailableAsync(() => engine.WriteAsync(
            async (connection, transaction) =>
            {
                using var open = new Transaction(this, connection, transaction);
                return await work(open);
            },
            durability,
            cancellationToken));

    // Writers can make a reader the victim of a deadlock too.
    private async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await UnlessUnavailableAsync(() => engine.ReadAsync(read, cancellationToken));
            }
            catch (DbException exception) when (engine.IsRetriable(exception) && attempt < Attempts)
            {
                await Task.Delay(Random.Shared.Next(1, 10 * attempt), cancellationToken);
            }
        }
    }

    private async Task<T> UnlessUnavailableAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is DbException failure && engine.IsUnavailable(failure)
            || IsExhaustedPool(exception))
        {
            GatewayMetrics.DatabaseWasUnavailable();
            LogUnavailable(exception);
            throw new GatewayException(GatewayError.Unavailable, GatewayException.UnavailableMessage, exception);
        }
    }

    // SqlClient tells an exhausted pool by this type alone.
    private static bool IsExhaustedPool(Exception exception) =>
        exception is InvalidOperationException { Source: "Microsoft.Data.SqlClient" };

    internal CommandDefinition Command(
        Sql sql, object? parameters, DbTransaction? transaction, CancellationToken cancellationToken) =>
        new(engine.TextOf(sql), parameters, transaction, cancellationToken: cancellationToken);

    [LoggerMessage(EventId = 1703, EventName = "DatabaseUnavailable", Level = LogLevel.Error,
        Message = "The database is unavailable")]
    private partial void LogUnavailable(Exception exception);

    [LoggerMessage(EventId = 1704, EventName = "TransactionLostRace", Level = LogLevel.Error,
        Message = "A transaction lost its race {Attempts} times")]
    private partial void LogLostRace(int attempts, Exception exception);
}

/// <summary>A value and the version of its row: what its entity tag is made of.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Version">
/// The <c>sequence</c> of the row's last change; a later version is always greater, also after a removal.
/// </param>
public sealed record Versioned<T>(T Value, long Version);

/// <summary>Another transaction changed the row first; <see cref="Database"/> starts the work again.</summary>
/// <param name="inner">How the engine said so, if it did.</param>
public sealed class LostRaceException(Exception? inner = null) : Exception(null, inner);
