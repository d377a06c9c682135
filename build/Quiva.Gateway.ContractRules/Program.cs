using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace Quiva.Gateway.ContractChecks.Generator;

/// <summary>
/// What the build runs before the generator: refuses a contract that it can't generate, and writes what it reads.
/// </summary>
public static class Program
{
    /// <summary>Checks a contract.</summary>
    /// <param name="args">The contract; the file to write; optionally the directory with the controllers.</param>
    /// <returns>0, or 1 with a compiler's error line for each fault.</returns>
    public static int Main(string[] args)
    {
        IReadOnlyList<Fault> faults;
        try
        {
            var contract = new ContractDocument(File.ReadAllText(args[0]));
            faults = [.. GeneratorRules.Find(contract), .. args.Length > 2 ? Unserved.Find(contract, args[2]) : []];
            if (faults.Count == 0)
            {
                File.WriteAllText(args[1], GeneratorInput.Of(contract).ToJsonString());
                return 0;
            }
        }
        catch (YamlException exception)
        {
            // The parser repeats the place at the head of its message.
            var message = Regex.Replace(exception.Message, @"^\(Line: .*?\): (?=\()?|\(Line: .*?\)", "")
                .Trim()
                .TrimEnd('.');
            faults = [new((int)exception.Start.Line, $"The contract is malformed YAML: {message}.", "Correct it.")];
        }

        foreach (var fault in faults.DistinctBy(fault => (fault.Line, fault.What)))
        {
            Console.Out.WriteLine($"{args[0]}({fault.Line}): error {Fault.Code}: {fault.What} {fault.Remedy}");
        }

        return 1;
    }
}
