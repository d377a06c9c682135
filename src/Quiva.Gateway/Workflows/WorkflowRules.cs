using System.Text.Json;
using System.Text.RegularExpressions;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows;

/// <summary>
/// What a workflow's configuration needs beyond its schema (createWorkflow, updateWorkflow, publishWorkflow).
/// </summary>
public static partial class WorkflowRules
{
    private const int LongestId = 200, LongestEdgeId = 400;

    private static readonly HashSet<string> Reserved = ["trigger", "static", "RESOLVE_ERROR", "RESOLVE_SUCCESS"];

    /// <summary>Everything that is wrong, nodes first; each problem names its node or edge.</summary>
    /// <param name="config">The configuration.</param>
    public static IEnumerable<string> Problems(WorkflowConfig config)
    {
        var places = new Dictionary<string, int>(config.Nodes?.Count ?? 0, StringComparer.Ordinal);
        return NodeProblems([.. config.Nodes ?? []], places).Concat(EdgeProblems([.. config.Edges ?? []], places));
    }

    private static IEnumerable<string> NodeProblems(List<WorkflowNode?> nodes, Dictionary<string, int> places)
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            if (nodes[i] is not { Data: { } data } node)
            {
                yield return $"data is required:nodes[{i}]";
                continue;
            }

            // What can't be a name is told by its place.
            var name = data.Id is { } id && Id().IsMatch(id) ? id : $"nodes[{i}]";
            if (string.IsNullOrEmpty(data.Id))
            {
                yield return $"node id is required:{name}";
            }
            else if (data.Id != name)
            {
                yield return $"invalid ID:{name}: start with a letter or '_'; then letters, digits, '_', '-' and ':'";
            }
            else if (Reserved.Contains(name))
            {
                yield return $"cannot use a reserved word as a node id:{name}";
            }
            else if (!places.TryAdd(name, places.Count))
            {
                yield return $"duplicate node id found:{name}";
            }

            if (node.Id is not null && node.Id != data.Id)
            {
                yield return $"node id differs from data.id:{name}";
            }

            if (data.Payload.ValueKind == JsonValueKind.Undefined)
            {
                yield return $"payload is required:{name}";
            }

            if (data.Node_type is NodeType.Function or NodeType.Flow && VisibleText.IsBlank(data.Subject))
            {
                yield return $"a subject is required for the {data.Node_type}:{name}";
            }
        }
    }

    private static IEnumerable<string> EdgeProblems(List<Edge?> edges, Dictionary<string, int> places)
    {
        var ids = new HashSet<string>(edges.Count, StringComparer.Ordinal);
        var targets = new List<int>[places.Count];
        for (var i = 0; i < edges.Count; i++)
        {
            if (edges[i] is not { } edge)
            {
                yield return $"source and target required on edge: edges[{i}]";
                continue;
            }

            if (edge.Id is { Length: > 0 and <= LongestEdgeId } id && !ids.Add(id))
            {
                yield return $"duplicate edge id found:{id}";
            }

            if (PlaceOf(edge.Source, places) is not { } source || PlaceOf(edge.Target, places) is not { } target)
            {
                continue;
            }

            if (source == -1)
            {
                yield return $"source node not found:{edge.Source}->{edge.Target}";
            }

            if (target == -1)
            {
                yield return $"target node not found:{edge.Source}->{edge.Target}";
            }

            if (source >= 0 && target >= 0)
            {
                (targets[source] ??= new(2)).Add(target);
            }
        }

        var names = places.Keys.ToList();
        foreach (var cycle in Cycles(targets))
        {
            yield return $"cycle found:{string.Join("->", cycle.Select(place => names[place]))}";
        }
    }

    // An end that is missing or too long is told of by its schema.
    private static int? PlaceOf(string? end, Dictionary<string, int> places) =>
        end is { Length: > 0 and <= LongestId } ? places.GetValueOrDefault(end, -1) : null;

    /// <summary>
    /// Walks the graph depth first, without recursion: an edge back to where the walk has come from closes a cycle.
    /// </summary>
    /// <returns>Cycles that share no node; there is one unless there are none at all.</returns>
    internal static IEnumerable<List<int>> Cycles(List<int>[] targets)
    {
        const int unseen = -1, done = -2;
        var depthOf = Enumerable.Repeat(unseen, targets.Length).ToArray();
        // The depths of the path's nodes that are in a cycle that was told: the last one is the deepest.
        var lastTold = new Stack<int>();
        var path = new List<int>();
        var next = new List<int>();
        for (var start = 0; start < targets.Length; start++)
        {
            if (depthOf[start] == unseen)
            {
                Enter(start);
            }

            while (path.Count > 0)
            {
                var here = path[^1];
                if (next[^1] == (targets[here]?.Count ?? 0))
                {
                    depthOf[here] = done;
                    path.RemoveAt(path.Count - 1);
                    if (lastTold.TryPeek(out var depth) && depth == path.Count)
                    {
                        lastTold.Pop();
                    }

                    next.RemoveAt(next.Count - 1);
                    continue;
                }

                var there = targets[here][next[^1]++];
                if (depthOf[there] == unseen)
                {
                    Enter(there);
                }
                else if (depthOf[there] >= 0 && !(lastTold.TryPeek(out var told) && told >= depthOf[there]))
                {
                    for (var depth = depthOf[there]; depth < path.Count; depth++)
                    {
                        lastTold.Push(depth);
                    }

                    var cycle = path[depthOf[there]..];
                    cycle.Add(there);
                    yield return cycle;
                }
            }
        }

        void Enter(int place)
        {
            depthOf[place] = path.Count;
            path.Add(place);
            next.Add(0);
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_:-]{0,199}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Id();
}
