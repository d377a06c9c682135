using System.Diagnostics;
using Quiva.Gateway.ContractChecks;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>The comparison as it is typed, on files and on the history of a repository.</summary>
public sealed class BreakingChangeCommandTests
{
    private string root = null!;

    [OneTimeSetUp]
    public async Task CommitTwoVersionsAsync()
    {
        root = Directory.CreateTempSubdirectory("history-").FullName;
        Directory.CreateDirectory(Path.Combine(root, "openapi"));
        await GitAsync("init", "--quiet");
        await CommitAsync(SmallSpecification.Text);
        await GitAsync("tag", "first");
        await CommitAsync(CheckedIn.Edit(SmallSpecification.Text, "", "  /visits:", "  /calls:"));
    }

    [OneTimeTearDown]
    public void Remove()
    {
        // Git writes its objects read-only.
        foreach (var file in new DirectoryInfo(root).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            file.IsReadOnly = false;
        }

        Directory.Delete(root, recursive: true);
    }

    [TestCase("first", "HEAD", TestName = "Revisions mean the contract in them")]
    [TestCase(
        "HEAD~1:openapi/gateway.yaml",
        "openapi/gateway.yaml",
        TestName = "A path in a revision is compared with a file")]
    public async Task Versions_come_from_files_and_from_history(string old, string now)
    {
        var (exitCode, output, error) = await DiffAsync(old, now);
        Assert.That((exitCode, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("openapi/gateway.yaml:58: breaking: /visits: The path is gone with POST.").And
            .EndsWith("Changes: 1 breaking, 0 warning, 1 info.\n"));
    }

    [TestCase("never", 0, 0)]
    [TestCase("warning", 1, 1)]
    [TestCase("breaking", 1, 0)]
    public async Task The_exit_code_is_as_asked_for(string level, int whenItBreaks, int whenItWarns)
    {
        await File.WriteAllTextAsync(
            Path.Combine(root, "warns.yaml"),
            SmallSpecification.Text.Replace("postVisit", "makeVisit", StringComparison.Ordinal));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await DiffAsync("first", "HEAD", "--fail-on", level)).ExitCode, Is.EqualTo(whenItBreaks));
            Assert.That((await DiffAsync("first", "warns.yaml", "--fail-on", level)).ExitCode, Is.EqualTo(whenItWarns));
        }
    }

    [Test]
    public async Task An_addition_fails_nothing()
    {
        await File.WriteAllTextAsync(Path.Combine(root, "more.yaml"), SmallSpecification.Text.Replace(
            "    post:", "    get: {responses: {}}\n    post:", StringComparison.Ordinal));
        Assert.That(
            await DiffAsync("first", "more.yaml", "--fail-on", "warning", "--format", "markdown"),
            Is.EqualTo((0, "### Additions\n\n- **`GET /visits`**: GET /visits is new.\n", "")));
    }

    [TestCase("first", "nowhere")]
    [TestCase("first", "first:nowhere.yaml")]
    [TestCase("first", "--format=sketch")]
    public async Task What_can_not_be_read_is_exit_code_2(string old, string now)
    {
        var (exitCode, _, error) = await DiffAsync(old, now);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(error, Is.Not.Empty);
    }

    [Test]
    public async Task Another_version_of_OpenAPI_is_refused()
    {
        await File.WriteAllTextAsync(
            Path.Combine(root, "other.yaml"),
            SmallSpecification.Text.Replace("openapi: 3.0.3", "swagger: 2.0", StringComparison.Ordinal));
        Assert.That(
            await DiffAsync("first", "other.yaml"),
            Is.EqualTo(
                (
                    2,
                    "",
                    "The contract checks could not run: other.yaml is no OpenAPI 3.0 or 3.1 document: its 'openapi' is missing.\n")));
    }

    private async Task CommitAsync(string text)
    {
        await File.WriteAllTextAsync(Path.Combine(root, ContractDocument.File), text);
        await GitAsync("add", "--all");
        await GitAsync(
            "-c",
            "user.name=Test",
            "-c",
            "user.email=test@example.com",
            "commit",
            "--quiet",
            "--no-gpg-sign",
            "--message",
            "A version");
    }

    private async Task GitAsync(params string[] args)
    {
        var (exitCode, _, error) = await RunAsync("git", args);
        Assert.That(exitCode, Is.Zero, error);
    }

    private Task<(int ExitCode, string Output, string Error)> DiffAsync(params string[] args) =>
        RunAsync("dotnet", [typeof(Finding).Assembly.Location, "diff", .. args]);

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args)
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }
}
