using Quiva.Gateway.ContractChecks;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>Check 3.</summary>
public sealed class MirrorCheckTests
{
    private static readonly string Generated = Text(MirrorCheck.File);

    [Test]
    public void A_mirror_that_is_what_the_generator_makes_passes() =>
        Assert.That(MirrorCheck.Find(Generated, Generated), Is.Empty);

    [TestCase(
        "TextLength(1, 64)",
        "TextLength(1, 65)",
        "The mirror has '[Quiva.Gateway.Http.TextLength(1, 65)]' where the generator now makes '[Quiva.Gateway.Http.TextLength(1, 64)]'.")]
    [TestCase("#nullable enable\n", "", "The mirror has '' where the generator now makes '#nullable enable'.")]
    public void The_first_line_that_differs_is_named(string generated, string mirrored, string drift)
    {
        var findings = MirrorCheck.Find(Edit(Generated, "", generated, mirrored), Generated);
        Assert.That(findings.Select(finding => finding.ToString()), Is.EqualTo(new[]
        {
            $"openapi/generated/Contract.g.cs:{Line(Generated, generated)}: {drift} Run 'dotnet build', read the difference, and commit the mirror.",
        }));
    }

    [Test]
    public void A_mirror_that_ends_too_early_is_told() =>
        Assert.That(MirrorCheck.Find("", "class A;\n"), Has.One.Property(nameof(Finding.Line)).EqualTo(1));

    [Test]
    public void A_mirror_that_goes_on_too_long_is_told() =>
        Assert.That(
            MirrorCheck.Find("a\nb", "a").Single().Drift,
            Is.EqualTo("The mirror has 'b' where the generator now makes nothing more."));
}
