using System.Diagnostics;
using System.Net;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Data;

/// <summary>A disk that is really full: a small file system of memory that only the gateway's process sees.</summary>
public sealed class DiskFullTests
{
    [Test, Platform("Linux")]
    public async Task Writes_are_refused_reads_go_on_and_space_is_all_it_takes()
    {
        using var database = TestDatabase.Create(DatabaseProvider.Sqlite);
        var directory = database.Directory;
        if (!await CanMountAsync(directory))
        {
            Assert.Ignore("This host does not let a process mount a file system of its own.");
        }

        var mount =
            $"""test "$IN" || exec env IN=1 unshare -rm sh -c 'mount -t tmpfs -o size=4m,mode=700 none "{directory}" && head -c 2000000 /dev/zero > "{directory}/ballast" && exec dotnet "$@"' sh "$@" """;
        using var server = await ServerProcess.StartUnderAsync(database, mount.Trim());
        using var client = GatewayApp.Client(
            server.Address, $"/proc/{server.Id}/root{directory}", null, headers =>
                headers.Add("X-Api-Key", server.FirstKey));
        var acknowledged = 0;
        HttpResponseMessage last;
        do
        {
            var body = Configs.Body("disk" + acknowledged);
            body["scopes"] =
                string.Join(',', Enumerable.Range(1000, 30).Select(number => new string('s', 100) + number));
            last = await client.PutConfigAsync(body);
            acknowledged += last.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }
        while (last.StatusCode == HttpStatusCode.OK && acknowledged < 5000);

        Assert.That(
            last.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable), await last.Content.ReadAsStringAsync());
        Assert.That(last.Headers.RetryAfter, Is.Not.Null);
        using (var read = await client.GetAsync("/hub/integrations/disk0/oauth-config"))
        {
            Assert.That(read.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        await EventuallyAsync(client, "/health/ready", HttpStatusCode.ServiceUnavailable);
        File.Delete($"/proc/{server.Id}/root{directory}/ballast");
        await EventuallyAsync(client, "/health/ready", HttpStatusCode.OK);
        using var again = await client.PutConfigAsync(Configs.Body("again"));
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var stored = await client.GetStringAsync("/hub/integrations/oauth-config");
        Assert.That(
            Enumerable.Range(0, acknowledged).Where(i => !stored.Contains($"\"disk{i}\"", StringComparison.Ordinal)),
            Is.Empty,
            "Nothing acknowledged is lost.");
    }

    private static async Task EventuallyAsync(HttpClient client, string path, HttpStatusCode expected)
    {
        var started = Stopwatch.GetTimestamp();
        HttpStatusCode seen;
        do
        {
            using var response = await client.GetAsync(path);
            seen = response.StatusCode;
            await Task.Delay(200);
        }
        while (seen != expected && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
        Assert.That(seen, Is.EqualTo(expected), path);
    }

    private static async Task<bool> CanMountAsync(string directory)
    {
        try
        {
            using var process =
                Process.Start("unshare", ["-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", directory]);
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
