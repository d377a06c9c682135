using System.Diagnostics;
using System.Reflection;
using Quiva.Gateway.ContractChecks;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>The checks as they are run from the command line.</summary>
public sealed class VerifyContractTests
{
    private static readonly string Configuration = typeof(VerifyContractTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private string root = null!;

    [SetUp]
    public void CopyRepository()
    {
        root = Directory.CreateTempSubdirectory("contract-").FullName;
        var generated = $"src/Quiva.Gateway/obj/{Configuration}/net10.0/Contract.g.cs";
        var clients = ClientsCheck.Files.SelectMany(file => new[] { file.Mirror, $"{ClientsCheck.Output(Configuration)}/{file.Generated}" });
        foreach (var file in new[] { ContractDocument.File, SeedCheck.File, MirrorCheck.File, generated }.Concat(clients))
        {
            Write(file, Text(file));
        }
    }

    [TearDown]
    public void Remove() => Directory.Delete(root, recursive: true);

    [Test]
    public async Task Agreement_is_exit_code_0() =>
        Assert.That(await RunAsync(root), Is.EqualTo((0, "All 5 contract checks passed.\n", "")));

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
    public async Task No_argument_is_exit_code_2() =>
        Assert.That(await RunAsync(), Is.EqualTo((2, "", "Give the repository root as the only argument, or run build/verify-contract.\n")));

    private void Write(string file, string text)
    {
        var path = Path.Combine(root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        using var tool = Process.Start(new ProcessStartInfo("dotnet", [typeof(Finding).Assembly.Location, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        return (tool.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }
}
