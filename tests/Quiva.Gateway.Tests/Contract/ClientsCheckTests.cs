using Quiva.Gateway.ContractChecks;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>Check 6.</summary>
public sealed class ClientsCheckTests
{
    private const string Csharp =
        "openapi/generated/Client.g.cs", TypeScript = "src/quiva-gateway-client/src/generated.ts";
    private const string Mend = "Run 'dotnet build', read the difference, and commit the mirror.";

    [Test]
    public void Clients_that_are_what_the_generator_makes_pass() => Assert.That(Check(), Is.Empty);

    [TestCase(Csharp, ".Query(\"limit\", limit)", ".Query(\"limit\", 1)")]
    [TestCase(Csharp, "HumanInTheLoop,", "HumanOutOfTheLoop,")]
    [TestCase(TypeScript, "headers: { 'If-Match': options.ifMatch },", "headers: {},")]
    [TestCase(TypeScript, "access_token?: string;", "access_token: string;")]
    public void An_edited_client_is_told_with_its_first_line_that_differs(string file, string generated, string edited)
    {
        var text = Text(file);
        var findings = Check((file, Edit(text, "", generated, edited)));
        Assert.That(findings.Select(finding => finding.ToString()), Is.EqualTo(new[]
        {
            $"{file}:{Line(text, generated)}: The mirror has '{edited}' where the generator now makes '{generated}'. {Mend}",
        }));
    }

    [Test]
    public void A_client_that_lost_its_last_line_is_told([Values(Csharp, TypeScript)] string file)
    {
        var text = Text(file).TrimEnd();
        Assert.That(Check((file, text[..text.LastIndexOf('\n')])).Single().File, Is.EqualTo(file));
    }

    [Test]
    public void Each_client_that_has_drifted_is_told() =>
        Assert.That(
            Check((Csharp, ""), (TypeScript, "")).Select(finding => (finding.Check, finding.File, finding.Line)),
            Is.EqualTo(new[] { ("clients", Csharp, 1), ("clients", TypeScript, 1) }));

    [Test]
    public void Line_endings_of_a_checkout_are_no_drift() =>
        Assert.That(Check(
            (Csharp, Text(Csharp).ReplaceLineEndings("\r\n")),
            (TypeScript, Text(TypeScript).ReplaceLineEndings("\r\n"))), Is.Empty);

    private static IReadOnlyList<Finding> Check(params (string File, string Text)[] edits)
    {
        // What a build generates is what is checked in, or the build has said so already.
        var generated = ClientsCheck.Files.ToDictionary(
            file => $"{ClientsCheck.Output("Debug")}/{file.Generated}", file => Text(file.Mirror));
        return ClientsCheck.Find(file => edits.FirstOrDefault(edit => edit.File == file).Text
            ?? (generated.TryGetValue(file, out var text) ? text : Text(file)), "Debug");
    }
}
