using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway.Tests.Hub;

public sealed class WorkflowRulesTests
{
    private static readonly JsonElement Payload = JsonElement.Parse("{}");

    [Test]
    public void A_graph_without_circles_is_fine()
    {
        Assert.That(Problems("abcd", "ab", "ac", "bd", "cd", "ad"), Is.Empty);
        Assert.That(WorkflowRules.Problems(new WorkflowConfig()), Is.Empty);
    }

    [TestCase("aa", ExpectedResult = "a->a")]
    [TestCase("ab ba", ExpectedResult = "a->b->a")]
    [TestCase("ab bc cb", ExpectedResult = "b->c->b")]
    [TestCase("ab bc ca cd de ed", ExpectedResult = "a->b->c->a d->e->d")]
    public string A_circle_is_told_from_node_to_node(string edges) =>
        string.Join(' ', Problems("abcde", edges.Split(' ')).Select(problem => problem["cycle found:".Length..]));

    [Test]
    public void Circles_that_share_a_node_are_told_once() =>
        Assert.That(Problems("abc", "ab", "ba", "bc", "cb"), Has.Count.EqualTo(1));

    [Test]
    public void The_longest_chain_that_a_body_can_hold_is_walked()
    {
        var nodes = Enumerable.Range(0, 5000).Select(i => $"n{i}").ToList();
        var edges = nodes.Zip(nodes.Skip(1).Append("n0"))
            .Select(pair => new Edge { Source = pair.First, Target = pair.Second });
        Assert.That(
            WorkflowRules.Problems(Config(nodes, edges)).Single(),
            Does.StartWith("cycle found:n0->n1->").And.EndsWith("->n4999->n0"));
    }

    [Test]
    public void Back_edges_from_the_end_of_a_long_chain_are_looked_at_once_each()
    {
        var nodes = Enumerable.Range(0, 5000).Select(i => $"n{i}").ToList();
        var edges = nodes.Zip(nodes.Skip(1)).Select(pair => new Edge { Source = pair.First, Target = pair.Second })
            .Concat(Enumerable.Range(0, 15_000)
                .Select(i => new Edge { Source = "n4999", Target = $"n{4998 - (i % 4999)}" }));
        Assert.That(
            WorkflowRules.Problems(Config(nodes, edges)), Is.EqualTo(new[] { "cycle found:n4998->n4999->n4998" }));
    }

    [Test]
    public void More_than_the_schema_allows_is_not_looked_at()
    {
        var config = Config(Enumerable.Repeat("a", 5001), []);
        Assert.That(config.Validate(new(config)), Is.Empty);
        Assert.That(WorkflowRules.Problems(config), Is.Not.Empty);
    }

    [Test]
    public void Of_an_ids_first_appearance_only_the_later_ones_are_duplicates() =>
        Assert.That(Problems("aabab"), Is.EqualTo(
            new[] { "duplicate node id found:a", "duplicate node id found:a", "duplicate node id found:b" }));

    private static List<string> Problems(string nodes, params string[] edges) =>
        [.. WorkflowRules.Problems(Config(
            nodes.Select(id => $"{id}"),
            edges.Select(edge => new Edge { Source = $"{edge[0]}", Target = $"{edge[1]}" })))];

    private static WorkflowConfig Config(IEnumerable<string> nodes, IEnumerable<Edge> edges) =>
        new()
        {
            Nodes = [.. nodes.Select(id => new WorkflowNode { Data = new NodeData { Id = id, Payload = Payload } })],
            Edges = [.. edges]
        };
}
