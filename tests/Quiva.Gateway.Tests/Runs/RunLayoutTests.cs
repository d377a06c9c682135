using System.Text.Json;
using System.Text.Json.Nodes;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Workflows.Runs;
using Quiva.Gateway.Workflows.Runs.Pages;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Where the nodes of a graph are drawn.</summary>
public sealed class RunLayoutTests
{
    [Test]
    public void Nodes_are_where_the_editor_has_them()
    {
        var places = LayoutOf("a 100 50 b 400 50 c 400 -250").Places;
        Assert.That((places[1].X - places[0].X, places[1].Y - places[0].Y), Is.EqualTo((300, 0)));
        Assert.That(places[2].Y - places[1].Y, Is.EqualTo(-300));
        Assert.That(places.Min(place => place.X), Is.EqualTo(places.Min(place => place.Y)).And.GreaterThan(0), "Nothing is outside of the picture.");
    }

    [Test]
    public void Nodes_that_would_cover_each_other_are_drawn_apart_alike()
    {
        var places = LayoutOf("a 0 0 b 100 0 c 300 0").Places;
        Assert.That(places[1].X - places[0].X, Is.GreaterThanOrEqualTo(RunLayout.Width));
        Assert.That((places[2].X - places[0].X) / (double)(places[1].X - places[0].X), Is.EqualTo(3).Within(0.05));
    }

    [TestCase("a 0 0 b 0 0 c 9 9", TestName = "Without sense in the positions")]
    [TestCase("a 0 0 b - - c 500 0", TestName = "Without a position")]
    [TestCase("a 0 0 b 1e300 0 c 500 0", TestName = "Out of all bounds")]
    public void Nodes_are_in_layers_from_left_to_right(string nodes)
    {
        var places = LayoutOf(nodes, "a>b a>c b>d c>d").Places;
        Assert.That(places[0].X, Is.LessThan(places[1].X));
        Assert.That(places[1].X, Is.EqualTo(places[2].X));
        Assert.That(places[1].Y, Is.Not.EqualTo(places[2].Y));
    }

    [Test]
    public void No_two_nodes_of_a_large_graph_cover_each_other([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var nodes = string.Join(' ', Enumerable.Range(0, 300).Select(i => $"n{i} - -"));
        var edges = string.Join(' ', Enumerable.Range(1, 299).Select(i => $"n{random.Next(i)}>n{i}"));
        var places = LayoutOf(nodes, edges).Places;
        Assert.That(places.SelectMany((one, i) => places.Skip(i + 1).Where(other => Math.Abs(one.X - other.X) < RunLayout.Width && Math.Abs(one.Y - other.Y) < RunLayout.Height)), Is.Empty);
    }

    [Test]
    public void A_circle_that_conditions_make_is_drawn_all_the_same()
    {
        var config = JsonSerializer.Deserialize<WorkflowConfig>("""
            {"nodes":[{"data":{"id":"a","node_type":"map"}},{"data":{"id":"c","node_type":"condition","payload":[{"condition":{"operator":"=","input":[1,1]},"outcome":"a"}]}}],
             "edges":[{"source":"a","target":"c"}]}
            """)!;
        Assert.That(RunGraph.Of(config).Layout.Places, Has.Count.EqualTo(2));
    }

    [TestCase("short", 21, "short")]
    [TestCase("a name that is longer than what fits", 21, "a name that is longe…")]
    [TestCase("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 3, "👩‍👩‍👧👩‍👩‍👧…")]
    public void A_name_is_cut_between_what_readers_take_for_letters(string text, int most, string expected) =>
        Assert.That(RunWords.Shorten(text, most), Is.EqualTo(expected));

    [TestCase(0.2, "1 ms")]
    [TestCase(12_345, "12.3 s")]
    [TestCase(754_000, "12 min 34 s")]
    [TestCase(9_000_000, "2 h 30 min")]
    [TestCase(200_000_000, "2 d 7 h")]
    [TestCase(-5, "0 ms")]
    public void A_length_of_time_is_short(double milliseconds, string expected) =>
        Assert.That(RunWords.Span(TimeSpan.FromMilliseconds(milliseconds)), Is.EqualTo(expected));

    // Nodes as "id x y", with - for what is not there.
    private static RunLayout LayoutOf(string nodes, string edges = "")
    {
        var list = new JsonArray();
        foreach (var node in nodes.Split(' ').Chunk(3))
        {
            var position = node[1] == "-" ? null : JsonNode.Parse($$"""{"x":{{node[1]}},"y":{{node[2]}} }""");
            list.Add(new JsonObject { ["data"] = new JsonObject { ["id"] = node[0] }, ["position"] = position });
        }

        var known = nodes.Split(' ').Chunk(3).Select(node => node[0]).ToHashSet();
        var links = new JsonArray([.. edges.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(edge => edge.Split('>')).Where(ends => ends.All(known.Contains))
            .Select(ends => (JsonNode)new JsonObject { ["source"] = ends[0], ["target"] = ends[1] })]);
        return RunGraph.Of(JsonSerializer.Deserialize<WorkflowConfig>(new JsonObject { ["nodes"] = list, ["edges"] = links }.ToJsonString())!).Layout;
    }
}
