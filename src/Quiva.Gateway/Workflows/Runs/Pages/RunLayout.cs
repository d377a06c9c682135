using System.Text.Json;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs.Pages;

/// <summary>
/// Where the nodes of a graph are drawn: where the editor has them, drawn apart when they would cover each other; else in layers from left to
/// right, each node behind all that lead to it. Pure; worked out once for each graph.
/// </summary>
internal sealed class RunLayout
{
    /// <summary>The size of a node, in units of the picture.</summary>
    public const int Width = 176, Height = 52;

    private const int Gap = 24, LayerGap = 64, Margin = 16, LongestChain = 20;
    private const double Farthest = 1_000_000, MostApart = 4;

    private RunLayout((double X, double Y)[] places)
    {
        var (left, top) = (places.Select(place => place.X).DefaultIfEmpty().Min(), places.Select(place => place.Y).DefaultIfEmpty().Min());
        Places = [.. places.Select(place => (Round(place.X - left) + Margin, Round(place.Y - top) + Margin))];
        Size = (
            Places.Select(place => place.X).DefaultIfEmpty().Max() + Width + Margin,
            Places.Select(place => place.Y).DefaultIfEmpty().Max() + Height + Margin);
    }

    /// <summary>The left upper corner of each node.</summary>
    public IReadOnlyList<(int X, int Y)> Places { get; }

    /// <summary>The size of the whole picture.</summary>
    public (int Width, int Height) Size { get; }

    /// <summary>Lays a graph out.</summary>
    /// <param name="config">The configuration, for what the editor has stored.</param>
    /// <param name="links">The places that the edges of each node lead to.</param>
    public static RunLayout Of(WorkflowConfig config, IReadOnlyList<IReadOnlyList<int>> links) =>
        new(Stored([.. config.Nodes ?? []]) is { } stored && Apart(stored) is { } apart ? apart : Layers(links));

    private static int Round(double value) => (int)Math.Round(value);

    private static (double X, double Y)[]? Stored(List<WorkflowNode> nodes)
    {
        var byId = nodes.Where(node => node.Id is not null).DistinctBy(node => node.Id).ToDictionary(node => node.Id!, StringComparer.Ordinal);
        var places = new (double X, double Y)[nodes.Count];
        for (var i = 0; i < nodes.Count; i++)
        {
            // A position within a group is relative to it.
            var (node, depth) = (nodes[i], 0);
            for (WorkflowNode? at = node; at is not null; at = ParentOf(at))
            {
                if (++depth > LongestChain || Number(at.Position, "x") is not { } x || Number(at.Position, "y") is not { } y)
                {
                    return null;
                }

                places[i] = (places[i].X + x, places[i].Y + y);
            }
        }

        return places;

        WorkflowNode? ParentOf(WorkflowNode node) =>
            node.ParentId.ValueKind == JsonValueKind.String && References.TextOrNull(node.ParentId) is { } parent
                ? byId.GetValueOrDefault(parent)
                : null;
    }

    private static double? Number(FreeForm? position, string name) =>
        position?.TryGetValue(name, out var value) == true && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && Math.Abs(number) <= Farthest
            ? number
            : null;

    // The editor's nodes may be smaller than those here: all distances grow alike, until no two nodes cover each other.
    private static (double X, double Y)[]? Apart((double X, double Y)[] places)
    {
        var factor = 1.0;
        for (var i = 0; i < places.Length && factor <= MostApart; i++)
        {
            for (var j = i + 1; j < places.Length; j++)
            {
                var (x, y) = (Math.Abs(places[i].X - places[j].X), Math.Abs(places[i].Y - places[j].Y));
                if (x * factor < Width + 8 && y * factor < Height + 8)
                {
                    factor = Math.Min((Width + 8) / x, (Height + 8) / y);
                }
            }
        }

        return factor <= MostApart ? [.. places.Select(place => (place.X * factor, place.Y * factor))] : null;
    }

    private static (double X, double Y)[] Layers(IReadOnlyList<IReadOnlyList<int>> links)
    {
        var open = new int[links.Count];
        foreach (var target in links.SelectMany(targets => targets))
        {
            open[target]++;
        }

        var layer = new int[links.Count];
        var sources = links.Select(_ => new List<int>()).ToArray();
        var todo = new Queue<int>(Enumerable.Range(0, links.Count).Where(node => open[node] == 0));
        while (todo.TryDequeue(out var node))
        {
            foreach (var target in links[node])
            {
                sources[target].Add(node);
                layer[target] = Math.Max(layer[target], layer[node] + 1);
                if (--open[target] == 0)
                {
                    todo.Enqueue(target);
                }
            }
        }

        // Within a layer by the height of what leads there, so that edges cross less.
        var places = new (double X, double Y)[links.Count];
        foreach (var nodes in Enumerable.Range(0, links.Count).GroupBy(node => layer[node]).OrderBy(nodes => nodes.Key))
        {
            var row = 0;
            foreach (var node in nodes.OrderBy(node => sources[node].Count == 0 ? 0 : sources[node].Average(source => places[source].Y)))
            {
                places[node] = (nodes.Key * (Width + LayerGap), row++ * (Height + Gap));
            }
        }

        return places;
    }
}
