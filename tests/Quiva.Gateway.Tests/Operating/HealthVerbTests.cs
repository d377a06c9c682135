using Microsoft.Extensions.Configuration;
using Quiva.Gateway.Cli;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Operating;

/// <summary>The verb <c>health</c>, which a container's check calls.</summary>
public sealed class HealthVerbTests
{
    [Test]
    public async Task It_tells_by_its_exit_code_whether_the_gateway_is_ready_and_writes_nothing()
    {
        using var database = TestDatabase.Create(DatabaseProvider.Sqlite);
        using var server = await ServerProcess.StartAsync(database);
        var place = Directory.CreateTempSubdirectory("health-");
        try
        {
            var environment = new Dictionary<string, string>
            {
                ["HOME"] = place.FullName,
                ["TMPDIR"] = place.FullName,
                ["Gateway__DataDirectory"] = Path.Combine(place.FullName, "data"),
                ["DOTNET_EnableDiagnostics"] = "0",
                // What a gateway with these settings listens on.
                ["Kestrel__Endpoints__Https__Url"] = server.Address.ToString(),
            };
            var ready = await ServerProcess.RunAsync(environment, "health");
            File.Move(Path.Combine(database.Directory, "gateway.db"), Path.Combine(database.Directory, "gone.db"));
            var (unready, live) = (ready, ready);
            for (var wait = 0; unready.ExitCode == 0 && wait < 20; wait++)
            {
                // The last look is remembered for a second.
                await Task.Delay(200);
                unready = await ServerProcess.RunAsync(environment, "health");
            }

            live = await ServerProcess.RunAsync(environment, "health", "--live");
            server.Kill();
            var dead = await ServerProcess.RunAsync(environment, "health", "--live");
            Assert.That(
                (ready.ExitCode, unready.ExitCode, live.ExitCode, dead.ExitCode),
                Is.EqualTo((0, 1, 0, 1)),
                ready.Error + unready.Error + live.Error);
            Assert.That(
                (ready.Output.Trim(), unready.Error.Trim()),
                Is.EqualTo(("Healthy.", $"The gateway at {server.Address} answers 503.")));
            Assert.That(place.EnumerateFileSystemInfos(), Is.Empty);
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    [TestCase(ExpectedResult = "https://localhost:7443")]
    [TestCase("urls", "http://*:5000;https://*:5001", ExpectedResult = "http://localhost:5000")]
    [TestCase("http_ports", "8080", ExpectedResult = "http://localhost:8080")]
    [TestCase("http_ports", "8080", "https_ports", "8443;9443", ExpectedResult = "https://localhost:8443")]
    [TestCase(
        "urls",
        "http://*:5000",
        "Kestrel:Endpoints:Https:Url",
        "https://0.0.0.0:7443",
        ExpectedResult = "https://localhost:7443")]
    [TestCase("Kestrel:Endpoints:Https:Url", "https://[::]:7443", ExpectedResult = "https://localhost:7443")]
    [TestCase("urls", "https://gateway.example.com", ExpectedResult = "https://gateway.example.com")]
    public string It_asks_where_the_settings_have_it_listen(params string[] settings) => HealthVerb.AddressOf(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])))
            .Build());
}
