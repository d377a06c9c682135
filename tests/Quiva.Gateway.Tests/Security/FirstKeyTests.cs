using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Security;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class FirstKeyTests(DatabaseProvider engine)
{
    private static readonly string[] Production =
    [
        "--environment=Production",
        "--urls=http://127.0.0.1:0",
        $"--Secrets:MasterKey={new string('A', 43)}="
    ];

    [Test]
    public async Task Production_writes_the_first_key_to_a_file_of_its_owner_and_prints_nothing_of_it()
    {
        using var database = TestDatabase.Create(engine);
        var file = Path.Combine(database.Directory, "first-admin.key");
        string key;
        using (var server = await ServerProcess.StartAsync(database, Production))
        {
            key = (await File.ReadAllTextAsync(file)).Trim();
            Assert.That(server.Output, Does.Not.Contain(key).And.Contain("first-admin.key"));
            if (!OperatingSystem.IsWindows())
            {
                Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            }

            using var client =
                new HttpClient { BaseAddress = server.Address, DefaultRequestHeaders = { { "X-Api-Key", key } } };
            using var response = await client.GetAsync("/hub/integrations/oauth-config");
            Assert.That((int)response.StatusCode, Is.EqualTo(200));
        }

        File.Delete(file);
        using var again = await ServerProcess.StartAsync(database, Production);
        Assert.That(File.Exists(file), Is.False, "There is a key already.");
    }

    [Test]
    public async Task A_gateway_that_was_migrated_and_given_a_key_makes_none()
    {
        using var database = TestDatabase.Create(engine);
        string[] settings = [.. database.Settings, "--environment=Production", Production[^1]];
        var migrated = await ServerProcess.RunAsync(["migrate", .. settings]);
        var created = await ServerProcess.RunAsync([
            "keys", "create", "--account", "platform", "--role", "quiva-admin", .. settings
        ]);
        Assert.That((migrated.ExitCode, created.ExitCode), Is.EqualTo((0, 0)), migrated.Error + created.Error);
        using var server = await ServerProcess.StartAsync(database, Production);
        Assert.That(File.Exists(Path.Combine(database.Directory, "first-admin.key")), Is.False);
        Assert.That(server.Output, Does.Not.Contain(Gateway.Security.ApiKeyStore.Prefix));
    }

    [Test]
    public async Task Development_prints_it_on_the_first_start_alone()
    {
        using var database = TestDatabase.Create(engine);
        using (var first = await ServerProcess.StartAsync(database))
        {
            Assert.That(first.FirstKey, Is.Not.Null);
        }

        using var second = await ServerProcess.StartAsync(database);
        Assert.That(
            (second.FirstKey, File.Exists(Path.Combine(database.Directory, "first-admin.key"))),
            Is.EqualTo(((string?)null, false)));
    }
}
