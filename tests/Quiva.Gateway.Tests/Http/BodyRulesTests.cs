using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests.Http;

/// <summary>
/// What is let through without a look by MVC keeps every constraint, however deep; what breaks one is not let through.
/// </summary>
public sealed class BodyRulesTests
{
    private const string Valid = """
        {"subject":"ms.hub.config.workflow.draft.1.1","name":"ä 💡","description":"a\tb","archived":true,"config":{"result":"r",
         "nodes":[{"id":"a","type":"t","data":{"id":"a","name":"n","node_type":"function","subject":"s","payload":null,"oauth":"slack.maria",
                   "options":{"timeout":0,"backoff_ms":31536000000,"attempts":1000,"ignore_response_codes":[404]}}},
                  {"data":{"id":"b","payload":1},"position":{"x":1}}],
         "edges":[{"id":"e","source":"a","target":"b","sourceHandle":""}],"options":{"run_type":"ordered","order_on":"k"}}}
        """;

    private static readonly JsonSerializerOptions Options =
        new(JsonSerializerDefaults.Web) { PropertyNameCaseInsensitive = false };

    [Test]
    public void What_keeps_every_constraint_is_let_through() =>
        Assert.That(IsValid<UpdateWorkflowRequest>(Valid), Is.True);

    [TestCase("\"ms.hub.config.workflow.draft.1.1\"", "\"ms.hub.config.workflow.1.1\"")]
    [TestCase("\"ä 💡\"", "\" \"")]
    [TestCase("\"ä 💡\"", "\"a\\nb\"")]
    [TestCase("\"ä 💡\"", "\"ä\\u0085\"")]
    [TestCase("\"a\\tb\"", "\"a\\u0000b\"")]
    [TestCase("\"function\"", "\"Function\"")]
    [TestCase("\"slack.maria\"", "\"slack maria\"")]
    [TestCase("\"timeout\":0", "\"timeout\":-1")]
    [TestCase("31536000000", "31536000001")]
    [TestCase("1000", "1001")]
    [TestCase("\"run_type\":\"ordered\"", "\"run_type\":\"\"")]
    [TestCase("\"source\":\"a\"", "\"source\":\" \"")]
    [TestCase("\"source\":\"a\"", "\"source\":\"c\"")]
    [TestCase("\"target\":\"b\"", "\"target\":\"a\"")]
    [TestCase("\"sourceHandle\":\"\"", "\"sourceHandle\":\"\\u007f\"")]
    [TestCase("\"id\":\"e\"", "\"id\":\"e\\n\"")]
    [TestCase("{\"data\":{\"id\":\"b\",\"payload\":1},\"position\":{\"x\":1}}", "null")]
    public void What_breaks_one_is_not(string part, string other)
    {
        var json = Valid.Replace(part, other, StringComparison.Ordinal);
        Assert.That(json, Is.Not.EqualTo(Valid));
        Assert.That(IsValid<UpdateWorkflowRequest>(json), Is.False);
    }

    [Test]
    public void Text_that_is_too_long_and_lists_that_are_too_long_are_not()
    {
        Assert.That(IsValid<UpdateWorkflowRequest>(
            Valid.Replace("\"n\"", $"\"{new string('n', 201)}\"", StringComparison.Ordinal)), Is.False);
        Assert.That(IsValid<UpdateWorkflowRequest>(Valid.Replace(
            "[404]", $"[{string.Join(',', Enumerable.Repeat(404, 101))}]", StringComparison.Ordinal)), Is.False);
    }

    [Test]
    public void Items_of_a_list_are_looked_at()
    {
        const string good = """{"subject":"ms.hub.config.node.1.1","data":{"name":"n","payload":1}}""";
        Assert.That(IsValid<List<UpdateNodeRequest>>($"[{good},{good}]"), Is.True);
        Assert.That(IsValid<List<UpdateNodeRequest>>(
            $"[{good},{good.Replace("\"n\"", "\"\\u0001\"", StringComparison.Ordinal)}]"), Is.False);
    }

    [Test]
    public void What_is_not_of_the_contract_is_left_to_MVC() => Assert.That(BodyRules.IsValid("text"), Is.Null);

    private static bool? IsValid<T>(string json) => BodyRules.IsValid(JsonSerializer.Deserialize<T>(json, Options)!);
}
