using Microsoft.Data.SqlClient;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Workflows.Engine;

namespace Quiva.Gateway.Tests;

/// <summary>A database to run a test on. Each use makes a new, empty one.</summary>
public sealed class TestDatabase : IDisposable
{
    private readonly string? server;

    private TestDatabase(DatabaseProvider provider, string? server)
    {
        Provider = provider;
        this.server = server;
        Directory = System.IO.Directory.CreateTempSubdirectory("gateway-").FullName;
        if (server is not null)
        {
            Name = "gateway_test_" + Guid.NewGuid().ToString("n");
            Execute("create database " + Name);
            if (Engines.Snapshot is { } snapshot)
            {
                Execute($"alter database {Name} set read_committed_snapshot {snapshot}");
            }
        }
    }

    public DatabaseProvider Provider { get; }

    /// <summary>The data directory.</summary>
    public string Directory { get; }

    private string? Name { get; }

    /// <summary>The settings that lead to it; without runs where the server can't take their engine.</summary>
    public string[] Settings =>
        [.. Place, .. server is not null && Engines.RunsObstacle is not null ? ["--Runs:Enabled=false"] : Array.Empty<string>()];

    /// <summary>The settings that lead to it, and no others.</summary>
    internal string[] Place =>
    [
        $"--Gateway:DataDirectory={Directory}",
        $"--Database:Provider={Provider}",
        .. server is null ? Array.Empty<string>() : [$"--ConnectionStrings:Gateway={ConnectionString}"],
    ];

    /// <summary>What leads to it on a server.</summary>
    public string ConnectionString => new SqlConnectionStringBuilder(server) { InitialCatalog = Name }.ConnectionString;

    public static TestDatabase Create(DatabaseProvider provider) => new(provider, provider == DatabaseProvider.SqlServer ? Engines.SqlServer : null);

    public void Dispose()
    {
        if (server is not null)
        {
            SqlConnection.ClearAllPools();
            try
            {
                // Sessions of processes that were killed may linger.
                Execute($"alter database {Name} set single_user with rollback immediate");
            }
            catch (SqlException)
            {
                // Not every server that speaks the protocol knows this; dropping tells.
            }

            Execute("drop database " + Name);
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Execute(string sql)
    {
        using var connection = new SqlConnection(server);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

/// <summary>Every suite over HTTP runs once for each engine. Without SQL Server one test is reported as skipped, with the reason.</summary>
public static class Engines
{
    /// <summary><c>on</c> or <c>off</c>: whether readers of SQL Server see row versions; null leaves that to the server.</summary>
    public static string? Snapshot { get; } = Environment.GetEnvironmentVariable("GATEWAY_TEST_SQLSERVER_SNAPSHOT") switch
    {
        "on" => "on",
        "off" => "off",
        _ => null,
    };

    public static string? SqlServer { get; } = Environment.GetEnvironmentVariable("GATEWAY_TEST_SQLSERVER");

    /// <summary>
    /// Why no workflows run on the server of the tests; null when they do. The engine brings scripts of its own, which not every server that
    /// speaks the protocol takes: gateways there are tested with <c>Runs:Enabled=false</c>.
    /// </summary>
    public static string? RunsObstacle => Obstacle.Value;

    private static readonly Lazy<string?> Obstacle = new(() =>
    {
        using var database = TestDatabase.Create(DatabaseProvider.SqlServer);
        using var app = Program.Build(["--environment=Development", .. database.Place]);
        try
        {
            app.Services.GetRequiredService<EngineHubStore>().MigrateAsync(default).GetAwaiter().GetResult();
            return null;
        }
        catch (Exception exception) when (exception is SqlException or InvalidOperationException or GatewayException)
        {
            return "This server does not take the scripts of the run engine: " + exception.Message;
        }
    });

    public static IEnumerable<TestFixtureData> All
    {
        get
        {
            yield return new TestFixtureData(DatabaseProvider.Sqlite);
            if (!string.IsNullOrEmpty(SqlServer))
            {
                yield return new TestFixtureData(DatabaseProvider.SqlServer);
            }
        }
    }
}

/// <summary>One line for all that is left out when there is no SQL Server.</summary>
public sealed class EngineTests
{
    [Test]
    public void Every_fixture_runs_on_SQL_Server_too()
    {
        if (string.IsNullOrEmpty(Engines.SqlServer))
        {
            Assert.Ignore("GATEWAY_TEST_SQLSERVER is not set: it holds the connection string of a server on which the tests may create databases.");
        }
    }
}
