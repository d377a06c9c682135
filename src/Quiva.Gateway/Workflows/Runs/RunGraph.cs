using Quiva.Gateway.Contract;
using Quiva.Gateway.Workflows.Runs.Pages;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>A configuration as runs use it: nodes by their place, and the edges that lead from each. Never changes; shared by runs.</summary>
internal sealed class RunGraph
{
    private static readonly string[] Roots = ["trigger", "static", "env", "context"];

    private readonly Dictionary<string, int> places;
    private readonly Lazy<RunLayout> layout;

    private RunGraph(WorkflowConfig config, List<NodeData> nodes, Dictionary<string, int> places, List<Link>[] links, int[] incoming)
    {
        Config = config;
        Nodes = nodes;
        this.places = places;
        Links = links;
        Incoming = incoming;
        layout = new(() => RunLayout.Of(config, [.. links.Select(leaving => leaving.ConvertAll(link => link.Target))]));
    }

    /// <summary>An edge, or what a condition names without an edge.</summary>
    /// <param name="Target">The place of the node that it enters.</param>
    /// <param name="Handle">Where it leaves a condition: <c>true</c> or <c>false</c>, or something of the editor's.</param>
    public readonly record struct Link(int Target, string? Handle);

    public WorkflowConfig Config { get; }

    public IReadOnlyList<NodeData> Nodes { get; }

    /// <summary>The edges that leave each node.</summary>
    public IReadOnlyList<List<Link>> Links { get; }

    /// <summary>How many edges enter each node.</summary>
    public IReadOnlyList<int> Incoming { get; }

    /// <summary>Where its nodes are drawn.</summary>
    public RunLayout Layout => layout.Value;

    /// <summary>The place of a node, or -1.</summary>
    public int PlaceOf(string node) => places.GetValueOrDefault(node, -1);

    /// <summary>Whether a name can be referred to.</summary>
    public bool IsRoot(string name) => places.ContainsKey(name) || Roots.Contains(name);

    /// <summary>The roots of the references that a node's step fills in; an empty name stands for all.</summary>
    public ISet<string> RootsOf(NodeData node)
    {
        var roots = new HashSet<string>(StringComparer.Ordinal);
        References.AddRoots(node.Node_type == NodeType.Eval ? EvalStep.Params(node.Payload) : node.Payload, IsRoot, roots);
        References.AddRoots(node.Response_map, IsRoot, roots);
        return roots;
    }

    /// <summary>Reads a configuration that has been validated.</summary>
    public static RunGraph Of(WorkflowConfig config)
    {
        List<NodeData> nodes = [.. (config.Nodes ?? []).Select(node => node.Data!)];
        var places = nodes.Select((node, place) => (node.Id, place)).ToDictionary(node => node.Id!, node => node.place, StringComparer.Ordinal);
        var links = nodes.Select(_ => new List<Link>()).ToArray();
        var incoming = new int[nodes.Count];
        var known = new HashSet<(int, int)>();
        foreach (var edge in config.Edges ?? [])
        {
            Add(places[edge.Source], places[edge.Target], edge.SourceHandle);
        }

        // What a condition names is activated by it also where no edge leads there, so it does not start by itself.
        for (var place = 0; place < nodes.Count; place++)
        {
            foreach (var name in Condition.TargetsOf(nodes[place]))
            {
                if (places.TryGetValue(name, out var target) && target != place && !known.Contains((place, target)))
                {
                    Add(place, target, null);
                }
            }
        }

        return new(config, nodes, places, links, incoming);

        void Add(int source, int target, string? handle)
        {
            known.Add((source, target));
            links[source].Add(new(target, handle));
            incoming[target]++;
        }
    }
}
