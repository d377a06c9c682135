using System.Text.Json;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// A run as one instance works on it: its row, its records, and the values that it has used. One user at a time.
/// </summary>
internal sealed class RunSession : IReferenceScope
{
    private readonly Dictionary<string, JsonElement> outputs = new(StringComparer.Ordinal);
    private readonly JsonElement input;

    public RunSession(StoredRun run, RunGraph graph, IEnumerable<StoredStep> steps, JsonElement input)
    {
        Run = run;
        Graph = graph;
        this.input = input;
        State = new(graph);
        Steps = steps.ToDictionary(step => step.Node, StringComparer.Ordinal);
        Replay([.. State.Ready]);
    }

    // Triggers are the editor's: nothing runs, what comes after them starts.
    private void Replay(IEnumerable<int> ready)
    {
        var todo = new Stack<int>(ready);
        while (todo.TryPop(out var place))
        {
            var node = Graph.Nodes[place];
            var outcome = node.Node_type == NodeType.Trigger ? StepOutcome.Plain
                : Steps.TryGetValue(node.Id!, out var step) && step.IsSettled ? step.Outcome
                : null;
            foreach (var next in outcome is null ? [] : State.Settle(place, outcome))
            {
                todo.Push(next);
            }
        }
    }

    public StoredRun Run { get; set; }

    public RunGraph Graph { get; }

    public RunState State { get; }

    /// <summary>The records, by node.</summary>
    public Dictionary<string, StoredStep> Steps { get; }

    /// <summary>Bytes of the values that are kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Settles a step that is being recorded.</summary>
    public void Settle(int node, StepOutcome outcome) => Replay(State.Settle(node, outcome));

    public void Keep(string node, byte[] output)
    {
        if (!outputs.TryAdd(node, References.Parse(output)))
        {
            return;
        }

        Bytes += output.Length;
    }

    /// <summary>Nodes among the roots whose values have to be read before they can be used.</summary>
    public List<string> Missing(IEnumerable<string> roots)
    {
        var all = roots.Any(root => root is "" or "context") ? [.. Steps.Keys, .. roots] : roots;
        var statics = all.Contains("static")
            ? Steps.Keys.Where(
                node => Graph.PlaceOf(node) is >= 0 and var place && Graph.Nodes[place].Node_type == NodeType.Static)
            : [];
        return [.. all.Concat(statics).Distinct().Where(node => !outputs.ContainsKey(node)
            && Steps.TryGetValue(node, out var step)
            && step.Status == StepStatus.Succeeded)];
    }

    public JsonElement? OutputOf(string node) => outputs.TryGetValue(node, out var value) ? value : null;

    public JsonElement Trigger =>
        input.ValueKind == JsonValueKind.Object && input.TryMember("trigger", out var trigger) ? trigger : default;

    bool IReferenceScope.IsRoot(string name) => Graph.IsRoot(name);

    bool IReferenceScope.TryGet(string root, out JsonElement value)
    {
        value = root switch
        {
            "" or "context" => All(),
            "trigger" => Trigger,
            "static" => Static(),
            "env" => Env(),
            _ when outputs.TryGetValue(root, out var output) => output,
            _ when Graph.PlaceOf(root) is >= 0 and var place && Graph.Nodes[place].Node_type == NodeType.Trigger =>
                Trigger,
            _ => default,
        };
        return value.ValueKind != JsonValueKind.Undefined;
    }

    private JsonElement Env()
    {
        var headers = input.ValueKind == JsonValueKind.Object && input.TryMember("headers", out var sent)
            ? sent.GetRawText()
            : "{}";
        // The caller's credential is none of the run's business: it never reaches durable state.
        return Parse($$"""{"run_id":"{{Run.TrackingId}}","headers":{{headers}}}""");
    }

    private JsonElement Static()
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in Graph.Config.Static ?? [])
        {
            values[name] = value;
        }

        foreach (var node in Graph.Nodes.Where(node => node.Node_type == NodeType.Static))
        {
            if (outputs.TryGetValue(node.Id!, out var output) && output.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in output.EnumerateObject())
                {
                    values[member.Name] = member.Value;
                }
            }
        }

        return References.ObjectOf(values);
    }

    private JsonElement All()
    {
        var values = new Dictionary<string, JsonElement>(outputs, StringComparer.Ordinal)
        {
            ["static"] = Static(),
            ["env"] = Env()
        };
        if (Trigger is { ValueKind: not JsonValueKind.Undefined } trigger)
        {
            values["trigger"] = trigger;
        }

        return References.ObjectOf(values);
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
