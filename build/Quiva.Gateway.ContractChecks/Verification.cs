using System.Reflection;
using Microsoft.Extensions.Logging;
using Quiva.Gateway.ContractChecks.Document;
using Quiva.Gateway.ContractChecks.Server;
using YamlDotNet.Core;

namespace Quiva.Gateway.ContractChecks;

/// <summary>Runs every check on a repository.</summary>
internal static class Verification
{
    /// <summary>Runs the checks.</summary>
    /// <param name="root">The repository root.</param>
    /// <returns>How many checks ran, and what they found.</returns>
    /// <exception cref="IOException">A file is missing.</exception>
    public static async Task<(int Checks, IReadOnlyList<Finding> Findings)> RunAsync(string root)
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
        await using var server =
            Quiva.Gateway.Program.Build(["--environment=Production"], builder => builder.Logging.ClearProviders());
        var configuration =
            typeof(Program).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        IReadOnlyList<Finding>[] checks =
        [
            DocumentCheck.Find(contract),
            SeedCheck.Find(contract, YamlValue.Parse(Read(SeedCheck.File))),
            MirrorCheck.Find(
                Read(MirrorCheck.File), Read($"src/Quiva.Gateway/obj/{configuration}/net10.0/Contract.g.cs")),
            ServerCheck.Find(contract, server),
            ReleaseCheck.Find(contract, root),
            ClientsCheck.Find(Read, configuration),
        ];
        return (checks.Length, [.. checks.SelectMany(findings => findings)]);
    }
}
