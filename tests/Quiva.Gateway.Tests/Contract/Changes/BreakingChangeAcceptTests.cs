using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>Check 5 and the breaks that it lets pass.</summary>
public sealed class BreakingChangeAcceptTests
{
    private const string Place = "PUT /hub/integrations/{integration_id}/oauth-config request body.client_id";

    private static readonly string Narrowed =
        CheckedIn.Edit(CheckedIn.Contract, "\n        client_id:", "maxLength: 1000", "maxLength: 999");

    private string root = null!;

    [SetUp]
    public void Create()
    {
        root = Directory.CreateTempSubdirectory("released-").FullName;
        Directory.CreateDirectory(Path.Combine(root, "openapi/released"));
        File.WriteAllText(Path.Combine(root, ReleaseCheck.File), CheckedIn.Contract);
    }

    [TearDown]
    public void Remove() => Directory.Delete(root, recursive: true);

    [Test]
    public void A_break_is_told_with_its_line_and_the_entry_that_accepts_it()
    {
        var finding = Find(Narrowed, "").Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(finding.ToString(), Does.StartWith(
                $"openapi/gateway.yaml:{CheckedIn.Line(Narrowed, "maxLength: 999")}: {Place} breaks those who call it: maxLength is 999 instead of 1000. "
                + $"Undo it; or accept it in openapi/accepted-breaks.yaml with the entry - {{rule: request-property-max-length-decreased, place: '{Place}', reason: "));
            Assert.That(
                (finding.Check, finding.Rule, finding.Level),
                Is.EqualTo(("release", "request-property-max-length-decreased", (Level?)Level.Breaking)));
        }
    }

    [Test]
    public void The_printed_entry_accepts_the_break_once_it_has_a_reason()
    {
        var entry = Find(Narrowed, "").Single().Mend.Split("with the entry ")[1];
        Assert.That(Find(Narrowed, entry.Replace("…", "Nobody has longer ones.", StringComparison.Ordinal)), Is.Empty);
        Assert.That(
            Find(Narrowed, entry).Select(finding => finding.Drift), Has.Member("An accepted break has no reason."));
    }

    [Test]
    public void What_breaks_nobody_is_not_told() =>
        Assert.That(
            Find(CheckedIn.Edit(CheckedIn.Contract, "\n        client_id:", "maxLength: 1000", "maxLength: 1001"), ""),
            Is.Empty);

    [Test]
    public void Before_the_first_release_nothing_can_break()
    {
        File.Delete(Path.Combine(root, ReleaseCheck.File));
        Assert.That(Find(Narrowed, "# Nothing yet.\n"), Is.Empty);
    }

    [Test]
    public void An_entry_that_accepts_nothing_is_told_with_its_line() => Assert.That(
        Find(
            CheckedIn.Contract,
            $"# Why.\n- {{rule: request-property-max-length-decreased, place: '{Place}', reason: Short, date: 2026-01-31}}\n")
            .Single()
            .ToString(),
        Is.EqualTo(
            $"openapi/accepted-breaks.yaml:2: Nothing breaks request-property-max-length-decreased at {Place}. Take the entry out, or correct its rule or place."));

    [TestCase("- {rule: no-such, place: p, reason: r, date: 2026-01-31}", "1: There is no rule no-such.")]
    [TestCase(
        "- {rule: endpoint-added, place: p, reason: r, date: 2026-01-31}",
        "1: The rule endpoint-added does not break anything.")]
    [TestCase("- rule: request-body-removed\n  place: p\n  date: 2026-01-31", "1: An accepted break has no reason.")]
    [TestCase(
        "- rule: request-body-removed\n  place: p\n  reason: ' '\n  date: 2026-01-31",
        "3: An accepted break has no reason.")]
    [TestCase("- rule: request-body-removed\n  place: p\n  reason: r\n  date: 31.1.2026", "4: 31.1.2026 is no date.")]
    [TestCase(
        "- rule: request-body-removed\n  place: p\n  reason: r\n  date: 2026-01-31\n  who: me",
        "5: An accepted break has who, which means nothing.")]
    [TestCase("- later", "1: An accepted break is no mapping.")]
    [TestCase("rule: x", "1: The accepted breaks are not a list.")]
    [TestCase(
        "- {rule: x",
        "2: The accepted breaks are malformed YAML: While parsing a flow mapping, did not find expected ',' or '}'.")]
    public void A_malformed_entry_is_told_with_its_line_and_accepts_nothing(string entry, string expected) =>
        Assert.That(
            Find(CheckedIn.Contract, entry + "\n").Select(finding => $"{finding.Line}: {finding.Drift}"),
            Is.EqualTo(new[] { expected }));

    [Test]
    public void The_checked_in_file_is_sound() => Assert.That(new AcceptedBreaks(CheckedIn.Text(AcceptedBreaks.File))
        .Apply([]).Faults
        .Where(fault => !fault.Drift.StartsWith("Nothing breaks", StringComparison.Ordinal)), Is.Empty);

    private IReadOnlyList<Finding> Find(string contract, string accepted)
    {
        File.WriteAllText(Path.Combine(root, AcceptedBreaks.File), accepted);
        return ReleaseCheck.Find(new(contract), root);
    }
}
