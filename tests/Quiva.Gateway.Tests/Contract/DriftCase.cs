using Quiva.Gateway.ContractChecks;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>A change of the contract and all that a check has to find in it.</summary>
/// <param name="Where">Texts before the change, separated by bars.</param>
/// <param name="From">What to replace.</param>
/// <param name="To">By what.</param>
/// <param name="Expected">For each finding the place of its line, as texts separated by bars, and its sentence.</param>
public sealed record DriftCase(string Where, string From, string To, params (string At, string Drift)[] Expected)
{
    internal void Verify(Func<ContractDocument, IReadOnlyList<Finding>> check)
    {
        var contract = CheckedIn.Edit(CheckedIn.Contract, Where, From, To);
        var findings = check(new(contract));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                findings.Select(finding => $"{finding.File}:{finding.Line}: {finding.Drift}"),
                Is.EquivalentTo(Expected.Select(
                    expected => $"{ContractDocument.File}:{CheckedIn.Line(contract, expected.At)}: {expected.Drift}")));
            Assert.That(findings.Select(finding => finding.Mend), Has.All.Matches(@"^[A-Z].*\.'?$"));
        }
    }

    /// <summary>Names the case by what it changes.</summary>
    public override string ToString() => $"{From.Trim()} → {To.Trim()} ({Where})".Replace('\n', ' ');
}
