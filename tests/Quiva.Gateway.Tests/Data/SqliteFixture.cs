using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests.Data;

/// <summary>
/// A <see cref="Gateway.Data.Database"/> on a new SQLite file, without a server around it. Rows of <c>probes</c> stand
/// for any.
/// </summary>
public abstract class SqliteFixture
{
    protected static readonly Sql InsertSql = "insert into probes (id, probed_at) values (@id, '2026-01-01')";

    private TestDatabase test = null!;

    protected Database Database { get; private set; } = null!;

    protected string Path => System.IO.Path.Combine(test.Directory, "gateway.db");

    [SetUp]
    public void Make()
    {
        test = TestDatabase.Create(DatabaseProvider.Sqlite);
        Database = Open(test.Directory);
    }

    [TearDown]
    public void Remove()
    {
        Database.Dispose();
        test.Dispose();
    }

    /// <summary>What another process on the same file would have.</summary>
    protected Database OpenAnother() => Open(test.Directory);

    protected static Database Open(string directory)
    {
        var database = Unmigrated(directory);
        database.Migrate();
        return database;
    }

    protected static Database Unmigrated(string directory) =>
        new(
            Options.Create(new DatabaseOptions()),
            Options.Create(new GatewayOptions { DataDirectory = directory }),
            NullLogger<Database>.Instance);

    protected Task<int> InsertAsync(int id, Database? database = null) => (database ?? Database).InTransactionAsync(
        transaction => transaction.ExecuteAsync(InsertSql, new { id }, default), default);

    protected Task<List<int>> IdsAsync() => Database.QueryAsync<int>("select id from probes where id > 1 order by id");

    /// <summary>Keeps the writer busy until the result is completed.</summary>
    protected async Task<(TaskCompletionSource Release, Task Held)> HoldWriterAsync(Func<Transaction, Task>? first =
        null)
    {
        var (release, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
        var held = Database.InTransactionAsync(
            async transaction =>
            {
                await (first?.Invoke(transaction) ?? Task.CompletedTask);
                begun.TrySetResult();
                await release.Task;
                return 0;
            },
            default);
        await begun.Task;
        return (release, held);
    }

    /// <summary>What is in a file, read by a connection of our own.</summary>
    protected static long Count(string path, string table)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from " + table;
        return (long)command.ExecuteScalar()!;
    }

    protected static async Task<bool> IsUnavailableAsync(Func<Task> work)
    {
        try
        {
            await work();
            return false;
        }
        catch (GatewayException exception) when (exception.Error == GatewayError.Unavailable)
        {
            return true;
        }
    }
}
