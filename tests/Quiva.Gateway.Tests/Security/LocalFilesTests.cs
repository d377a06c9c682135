using System.Diagnostics;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Security;

[Platform(Exclude = "Win")]
public sealed class LocalFilesTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Test]
    public async Task Modes_of_a_directory_that_exists_are_tightened()
    {
        using var database = TestDatabase.Create(DatabaseProvider.Sqlite);
        await using (await GatewayApp.StartAsync(database))
        {
        }

        foreach (var file in Directory.EnumerateFiles(database.Directory))
        {
            Open(file, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        Open(
            database.Directory,
            OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await using var app = await GatewayApp.StartAsync(database);
        using var admin = await app.AdminAsync();
        Assert.That(ModeOf(database.Directory), Is.EqualTo(OwnerOnly | UnixFileMode.UserExecute));
        Assert.That(
            new[] { "gateway.db", "gateway.db-wal", "gateway.db-shm", "master.key", "localhost.pfx" }
                .Select(name => ModeOf(Path.Combine(database.Directory, name))),
            Is.All.EqualTo(OwnerOnly));
    }

    /// <summary>/proc takes no new files, whoever asks; /tmp has the sticky bit.</summary>
    [TestCase("/proc/gateway", "can't be written")]
    [TestCase("/tmp", "is shared by others")]
    [Platform("Linux")]
    public async Task A_directory_that_can_t_be_used_stops_the_start_at_once(string directory, string told)
    {
        var mode = ModeOf("/tmp");
        var started = Stopwatch.GetTimestamp();
        var (exitCode, _, error) = await ServerProcess.RunAsync(
            "migrate", "--environment=Development", $"--Gateway:DataDirectory={directory}");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain($"Gateway:DataDirectory").And.Contain(told));
        Assert.That(
            Stopwatch.GetElapsedTime(started),
            Is.LessThan(TimeSpan.FromSeconds(30)),
            "It waited for a lock for a minute.");
        Assert.That(ModeOf("/tmp"), Is.EqualTo(mode));
    }

    private static void Open(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);
}
