namespace Quiva.Gateway.ContractChecks;

/// <summary>Looks after the contract from the command line; build/ has a script for each verb.</summary>
internal static class Program
{
    public const int Ok = 0;
    public const int Drift = 1;
    public const int CouldNotRun = 2;

    /// <summary>Runs a verb.</summary>
    /// <param name="args">What was typed.</param>
    /// <returns>0: all is well; 1: something drifted; 2: the verb could not run, as standard error says.</returns>
    public static async Task<int> Main(string[] args)
    {
        try
        {
            var typed = Commands.All().Parse(args);
            var exitCode = await typed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
            return typed.Errors.Count > 0 ? CouldNotRun : exitCode;
        }
#pragma warning disable CA1031 // Whatever kept a verb from running, CI must be able to tell it from drift.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"The contract checks could not run: {exception.Message}");
            return CouldNotRun;
        }
    }
}
