using System.Text.Json;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>What an editor built on React Flow saves comes back, byte for byte.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class EditorTests(DatabaseProvider engine) : HubFixture(engine)
{
    private const string Saved =
        """{"nodes":[{"id":"group_1","type":"group","data":{"id":"group_1","node_type":"map","payload":{} },"position":{"x":0,"y":0.50},"style":{"width":400},"""
        + """ "width":400,"height":null,"zIndex":-1,"hidden":false},"""
        + """{"id":"step","data":{"id":"step","node_type":"map","payload":1},"position":{"x":1e2,"y":0},"width":150.0,"height":40,"parentId":"group_1","""
        + """ "extent":[[0,0],[1e400,2]],"zIndex":1000,"hidden":true}],"edges":["""
        + """{"source":"group_1","target":"step","id":"reactflow__edge-group_1source a.1-stepin@>*","sourceHandle":"source a.1","""
        + """ "label":"if  \u00e4","data":{"a":1.0,"b":[null]},"animated":true,"markerEnd":{"type":"arrowclosed"},"style":{"stroke":"#f00"}},"""
        + """{"source":"group_1","target":"step","id":"e 2","label":{"text":"b"},"animated":null,"markerEnd":"arrow"}]}""";

    // The members of nodes and edges stand in the contract's order; what is in them is as it was sent.
    [Test]
    public async Task What_the_editor_saves_comes_back()
    {
        var collection = await Client.CollectionAsync("workflow");
        var topic = await Client.WorkflowAsync(collection, "edited", Saved);
        using var read =
            JsonDocument.Parse((await Client.CallAsync("GET", $"/hub/workflows/{collection}/{topic}?draft=true")).Text);
        using var sent = JsonDocument.Parse(Saved);
        foreach (var list in new[] { "nodes", "edges" })
        {
            var (stored, original) =
                (read.RootElement.GetProperty("config").GetProperty(list), sent.RootElement.GetProperty(list));
            Assert.That(stored.EnumerateArray().Select(Members), Is.EqualTo(original.EnumerateArray().Select(Members)));
        }
    }

    private static IEnumerable<string> Members(JsonElement item) =>
        item.EnumerateObject()
            .Where(member => member.Name != "data" || item.TryGetProperty("source", out _))
            .Select(member => $"{member.Name}={member.Value.GetRawText()}")
            .Order(StringComparer.Ordinal);
}
