using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>The list of rules that people read.</summary>
public sealed class BreakingChangeReadmeTests
{
    private static readonly string[] Section = CheckedIn.Text("openapi/README.md")
        .Split("## Rules of the breaking-change gate\n")[1]
        .Split("\n### ")[0]
        .Split("\n## ")[0]
        .Split('\n');

    [Test]
    public void Every_rule_that_stands_alone_is_listed_as_it_is() => Assert.That(
        Section.Where(line => line.StartsWith("| `", StringComparison.Ordinal)
            && !line.StartsWith("| `…", StringComparison.Ordinal)),
        Is.EqualTo(Rules.Single.Select(rule => $"| `{rule.Id}` | {Name(rule.Level)} | {rule.Meaning} |")));

    [Test]
    public void Every_change_of_schemas_is_listed_as_it_is() => Assert.That(
        Section.Where(line => line.StartsWith("| `…", StringComparison.Ordinal)),
        Is.EqualTo(Rules.Families.Select(
            rule => $"| `…-{rule.Change}` | {Name(rule.Request)} | {Name(rule.Response)} | {rule.Meaning} |")));

    private static string Name(Level level) => level.ToString().ToLowerInvariant();
}
