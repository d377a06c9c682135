using System.Data;
using System.Data.Common;
using DbUp;
using DbUp.Builder;
using Microsoft.Data.SqlClient;

namespace Quiva.Gateway.Data;

/// <summary>Microsoft SQL Server and Azure SQL.</summary>
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

    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await read(connection);
    }

    public override async Task<T> WriteAsync<T>(
        Func<DbConnection, DbTransaction?, Task<T>> work, Durability durability, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Unspecified, cancellationToken);
        var result = await work(connection, transaction);
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    private async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
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
