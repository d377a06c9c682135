using System.Data;
using System.Data.Common;
using DbUp;
using DbUp.Builder;
using Microsoft.Data.SqlClient;

namespace Quiva.Gateway.Data;

/// <summary>Microsoft SQL Server and Azure SQL.</summary>
internal sealed class SqlServerEngine : Engine
{

    private readonly Reach reach;

    public SqlServerEngine(DatabaseOptions options)
    {
        ConnectionString = SqlServerConnection.Of(options);
        var limit = TimeSpan.FromSeconds(options.TimeoutSeconds);
        // Half a second for whatever comes before and after, of the five that are promised.
        reach = new Reach(limit, limit + TimeSpan.FromMilliseconds(500));
    }

    public override string ConnectionString { get; }

    public override string TextOf(Sql sql) => sql.SqlServer;

    public override Task<T> ReadAsync<T>(
        Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) => reach.WithinAsync(async _ =>
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await read(connection);
    });

    public override Task<T> WriteAsync<T>(
        Func<DbConnection, DbTransaction?, Task<T>> work, Durability durability, CancellationToken cancellationToken) => reach.WithinAsync(async limit =>
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction =
            await connection.BeginTransactionAsync(IsolationLevel.Unspecified, cancellationToken);
        var result = await work(connection, transaction);
        limit.ThrowIfCancellationRequested();
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    });

    private Task<DbConnection> OpenAsync(CancellationToken cancellationToken) =>
        reach.OpenAsync(ConnectAsync, cancellationToken);

    private async Task<DbConnection> ConnectAsync(CancellationToken cancellationToken)
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
        var connection =
            new SqlConnection(new SqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
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
        exception is SqlException sql && SqlServerErrors.IsLostRace(sql.Number, sql.Message);

    public override bool IsUnavailable(DbException exception) =>
        exception is OutOfReachException
        || (exception is SqlException sql && SqlServerErrors.IsUnavailable(sql.Number, sql.Class));

    public override UpgradeEngineBuilder Migrations() => DeployChanges.To.SqlDatabase(ConnectionString);

    public override void Dispose() => SqlConnection.ClearPool(new SqlConnection(ConnectionString));
}
