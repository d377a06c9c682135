using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>What a configuration needs to run here, beyond what it needs to be stored.</summary>
public static class RunRules
{
    private static readonly HashSet<string> Runnable = new(StringComparer.Ordinal)
    {
        NodeType.Trigger, NodeType.Map, NodeType.Static, NodeType.Condition, NodeType.Error, NodeType.Http, NodeType.Integration, NodeType.Delay,
        NodeType.Rules, NodeType.Jsonlogic, NodeType.Flow, NodeType.Schedule, NodeType.Input, NodeType.HumanInTheLoop, NodeType.Eval, NodeType.Function,
    };

    /// <summary>
    /// What keeps a configuration from running on this gateway: nodes of types that need services which it does not
    /// have.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="hasFunctions">Whether there is a place where <c>function</c> steps are carried out.</param>
    public static string? Obstacle(WorkflowConfig config, bool hasFunctions)
    {
        var others = (config.Nodes ?? [])
            .Where(node => node.Data!.Node_type is { } type
                && (!Runnable.Contains(type) || (type == NodeType.Function && !hasFunctions)))
            .GroupBy(node => node.Data!.Node_type, node => node.Data!.Id)
            .Select(nodes => $"this gateway cannot run {nodes.Key} nodes:{string.Join(',', nodes)}")
            .ToList();
        return others.Count == 0 ? null : Http.GatewayException.Join(others);
    }

    /// <summary>What no gateway of this kind would do as meant; publishing refuses it.</summary>
    /// <param name="config">The configuration.</param>
    public static IEnumerable<string> Problems(WorkflowConfig config)
    {
        foreach (var cycle in Cycles(config))
        {
            yield return $"cycle found:{string.Join("->", cycle)}";
        }

        foreach (var node in config.Nodes ?? [])
        {
            if (node.Data is { Id: { } id } data)
            {
                foreach (var problem in ProblemsOf(data).Distinct())
                {
                    yield return $"{problem}:{id}";
                }
            }
        }

        if (config.Result.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String or JsonValueKind.Object
            or JsonValueKind.Null))
        {
            yield return "result must be a text or an object";
        }

        foreach (var problem in TextsOf(config.Result).SelectMany(ProblemsOf).Distinct())
        {
            yield return $"{problem}:result";
        }
    }

    // Of edges alone there are none: what is stored was validated. A condition may name what leads to it.
    private static IEnumerable<IEnumerable<string>> Cycles(WorkflowConfig config)
    {
        List<NodeData> nodes = [.. (config.Nodes ?? []).Select(node => node.Data).OfType<NodeData>()];
        List<string> names = [.. nodes.Select(node => node.Id).OfType<string>().Distinct()];
        var places = names.Select((name, place) => (name, place))
            .ToDictionary(known => known.name, known => known.place, StringComparer.Ordinal);
        var targets = names.Select(_ => new List<int>()).ToArray();
        var links = (config.Edges ?? []).Select(edge => (Source: (string?)edge.Source, edge.Target))
            .Concat(nodes.SelectMany(node => Condition.TargetsOf(node).Where(name => name != node.Id)
                .Select(name => (Source: node.Id, Target: name))));
        foreach (var (source, target) in links)
        {
            if (source is not null && target is not null
                && places.TryGetValue(source, out var from) && places.TryGetValue(target, out var to))
            {
                targets[from].Add(to);
            }
        }

        return WorkflowRules.Cycles(targets).Select(cycle => cycle.Select(place => names[place]));
    }

    private static IEnumerable<string> ProblemsOf(NodeData node) => node.Node_type switch
    {
        NodeType.Static or NodeType.Trigger => [],
        NodeType.Eval when EvalStep.Problem(node.Payload) is { } problem => [problem],
        NodeType.Eval => TextsOf(EvalStep.Params(node.Payload)).SelectMany(ProblemsOf),
        NodeType.Condition when Condition.Problem(node.Payload) is { } problem => [problem],
        NodeType.Rules or NodeType.Condition or NodeType.Jsonlogic =>
            TextsOf(node.Payload).SelectMany(ProblemsOf).Concat(RuleOperators.Problems(node)),
        NodeType.Schedule when node.Options?.Attempts > 1 => ["options.attempts is not allowed on a schedule node"],
        _ => TextsOf(node.Payload).SelectMany(ProblemsOf),
    };

    private static IEnumerable<string> ProblemsOf(string text)
    {
        if (text.Contains("[?", StringComparison.Ordinal) && text.Split('|').Any(piece =>
            piece.Trim(' ', '"') is ['$', '.' or '[', ..] path && path.Contains("[?", StringComparison.Ordinal)))
        {
            yield return "a filter is not supported in a reference: use an eval node";
        }

        if (text.Contains("SECRET::", StringComparison.Ordinal))
        {
            yield return "SECRET:: is not supported: use an integration node with oauth";
        }

        var open = text.IndexOf('{');
        var close = open < 0 ? -1 : text.IndexOf('}', open);
        if (close > 0
            && text.AsSpan(open, close - open) is var inner
            && inner.IndexOf(" ? ") is > 0 and var mark
            && inner[mark..].Contains(" : ", StringComparison.Ordinal))
        {
            yield return "a choice with ? and : is not supported in a reference: use a condition or an eval node";
        }
    }

    private static IEnumerable<string> TextsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetRawText()],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(TextsOf),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => TextsOf(member.Value)),
        _ => [],
    };

    /// <summary>What a configuration is stored under: equal ones share one row.</summary>
    internal static string IdOf(string config) => HashOf(config);

    /// <summary>The SHA-256 of a text, in hexadecimal.</summary>
    internal static string HashOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
