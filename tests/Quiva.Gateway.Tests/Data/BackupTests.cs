using Microsoft.Data.Sqlite;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Data;

/// <summary>The verbs backup and restore, as the drill in <c>docs/operations.md</c> uses them.</summary>
public sealed class BackupTests
{
    private TestDatabase database = null!;
    private string file = null!;

    [SetUp]
    public void Create()
    {
        database = TestDatabase.Create(DatabaseProvider.Sqlite);
        file = Path.Combine(database.Directory, "backups", "one.db");
    }

    [TearDown]
    public void Remove() => database.Dispose();

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] words) =>
        ServerProcess.RunAsync([.. words, .. database.Settings, "--environment=Development"]);

    [Test]
    public async Task What_was_acknowledged_before_a_backup_under_load_is_in_it_and_restores()
    {
        var acknowledged = new List<string>();
        using (var server = await ServerProcess.StartAsync(database))
        {
            using var client = server.Client(server.FirstKey!);
            using var stop = new CancellationTokenSource();
            var load = Task.Run(async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    using var put = await client.PutConfigAsync(Configs.Body("load" + i));
                    Assert.That((int)put.StatusCode, Is.EqualTo(200));
                    lock (acknowledged)
                    {
                        acknowledged.Add("load" + i);
                    }
                }
            });
            while (Count() < 20)
            {
                await Task.Delay(10);
            }

            var before = Count();
            var backup = await RunAsync("backup", file);
            Assert.That(backup.ExitCode, Is.Zero, backup.Error);
            await stop.CancelAsync();
            await load;
            acknowledged.RemoveRange(before, acknowledged.Count - before);

            var running = await RunAsync("restore", file);
            Assert.That(
                (running.ExitCode, running.Error.Trim()),
                Is.EqualTo((1, "A gateway is running on this database. Stop it first.")));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        await File.WriteAllTextAsync(Path.Combine(database.Directory, "gateway.db"), "no database");
        var restored = await RunAsync("restore", file);
        Assert.That(restored.ExitCode, Is.Zero, restored.Error);
        Assert.That(restored.Output, Does.Contain("is kept as").And.Contain("Its key ring opens."));
        await using var app = await GatewayApp.StartAsync(database);
        Assert.That(
            await app.Database.QueryAsync<string>("select integration_id from oauth_configs"),
            Is.SupersetOf(acknowledged));
        // PUT opens the stored secret, to compare it.
        using var admin = await app.AdminAsync();
        using var again = await admin.PutConfigAsync(Configs.Body(acknowledged[0]));
        Assert.That((int)again.StatusCode, Is.EqualTo(200));

        int Count()
        {
            lock (acknowledged)
            {
                return acknowledged.Count;
            }
        }
    }

    [Test]
    public async Task A_backup_overwrites_nothing_and_a_damaged_one_is_not_restored()
    {
        await RunAsync("migrate");
        Assert.That((await RunAsync("backup", file)).ExitCode, Is.Zero);
        Assert.That((await RunAsync("backup", file)).Error, Does.Contain("exists already"));
        var bytes = await File.ReadAllBytesAsync(file);
        Array.Fill<byte>(bytes, 0x5a, 8192, 8192);
        await File.WriteAllBytesAsync(file, bytes);
        var before = await File.ReadAllBytesAsync(Path.Combine(database.Directory, "gateway.db"));
        var damaged = await RunAsync("restore", file);
        var absent = await RunAsync("restore", file + "x");
        Assert.That((damaged.ExitCode, absent.ExitCode), Is.EqualTo((1, 1)));
        Assert.That(damaged.Error, Does.Contain("is no sound database of a gateway"));
        Assert.That(absent.Error, Does.Contain("does not exist"));
        Assert.That(await File.ReadAllBytesAsync(Path.Combine(database.Directory, "gateway.db")), Is.EqualTo(before));
    }

    [Test]
    public async Task A_backup_that_another_master_key_has_sealed_is_told()
    {
        await RunAsync("migrate");
        Assert.That((await RunAsync("backup", file)).ExitCode, Is.Zero);
        File.Delete(Path.Combine(database.Directory, "master.key"));
        var restored = await RunAsync("restore", file);
        Assert.That(restored.ExitCode, Is.EqualTo(1));
        Assert.That(restored.Error, Does.Contain("does not open with what Secrets configures"));
    }

    [Test]
    public async Task A_gateway_whose_database_is_gone_does_not_start_anew([Values] bool inProduction)
    {
        string[] settings = inProduction ? [$"--Secrets:MasterKey={new string('A', 43)}="] : [];
        string[] words =
        [
            "migrate",
            .. database.Settings,
            $"--environment={(inProduction ? "Production" : "Development")}",
            .. settings
        ];
        Assert.That((await ServerProcess.RunAsync(words)).ExitCode, Is.Zero);
        SqliteConnection.ClearAllPools();
        foreach (var gone in Directory.EnumerateFiles(database.Directory, "gateway.db*"))
        {
            File.Delete(gone);
        }

        var (exitCode, _, error) = await ServerProcess.RunAsync(words);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("is that of a gateway, but its database").And.Contain("is gone"));
        Assert.That(File.Exists(Path.Combine(database.Directory, "gateway.db")), Is.False);
    }
}
