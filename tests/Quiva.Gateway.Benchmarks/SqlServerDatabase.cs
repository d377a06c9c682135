using Microsoft.Data.SqlClient;

namespace Quiva.Gateway.Benchmarks;

/// <summary>
/// A database of its own on the server that <c>GATEWAY_TEST_SQLSERVER</c> names, for <c>--sqlserver</c>: then the
/// gateway alone is measured, on it. The hand-written API works on SQLite only.
/// </summary>
internal sealed class SqlServerDatabase : IDisposable
{
    private const string Variable = "GATEWAY_TEST_SQLSERVER";
    private readonly string server, name = "gateway_benchmark_" + Guid.NewGuid().ToString("n");

    /// <summary>Makes the database, as <c>build/sql/database.sql</c> does.</summary>
    /// <exception cref="InvalidOperationException">No server is named.</exception>
    public SqlServerDatabase()
    {
        server = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named
            : throw new InvalidOperationException(
                $"{Variable} is not set: it holds the connection string of a server on which databases may be made.");
        Execute(server, "create database " + name);
        Execute(server, $"alter database {name} set read_committed_snapshot on");
        Current = this;
    }

    /// <summary>The one in use; null when the gateway is measured on SQLite.</summary>
    public static SqlServerDatabase? Current { get; private set; }

    /// <summary>The settings that lead to it.</summary>
    public string[] Settings => ["--Database:Provider=SqlServer", "--ConnectionStrings:Gateway=" + ConnectionString];

    private string ConnectionString =>
        new SqlConnectionStringBuilder(server) { InitialCatalog = name }.ConnectionString;

    /// <summary>The number that a query returns.</summary>
    public long Count(string query) => Convert.ToInt64(Execute(ConnectionString, query), null);

    public void Dispose()
    {
        Current = null;
        SqlConnection.ClearAllPools();
        Execute(server, $"alter database {name} set single_user with rollback immediate");
        Execute(server, "drop database " + name);
    }

    private static object? Execute(string connectionString, string text)
    {
        using var connection = new SqlConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
