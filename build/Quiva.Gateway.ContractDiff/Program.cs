using System.CommandLine;
using Quiva.Gateway.ContractChecks.Output;

namespace Quiva.Gateway.ContractDiff;

/// <summary>The tool <c>contract-diff</c>.</summary>
internal static class Program
{
    private const int CouldNotRun = 2;

    /// <summary>Compares two versions.</summary>
    /// <param name="args">What was typed.</param>
    /// <returns>0; 1 as <c>--fail-on</c> says; 2 when a version could not be read, as standard error says.</returns>
    public static async Task<int> Main(string[] args)
    {
        var root = new RootCommand(DiffCommand.Description);
        DiffCommand.Fill(root);
        try
        {
            var typed = root.Parse(args);
            var exitCode = await typed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
            return typed.Errors.Count > 0 ? CouldNotRun : exitCode;
        }
        catch (IOException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return CouldNotRun;
        }
    }
}
