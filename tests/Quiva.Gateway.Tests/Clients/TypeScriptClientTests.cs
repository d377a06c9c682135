using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Contract;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Clients;

/// <summary>
/// The TypeScript client, where there is node to run it. That its source is what the generator makes is checked
/// everywhere (check 6).
/// </summary>
public sealed class TypeScriptClientTests
{
    private static readonly string Package = Path.Combine(CheckedIn.Root, "src", "quiva-gateway-client");
    private string directory = null!;

    [OneTimeSetUp]
    public async Task BuildAsync()
    {
        if (!IsThere("node") || !IsThere("npm"))
        {
            Assert.Ignore("node and npm are not on the PATH: they compile and run the TypeScript client.");
        }

        directory = Directory.CreateTempSubdirectory("client-").FullName;
        foreach (var file in Directory.EnumerateFiles(Package).Concat(
            new[] { "src", "test" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Package, folder)))))
        {
            var copy = Path.Combine(directory, Path.GetRelativePath(Package, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var (exitCode, output) = await TryNpmAsync([], "ci", "--no-audit", "--no-fund");
        if (exitCode != 0 && Regex.IsMatch(output, "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT"))
        {
            Assert.Ignore("npm can't reach its registry, where it gets the compiler for the TypeScript client.");
        }

        Assert.That(exitCode, Is.Zero, output);
    }

    [OneTimeTearDown]
    public void Remove()
    {
        if (directory is not null)
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public async Task Every_operation_can_be_called_on_the_running_gateway()
    {
        await using var provider = await FakeProvider.StartAsync();
        await using var app = await GatewayApp.StartAsync(
            DatabaseProvider.Sqlite,
            "--Oauth:AllowedNetworks:0=127.0.0.0/8",
            "--Oauth:SweepIntervalSeconds=0",
            "--Oauth:ReturnUrls:0=https://app.example.com/back");
        await NpmAsync([], "run", "build");
        await NpmAsync(
            new()
            {
                ["GATEWAY_URL"] = app.Address.ToString(),
                ["GATEWAY_ADMIN_KEY"] = await app.KeyAsync("platform", ["quiva-admin"]),
                ["GATEWAY_DEVELOPER_KEY"] = await app.KeyAsync("acme", ["developer", "admin"]),
                ["GATEWAY_PROVIDER"] = provider.Url,
                ["GATEWAY_OPERATIONS"] = string.Join(
                    ',', new ContractDocument(CheckedIn.Contract).Operations.Select(operation => operation.Name)),
                ["NODE_EXTRA_CA_CERTS"] = Path.Combine(app.TestDatabase.Directory, "localhost.crt"),
            },
            "test");
    }

    [Test]
    public async Task The_client_of_a_contract_with_everything_calls_it()
    {
        var sink = Path.Combine(CheckedIn.Root, "tests", "KitchenSink");
        var configuration =
            typeof(TypeScriptClientTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var source = Path.Combine(directory, "src", "sink.ts");
        File.Copy(Path.Combine(sink, "Client", "obj", configuration, "net10.0", "generated.ts"), source);
        File.Copy(Path.Combine(sink, "sink.test.mjs"), Path.Combine(directory, "test", "sink.test.mjs"));
        try
        {
            await NpmAsync([], "run", "build");
            await using var app = await KitchenSinkTests.ServeAsync();
            await NpmAsync(
                new() { ["GATEWAY_URL"] = app.Urls.First() }, "exec", "--", "node", "--test", "test/sink.test.mjs");
        }
        finally
        {
            // The package has none of it.
            File.Delete(source);
            Directory.Delete(Path.Combine(directory, "dist"), recursive: true);
        }
    }

    [Test]
    public Task Its_types_refuse_what_the_contract_refuses() => NpmAsync([], "run", "check");

    [Test]
    public async Task The_package_holds_what_users_need_and_has_the_contract_s_version()
    {
        var output = await NpmAsync([], "pack", "--json");
        var packed = JsonNode.Parse(
            Regex.Match(output, @"^\[\n.*?^\]", RegexOptions.Singleline | RegexOptions.Multiline).Value)![0]!;
        Assert.That(
            (string?)packed["version"],
            Is.EqualTo(new ContractDocument(CheckedIn.Text(ContractDocument.File)).Root["info"]!["version"]!.Text));
        Assert.That(packed["files"]!.AsArray().Select(file => (string?)file!["path"]), Is.EquivalentTo(new[]
        {
            "README.md", "package.json", "dist/generated.d.ts", "dist/generated.js", "dist/index.d.ts", "dist/index.js", "dist/runtime.d.ts", "dist/runtime.js",
        }));
    }

    private static bool IsThere(string command) =>
        Environment.GetEnvironmentVariable("PATH")!
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, command))
                || File.Exists(Path.Combine(folder, command + ".cmd"))
                || File.Exists(Path.Combine(folder, command + ".exe")));

    private async Task<string> NpmAsync(Dictionary<string, string> environment, params string[] args)
    {
        var (exitCode, output) = await TryNpmAsync(environment, args);
        Assert.That(exitCode, Is.Zero, $"npm {string.Join(' ', args)}\n{output}");
        return output;
    }

    private async Task<(int ExitCode, string Output)> TryNpmAsync(
        Dictionary<string, string> environment, params string[] args)
    {
        // On Windows npm is a batch file, which only the shell starts.
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd", ["/c", "npm", .. args])
            : new ProcessStartInfo("npm", args);
        start.WorkingDirectory = directory;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var npm = Process.Start(start)!;
        var (output, error) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        await npm.WaitForExitAsync();
        return (npm.ExitCode, await output + await error);
    }
}
