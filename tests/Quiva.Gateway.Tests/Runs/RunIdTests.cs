using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Tests.Data.Rules;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// Ids of nodes are keys of steps: what SQL Server could not tell apart, or not hold, is stored on no engine.
/// </summary>
public sealed class RunIdTests
{
    private static readonly string Longest = new('a', 200), Emoji = string.Concat(Enumerable.Repeat("😀", 101));

    private static IEnumerable<TestCaseData> Ids =>
    [
        new TestCaseData("a").Returns(true), new TestCaseData(Longest).Returns(true),
        new TestCaseData(" a").Returns(false), new TestCaseData("a b").Returns(false),
        new TestCaseData("a ").Returns(false), new TestCaseData(" ").Returns(false),
        new TestCaseData(Emoji).Returns(false), new TestCaseData(Longest + "a").Returns(false),
    ];

    [TestCaseSource(nameof(Ids))]
    public bool An_id_can_be_a_key_of_a_step(string id) =>
        !WorkflowRules.Problems(new WorkflowConfig
        {
            Nodes = [new() { Data = new() { Id = id, Node_type = NodeType.Map, Payload = JsonSerializer.SerializeToElement(1) } }]
        })
            .Any();

    [TestCase("run_steps", "node")]
    [TestCase("runs", "failed_node")]
    [TestCase("runs", "parent_node")]
    public void Its_columns_hold_the_longest(string table, string column) =>
        Assert.That(SqlSchema.Current.Tables[table].Columns[column].Length, Is.EqualTo("200"));
}
