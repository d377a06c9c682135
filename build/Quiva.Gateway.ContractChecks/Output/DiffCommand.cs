using System.CommandLine;
using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.ContractChecks.Output;

/// <summary>The comparison as it is typed: a verb of the contract checks, and a .NET tool of its own.</summary>
internal static class DiffCommand
{
    public const string Description =
        "Reports what has changed for callers between two versions of any OpenAPI 3.0 or 3.1 document. "
        + "Exit codes: 0, 1 as --fail-on says, 2 a version could not be read.";

    private const int Ok = 0;
    private const int Changed = 1;

    /// <summary>Adds arguments, options and action.</summary>
    /// <param name="command">The verb or the root.</param>
    public static void Fill(Command command)
    {
        var old = new Argument<string>("OLD")
        {
            Description =
                "The version that callers know: a file, REV:PATH, or REV for openapi/gateway.yaml at that git revision.",
        };
        var now = new Argument<string>("NEW") { Description = "The version to come, given in the same way." };
        var format = new Option<string>("--format")
        {
            Description = "How to write the changes.",
            DefaultValueFactory = _ => "text"
        };
        format.AcceptOnlyFromAmong([.. ChangeReport.Formats]);
        var failOn = new Option<string>("--fail-on")
        {
            Description = "The least level that makes the exit code 1.",
            DefaultValueFactory = _ => "never"
        };
        failOn.AcceptOnlyFromAmong("breaking", "warning", "never");
        command.Add(old);
        command.Add(now);
        command.Add(format);
        command.Add(failOn);
        command.SetAction(typed =>
        {
            var directory = Environment.CurrentDirectory;
            var before = Specification.Read(typed.GetRequiredValue(old), directory);
            var after = Specification.Read(typed.GetRequiredValue(now), directory);
            var changes = SpecificationComparison.Compare(before.Document, before.Name, after.Document, after.Name);
            Console.Out.Write(ChangeReport.Write(changes, typed.GetRequiredValue(format)));
            var fails = typed.GetRequiredValue(failOn) switch
            {
                "breaking" => changes.Any(change => change.Rule.Level == Level.Breaking),
                "warning" => changes.Any(change => change.Rule.Level <= Level.Warning),
                _ => false,
            };
            return fails ? Changed : Ok;
        });
    }
}
