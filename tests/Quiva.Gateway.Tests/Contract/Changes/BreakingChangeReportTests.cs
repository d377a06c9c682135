using System.Text.Json;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Changes;
using Quiva.Gateway.ContractChecks.Output;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>How changes and findings are written.</summary>
public sealed class BreakingChangeReportTests
{
    private static readonly Change[] Changes =
    [
        new(
            Rules.BodyRemoved,
            "PUT /a/{b} request body",
            "There is no body any more.",
            "old.yaml",
            7,
            ["PUT /c request body"]),
        new(
            Rules.ParameterRemoved,
            "GET /a query parameter x_y",
            "The query parameter x_y is gone <now>.",
            "old.yaml",
            3,
            []),
        new(Rules.OperationAdded, "GET /new", "GET /new is new.", "new.yaml", 9, ["GET /d", "GET /e"]),
    ];

    [Test]
    public void Text_has_a_line_for_each_change_and_counts_them() => Assert.That(ChangeReport.Write(
        Changes, "text"), Is.EqualTo(
        """
        old.yaml:7: breaking: PUT /a/{b} request body (and 1 more place): There is no body any more. [request-body-removed]
        old.yaml:3: warning: GET /a query parameter x_y: The query parameter x_y is gone <now>. [request-parameter-removed]
        new.yaml:9: info: GET /new (and 2 more places): GET /new is new. [endpoint-added]
        Changes: 1 breaking, 1 warning, 1 info.

        """));

    [Test]
    public void Markdown_is_a_release_note() => Assert.That(ChangeReport.Write(Changes, "markdown"), Is.EqualTo(
        """
        ### Breaking

        - **`PUT /a/{b} request body`** (and 1 more place): There is no body any more.

        ### Warnings

        - **`GET /a query parameter x_y`**: The query parameter x\_y is gone &lt;now>.

        ### Additions

        - **`GET /new`** (and 2 more places): GET /new is new.

        """));

    [Test]
    public void Markdown_says_when_nothing_changes() =>
        Assert.That(ChangeReport.Write([], "markdown"), Is.EqualTo("Nothing changes for callers.\n"));

    [Test]
    public void Json_has_every_part()
    {
        using var json = JsonDocument.Parse(ChangeReport.Write(Changes, "json"));
        Assert.That(JsonSerializer.Serialize(json.RootElement[0]), Is.EqualTo(
            """{"rule":"request-body-removed","level":"breaking","place":"PUT /a/{b} request body","otherPlaces":["PUT /c request body"],"sentence":"There is no body any more.","file":"old.yaml","line":7}"""));
        Assert.That(json.RootElement.GetArrayLength(), Is.EqualTo(3));
    }

    [Test]
    public void Findings_in_Json_have_a_rule_and_a_level_only_from_the_gate()
    {
        Finding[] findings = [new("seed", "a.yaml", 2, "It \"drifted\".", "Mend it."), new(
            "release",
            "b.yaml",
            3,
            "It breaks.",
            "Undo it.") { Rule = "request-body-removed", Level = Level.Breaking }];
        using var json = JsonDocument.Parse(FindingReport.Write(findings, 5, "json"));
        Assert.That(json.RootElement.EnumerateArray().Select(row => JsonSerializer.Serialize(row)), Is.EqualTo(new[]
        {
            """{"check":"seed","file":"a.yaml","line":2,"drift":"It \u0022drifted\u0022.","mend":"Mend it."}""",
            """{"check":"release","file":"b.yaml","line":3,"drift":"It breaks.","mend":"Undo it.","rule":"request-body-removed","level":"breaking"}""",
        }));
    }

    [Test]
    public void No_findings_are_an_empty_array() => Assert.That(FindingReport.Write([], 5, "json"), Is.EqualTo("[]\n"));

    [Test]
    public void Annotations_are_escaped_as_workflow_commands_have_to_be() => Assert.That(
        FindingReport.Write([new("seed", "a,b:c%.yaml", 2, "100%: one,\r\ntwo.", "Mend it.")], 5, "github"),
        Is.EqualTo(
            "::error file=a%2Cb%3Ac%25.yaml,line=2,title=Contract check%3A seed::100%25: one,%0D%0Atwo. Mend it.\nDifferences found by the contract checks: 1.\n"));
}
