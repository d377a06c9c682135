using System.Text.Json.Nodes;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>What a step of a random graph does.</summary>
public enum ModelStep
{
    Map,
    Eval,
    Delay,
    HttpOk,
    HttpIgnored,
    HttpFail,
    Choice,
    Side,
    Error,
}

/// <summary>A node of a random graph.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Step">What it does.</param>
/// <param name="Branches">Of a choice: whether each branch's condition holds, and where it leads.</param>
/// <param name="Holds">Of a side: whether its condition holds.</param>
public sealed record ModelNode(string Id, ModelStep Step, (bool Holds, string[] Outcome)[] Branches, bool Holds)
{
    public bool IsOuter => Step is ModelStep.HttpOk or ModelStep.HttpIgnored or ModelStep.HttpFail;
}

/// <summary>An edge of a random graph.</summary>
public sealed record ModelEdge(string Source, string Target, string? Handle);

/// <summary>
/// A random graph, and what an interpreter that is as simple as can be says of it: look again and again for a node that
/// can start.
/// </summary>
public sealed record GraphModel(IReadOnlyList<ModelNode> Nodes, IReadOnlyList<ModelEdge> Edges)
{
    private const string Success = "RESOLVE_SUCCESS", Failure = "RESOLVE_ERROR";

    public static GraphModel Random(Random random)
    {
        var ids = Enumerable.Range(0, random.Next(1, 11)).Select(i => "n" + i).ToList();
        var edges = new List<ModelEdge>();
        var nodes = new List<ModelNode>();
        for (var i = 0; i < ids.Count; i++)
        {
            var later = ids[(i + 1)..];
            var step = random.Next(20) switch
            {
                < 8 =>
                ModelStep.Map,
                8 => ModelStep.Eval,
                9 => ModelStep.Delay,
                10 or 11 =>
                ModelStep.HttpOk,
                12 => ModelStep.HttpIgnored,
                13 when random.Next(3) == 0 =>
                    ModelStep.HttpFail,
                14 when random.Next(3) == 0 =>
                        ModelStep.Error,
                < 17 => ModelStep.Choice,
                _ => ModelStep.Side
            };
            foreach (var target in later.Where(_ => random.Next(100) < 30))
            {
                edges.Add(new(
                    ids[i],
                    target,
                    step == ModelStep.Side ? new[] { "true", "false", null, "out" }[random.Next(4)] : null));
            }

            var branches = Enumerable.Range(0, random.Next(1, 4))
                .Select(_ => (random.Next(2) == 0, OutcomeOf(later)))
                .Append((random.Next(8) > 0, OutcomeOf(later)))
                .ToArray();
            nodes.Add(new(ids[i], step, branches, random.Next(2) == 0));
        }

        // The order of the configuration need not be that of the graph.
        var shuffled = nodes.ToArray();
        random.Shuffle(shuffled);
        return new(shuffled, edges);

        string[] OutcomeOf(List<string> later) => random.Next(12) switch
        {
            0 => [Success],
            1 => [Failure],
            _ when later.Count == 0 => [Success],
            _ => [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => later[random.Next(later.Count)]).Distinct()],
        };
    }

    /// <summary>Smaller graphs: without a node, without an edge, or with a simpler node.</summary>
    public IEnumerable<GraphModel> Smaller()
    {
        foreach (var node in Nodes.Where(node => Nodes.All(other => other.Step != ModelStep.Choice
            || other.Id == node.Id
            || other.Branches.All(branch => !branch.Outcome.Contains(node.Id)))))
        {
            yield return new(
                [.. Nodes.Where(other => other != node)],
                [.. Edges.Where(edge => edge.Source != node.Id && edge.Target != node.Id)]);
        }

        foreach (var edge in Edges)
        {
            yield return this with { Edges = [.. Edges.Where(other => other != edge)] };
        }

        foreach (var node in Nodes.Where(node => node.Step != ModelStep.Map))
        {
            yield return this with
            {
                Nodes = [.. Nodes.Select(other => other == node ? node with { Step = ModelStep.Map } : other)]
            };
        }
    }

    /// <summary>The configuration.</summary>
    public string Config(string target)
    {
        var nodes =
            new JsonArray([.. Nodes.Select(node => (JsonNode)new JsonObject { ["data"] = DataOf(node, target) })]);
        var edges =
            new JsonArray([.. Edges.Select(edge => (JsonNode)new JsonObject
            {
                ["source"] = edge.Source,
                ["target"] = edge.Target,
                ["sourceHandle"] = edge.Handle
            })]);
        return new JsonObject { ["nodes"] = nodes, ["edges"] = edges, ["result"] = "done" }.ToJsonString();
    }

    private JsonObject DataOf(ModelNode node, string target)
    {
        var sources = SourcesOf(node.Id).ToList();
        JsonObject Http(string path) => new() { ["url"] = $"{target}/{path}/{node.Id}" };
        var (type, payload) = node.Step switch
        {
            ModelStep.Map => ("map", new JsonArray([node.Id, .. sources.Select(source => (JsonNode)("$." + source))])),
            ModelStep.Eval => ("eval", new JsonObject
            {
                ["code"] = $"['{node.Id}'{string.Concat(sources.Select(source => ", " + source))}]",
                ["params"] =
                    new JsonObject(sources.Select(source => KeyValuePair.Create(source, (JsonNode?)("$." + source)))),
            }),
            ModelStep.Delay => ("delay", new JsonObject { ["time_ms"] = 0 }),
            ModelStep.HttpOk => ("http", Http("ok")),
            ModelStep.HttpIgnored => ("http", Http("404")),
            ModelStep.HttpFail => ("http", Http("500")),
            ModelStep.Choice => ("condition", new JsonArray([.. node.Branches.Select(branch => (JsonNode)new JsonObject
            {
                ["condition"] = new JsonObject
                {
                    ["operator"] = "=",
                    ["input"] = new JsonArray(1, branch.Holds ? 1 : 2)
                },
                ["outcome"] = branch.Outcome.Length == 1
                    ? branch.Outcome[0]
                    : new JsonArray([.. branch.Outcome.Select(name => (JsonNode)name)]),
            })])),
            ModelStep.Side => ("condition", new JsonObject
            {
                ["condition"] = node.Holds
                ? "{trigger.one} == 1"
                : "{trigger.one} == 'x'"
            }),
            _ => ("error", (JsonNode)new JsonObject { ["message"] = "no " + node.Id }),
        };
        var data = new JsonObject { ["id"] = node.Id, ["node_type"] = type, ["payload"] = payload };
        if (node.IsOuter)
        {
            data["response_map"] = node.Step == ModelStep.HttpOk ? "$.data.path" : "$.status";
            data["options"] = new JsonObject { ["ignore_response_codes"] = new JsonArray(404) };
        }

        return data;
    }

    // Edges, and what choices name without an edge.
    private List<ModelEdge> Links() =>
    [
        .. Edges,
        .. Nodes.Where(node => node.Step == ModelStep.Choice)
            .SelectMany(node => node.Branches.SelectMany(branch => branch.Outcome)
                .Distinct()
                .Where(name => Nodes.Any(other => other.Id == name)
                    && !Edges.Any(edge => edge.Source == node.Id && edge.Target == name))
                .Select(name => new ModelEdge(node.Id, name, null))),
    ];

    private IEnumerable<string> SourcesOf(string id) =>
        Edges.Where(edge => edge.Target == id).Select(edge => edge.Source).Distinct();

    /// <summary>What comes of each node, and what the run ends as.</summary>
    /// <param name="goesOn">Whether an ending is noted and the walk goes on: all that may run.</param>
    public ModelOutcome Interpret(bool goesOn)
    {
        var links = Links();
        var (statuses, outputs, endings) =
            (new Dictionary<string, string>(), new Dictionary<string, JsonNode>(), new List<string>());
        var taken = new HashSet<ModelEdge>(ReferenceEqualityComparer.Instance);
        while (goesOn || endings.Count == 0)
        {
            var settled = Nodes.Where(node => !statuses.ContainsKey(node.Id))
                .Select(node => (Node: node, Incoming: links.Where(link => link.Target == node.Id).ToList()))
                .Where(next => next.Incoming.TrueForAll(link => statuses.ContainsKey(link.Source)))
                .Select(
                    next => (next.Node, IsSkipped: next.Incoming.Count > 0 && !next.Incoming.Exists(taken.Contains)))
                .ToList();
            // What is skipped is so at once; of the others the first one of the configuration goes first.
            if (settled.OrderByDescending(next => next.IsSkipped).FirstOrDefault() is not { Node: { } node } first)
            {
                break;
            }

            if (first.IsSkipped)
            {
                statuses[node.Id] = "skipped";
                continue;
            }

            var (status, output, ending, names) = Carry(node, outputs);
            statuses[node.Id] = status;
            outputs[node.Id] = output;
            if (ending is not null)
            {
                endings.Add(ending);
            }

            taken.UnionWith(
                links.Where(link => link.Source == node.Id && status == "succeeded" && IsTaken(link, node, names)));
        }

        return new(statuses, outputs, endings);
    }

    private static bool IsTaken(ModelEdge link, ModelNode node, string[] names) => node.Step switch
    {
        ModelStep.Choice => names.Contains(link.Target),
        ModelStep.Side =>
            link.Handle is "true" or "false" ? link.Handle == (node.Holds ? "true" : "false") : node.Holds,
        _ => true,
    };

    private (string Status, JsonNode Output, string? Ending, string[] Names) Carry(
        ModelNode node, Dictionary<string, JsonNode> outputs)
    {
        switch (node.Step)
        {
            case ModelStep.Map or ModelStep.Eval:
                return (
                    "succeeded",
                    new JsonArray([node.Id, .. SourcesOf(node.Id).Select(
                        source => outputs.TryGetValue(source, out var output) ? output.DeepClone() : new JsonArray())]),
                    null,
                    []);
            case ModelStep.Delay:
                return ("succeeded", true, null, []);
            case ModelStep.HttpOk:
                return ("succeeded", $"/ok/{node.Id}", null, []);
            case ModelStep.HttpIgnored:
                return ("succeeded", 404, null, []);
            case ModelStep.Side:
                return ("succeeded", node.Holds, null, []);
            case ModelStep.Choice when node.Branches.FirstOrDefault(branch => branch.Holds) is { Outcome: { } names }:
                return (
                    "succeeded",
                    new JsonArray([.. names.Select(name => (JsonNode)name)]),
                    names.Contains(Failure) ? "failed" : names.Contains(Success) ? "succeeded" : null,
                    names);
            default:
                return ("failed", "", "failed", []);
        }
    }
}

/// <summary>What the interpreter says.</summary>
/// <param name="Statuses">Of the nodes that it has come to.</param>
/// <param name="Outputs">Of those that have succeeded.</param>
/// <param name="Endings">What the run ends as, in the order in which it was met; empty when nothing is left.</param>
public sealed record ModelOutcome(
    IReadOnlyDictionary<string, string> Statuses,
    IReadOnlyDictionary<string, JsonNode> Outputs,
    IReadOnlyList<string> Endings);
