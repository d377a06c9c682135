using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests;

/// <summary>What the suite itself leaves behind, and needs of the machine.</summary>
public sealed class TestHostTests
{
    [Test]
    [Platform("Unix")]
    public void A_host_that_fails_to_start_leaves_no_database_behind()
    {
        var (before, own) =
            (Environment.GetEnvironmentVariable("TMPDIR"), Directory.CreateTempSubdirectory("gateway-hosts-").FullName);
        Environment.SetEnvironmentVariable("TMPDIR", own);
        try
        {
            Assert.That(
                async () => await GatewayApp.StartAsync(DatabaseProvider.Sqlite, "--Secrets:Nonsense=1"),
                Throws.TypeOf<SettingsException>());
            Assert.That(
                async () => await GatewayApp.StartAsync(DatabaseProvider.Sqlite, "--urls=https://127.0.0.1:0/path"),
                Throws.Exception);
            Assert.That(Directory.GetFileSystemEntries(own), Is.Empty);
        }
        finally
        {
            Environment.SetEnvironmentVariable("TMPDIR", before);
            Directory.Delete(own, recursive: true);
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task A_host_watches_no_files()
    {
        var before = Watchers();
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        Assert.That(Watchers(), Is.EqualTo(before), "Linux gives a user 128 inotify instances.");
    }

    private static int Watchers() => Directory.GetFiles("/proc/self/fd")
        .Count(file => new FileInfo(file).LinkTarget?.Contains("inotify", StringComparison.Ordinal) == true);
}
