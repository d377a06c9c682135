using System.Reflection;
using Microsoft.Extensions.Logging;
using Quiva.Gateway.ContractChecks.Document;
using Quiva.Gateway.ContractChecks.Server;
using YamlDotNet.Core;

namespace Quiva.Gateway.ContractChecks;

/// <summary>Runs every check on a repository.</summary>
internal static class Program
{
    private const int Ok = 0;
    private const int Drift = 1;
    private const int CouldNotRun = 2;

    /// <summary>Prints a line for each finding.</summary>
    /// <param name="args">The repository root.</param>
    /// <returns>0: everything agrees; 1: something drifted; 2: the checks could not run, as standard error says.</returns>
    public static async Task<int> Main(string[] args)
    {
        if (args is not [var root])
        {
            await Console.Error.WriteLineAsync("Give the repository root as the only argument, or run build/verify-contract.");
            return CouldNotRun;
        }

        try
        {
            var (checks, findings) = await RunAsync(root);
            findings.ToList().ForEach(Console.WriteLine);
            Console.WriteLine(findings.Count == 0 ? $"All {checks} contract checks passed." : $"Differences found by the contract checks: {findings.Count}.");
            return findings.Count == 0 ? Ok : Drift;
        }
#pragma warning disable CA1031 // Whatever kept the checks from running, CI must be able to tell it from drift.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"The contract checks could not run: {exception.Message}");
            return CouldNotRun;
        }
    }

    private static async Task<(int Checks, IReadOnlyList<Finding> Findings)> RunAsync(string root)
    {
        string Read(string file) => File.ReadAllText(Path.Combine(root, file));

        ContractDocument contract;
        try
        {
            contract = new(Read(ContractDocument.File));
        }
        catch (YamlException exception)
        {
            return (1, [DocumentCheck.Malformed(exception)]);
        }

        // Nothing is started, so no setting matters.
        await using var server = Quiva.Gateway.Program.Build(["--environment=Production"], builder => builder.Logging.ClearProviders());
        var configuration = typeof(Program).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        IReadOnlyList<Finding>[] checks =
        [
            DocumentCheck.Find(contract),
            SeedCheck.Find(contract, YamlValue.Parse(Read(SeedCheck.File))),
            MirrorCheck.Find(Read(MirrorCheck.File), Read($"src/Quiva.Gateway/obj/{configuration}/net10.0/Contract.g.cs")),
            ServerCheck.Find(contract, server),
            ClientsCheck.Find(Read, configuration),
        ];
        return (checks.Length, [.. checks.SelectMany(findings => findings)]);
    }
}
