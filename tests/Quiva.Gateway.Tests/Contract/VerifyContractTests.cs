using System.Diagnostics;
using System.Reflection;
using Quiva.Gateway.ContractChecks;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>The checks as they are run from the command line.</summary>
public sealed class VerifyContractTests
{
    private static readonly string Configuration =
        typeof(VerifyContractTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private string root = null!;

    [SetUp]
    public void CopyRepository()
    {
        root = Directory.CreateTempSubdirectory("contract-").FullName;
        var generated = $"src/Quiva.Gateway/obj/{Configuration}/net10.0/Contract.g.cs";
        var clients = ClientsCheck.Files.SelectMany(
            file => new[] { file.Mirror, $"{ClientsCheck.Output(Configuration)}/{file.Generated}" });
        foreach (var file in new[] { ContractDocument.File, SeedCheck.File, MirrorCheck.File, generated }
            .Concat(clients))
        {
            Write(file, Text(file));
        }
    }

    [TearDown]
    public void Remove() => Directory.Delete(root, recursive: true);

    [Test]
    public async Task Agreement_is_exit_code_0() =>
        Assert.That(await RunAsync(root), Is.EqualTo((0, "All 6 contract checks passed.\n", "")));

    [Test]
    public async Task Drift_is_exit_code_1_and_a_line_for_each_finding()
    {
        var drifted = Edit(CheckedIn.Contract, "", "title: quiva.ai Gateway", "title: Gateway");
        Write(ContractDocument.File, drifted);
        Assert.That(await RunAsync(root), Is.EqualTo((1,
            $"""
            openapi/gateway.yaml:{Line(drifted, "  title")}: info.title is "Gateway" instead of "quiva.ai Gateway". Put back what openapi/seed.yaml has at line 3: the contract may add to the seed, not change it.
            Differences found by the contract checks: 1.

            """, "")));
    }

    [Test]
    public async Task Malformed_YAML_is_exit_code_1()
    {
        Write(ContractDocument.File, "openapi: '3.0.0");
        var (exitCode, output, _) = await RunAsync(root);
        Assert.That((exitCode, output), Is.EqualTo((1, output)));
        Assert.That(output, Does.StartWith("openapi/gateway.yaml:1: The contract is malformed YAML: "));
    }

    [Test]
    public async Task A_missing_file_is_exit_code_2_and_told_on_standard_error()
    {
        File.Delete(Path.Combine(root, SeedCheck.File));
        var (exitCode, output, error) = await RunAsync(root);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exitCode, Is.EqualTo(2));
            Assert.That(output, Is.Empty);
            Assert.That(error, Does.StartWith("The contract checks could not run: ").And.Contains("seed.yaml"));
        }
    }

    [Test]
    public async Task No_argument_is_exit_code_2()
    {
        var (exitCode, _, error) = await RunAsync();
        Assert.That(
            (exitCode, error.Split('\n')[0]),
            Is.EqualTo((2, "Required argument 'ROOT' missing for command: 'verify'.")));
    }

    [Test]
    public async Task A_break_against_the_released_version_is_drift_in_the_format_that_is_asked_for()
    {
        Write(ReleaseCheck.File, CheckedIn.Contract);
        Write(ContractDocument.File, Edit(
            CheckedIn.Contract,
            "\n  /hub/integrations/oauth-connections:",
            "parameters:",
            "parameters:\n        - {name: page, in: query, required: true, schema: {type: boolean}}"));
        var (exitCode, output, _) = await RunAsync(root, "--json");
        using var json = System.Text.Json.JsonDocument.Parse(output);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(json.RootElement.EnumerateArray().Select(row => row.TryGetProperty("rule", out var rule)
            ? rule.GetString()
            : null), Has.Member("new-required-request-parameter"));
        foreach (var annotated in new[] { await RunAsync(root, "--github"), await RunAsync("true", [root]) })
        {
            Assert.That(annotated.Output, Does.Contain("::error file=openapi/gateway.yaml,line=").And
                .Contain("title=Contract check%3A new-required-request-parameter::"));
        }
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) =>
        RunAsync("false", args);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string isGithub, string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Finding).Assembly.Location, "verify", .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        // On GitHub the tool writes annotations unasked.
        start.Environment["GITHUB_ACTIONS"] = isGithub;
        using var tool = Process.Start(start)!;
        var (output, error) = (tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        return (tool.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }
}
