using System.CommandLine;
using Quiva.Gateway.ContractChecks.Output;

namespace Quiva.Gateway.ContractChecks;

/// <summary>The verbs of the command line.</summary>
internal static class Commands
{
    /// <summary>All verbs.</summary>
    public static RootCommand All() => new("Looks after the contract.") { Verify(), Diff(), ReleaseVerb() };

    private static Argument<string> Root() => new("ROOT") { Description = "The repository root." };

    private static Command Verify()
    {
        var root = Root();
        var json = new Option<bool>("--json") { Description = "Print an array of findings." };
        var github = new Option<bool>(
            "--github")
        { Description = "Print annotations, as is done anyway where GITHUB_ACTIONS is true." };
        var verify = new Command(
            "verify",
            "Checks that the contract, the code generated from it and the server agree. Exit codes: 0 they agree, 1 something drifted, 2 the checks could not run.")
        {
            root, json, github,
        };
        verify.SetAction(async (typed, _) =>
        {
            var (checks, findings) = await Verification.RunAsync(typed.GetRequiredValue(root));
            await Console.Out.WriteAsync(FindingReport.Write(
                findings, checks, typed.GetValue(json) ? "json" : typed.GetValue(github)
                    || Environment.GetEnvironmentVariable("GITHUB_ACTIONS") == "true" ? "github" : "text"));
            return findings.Count == 0 ? Program.Ok : Program.Drift;
        });
        return verify;
    }

    private static Command Diff()
    {
        var diff = new Command("diff", DiffCommand.Description);
        DiffCommand.Fill(diff);
        return diff;
    }

    private static Command ReleaseVerb()
    {
        var root = Root();
        var release =
            new Command(
                "release",
                "Makes the contract the last released version and prints the release note. Exit codes: 0 done or nothing to do, 1 a breaking change is not accepted, 2 it could not run.")
                {
                    root
                };
        release.SetAction(typed =>
        {
            var (exitCode, text) = Release.Run(typed.GetRequiredValue(root));
            Console.Out.Write(text);
            return exitCode;
        });
        return release;
    }
}
