using System.Runtime.InteropServices;
using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Steps that need nothing outside the gateway.</summary>
public sealed class InnerSteps(RunSessions sessions, FlowSteps flows, SecretProtector secrets, TimeProvider time)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(365);

    /// <summary>Whether a step is carried out by the engine, as it calls outside.</summary>
    internal static bool IsOuter(NodeData node) => node.Node_type is NodeType.Http or NodeType.Integration;

    /// <summary>Settles a step, or leaves it when it is to be carried out or waits.</summary>
    internal async Task<bool> TrySettleAsync(RunSession session, RunChange change, int place, CancellationToken cancellationToken)
    {
        var node = session.Graph.Nodes[place];
        var step = session.Steps.GetValueOrDefault(node.Id!);
        if (IsOuter(node) || step?.Status == StepStatus.Paused)
        {
            return false;
        }

        var now = time.GetUtcNow();
        try
        {
            await LoadAsync(session, node, cancellationToken);
            switch (node.Node_type)
            {
                case NodeType.Delay when step is null:
                    change.Add(new() { Node = node.Id!, Status = StepStatus.Waiting, Attempt = 1, Started_at = now, Due_at = now + DelayOf(session, node) });
                    return false;
                case NodeType.Delay when step!.Due_at > now:
                    return false;
                case NodeType.Input or NodeType.HumanInTheLoop:
                    // Shown to whoever is to answer.
                    change.Add(new() { Node = node.Id!, Status = StepStatus.Paused, Attempt = 1, Started_at = now }, input: References.Fill(node.Payload, session));
                    return false;
                case NodeType.Flow or NodeType.Schedule:
                    if (await flows.CarryOutAsync(session, change, node, step, now, cancellationToken) is not { } answer)
                    {
                        return false;
                    }

                    Succeed(session, change, place, session.Steps.GetValueOrDefault(node.Id!), StepOutcome.Plain, Shape(node, answer), now);
                    return true;
                default:
                    var (outcome, output) = node.Node_type == NodeType.Delay ? (StepOutcome.Plain, "true"u8.ToArray()) : Evaluate(session, node, now);
                    Succeed(session, change, place, step, outcome, output, now);
                    return true;
            }
        }
        catch (StepException exception)
        {
            Fail(session, change, place, step, exception, now);
            return true;
        }
    }

    private Task LoadAsync(RunSession session, NodeData node, CancellationToken cancellationToken)
    {
        var roots = new HashSet<string>(StringComparer.Ordinal);
        References.AddRoots(node.Payload, session.Graph.IsRoot, roots);
        return sessions.LoadAsync(session, roots, cancellationToken);
    }

    private static (StepOutcome Outcome, byte[] Output) Evaluate(RunSession session, NodeData node, DateTimeOffset now)
    {
        switch (node.Node_type)
        {
            case NodeType.Static:
                return (StepOutcome.Plain, JsonMarshal.GetRawUtf8Value(node.Payload).ToArray());
            case NodeType.Condition:
                return Condition.Decide(node.Payload, session.Graph, session, now);
            case NodeType.Rules:
                return (StepOutcome.Plain, RuleSteps.Rule(References.Parse(References.Fill(node.Payload, session)), now));
            case NodeType.Jsonlogic:
                return (StepOutcome.Plain, RuleSteps.Logic(References.Parse(References.Fill(node.Payload, session))));
            case NodeType.Error:
                throw ErrorOf(References.Parse(References.Fill(node.Payload, session)));
            // A node without a type reshapes data, which needs nothing.
            case NodeType.Map or null:
                return (StepOutcome.Plain, Shape(node, References.Fill(node.Payload, session)));
            default:
                throw new StepException($"this gateway cannot run {node.Node_type} nodes");
        }
    }

    /// <summary>An answer, flattened when the step's options say so.</summary>
    internal static byte[] Shape(NodeData node, byte[] output)
    {
        if (node.Options?.Flat_map != true || References.Parse(output) is not { ValueKind: JsonValueKind.Array } list)
        {
            return output;
        }

        var items = list.EnumerateArray().SelectMany(item => item.ValueKind == JsonValueKind.Array ? item.EnumerateArray().ToList() : [item]);
        return JsonSerializer.SerializeToUtf8Bytes(items);
    }

    private static StepException ErrorOf(JsonElement payload)
    {
        var message = payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty("message", out var text) ? References.TextOf(text) : "";
        var status = payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty("status_code", out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var value) ? value : (int?)null;
        return new(message.Length == 0 ? "the workflow ended with an error" : message, status);
    }

    private static TimeSpan DelayOf(RunSession session, NodeData node)
    {
        var payload = References.Parse(References.Fill(node.Payload, session));
        return payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty("time_ms", out var value)
            && double.TryParse(References.TextOf(value), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var ms)
            && ms >= 0 && ms <= LongestDelay.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(ms)
            : throw new StepException("time_ms must be a number of milliseconds of at most one year");
    }

    /// <summary>Records that a step has succeeded.</summary>
    internal static void Succeed(RunSession session, RunChange change, int place, StoredStep? step, StepOutcome outcome, byte[] output, DateTimeOffset now)
    {
        var node = session.Graph.Nodes[place];
        // Before anything is recorded: what can't be read is no output.
        session.Keep(node.Id!, output);
        change.Add(
            new()
            {
                Node = node.Id!,
                Status = StepStatus.Succeeded,
                Attempt = step?.Attempt ?? 1,
                Failures = step?.Failures ?? 0,
                Taken = outcome.Taken is null ? null : JsonSerializer.Serialize(outcome.Taken),
                Child_id = step?.Child_id,
                Input = step?.Input,
                Started_at = step?.Started_at ?? now,
                Ended_at = now,
            },
            output: output);
        session.Settle(place, outcome);
        if (outcome.Ending == Ending.Failure && change.After.Failed_node is null)
        {
            change.After.Failed_node = node.Id;
        }
    }

    /// <summary>Records that a step has failed, and with it the run.</summary>
    internal void Fail(RunSession session, RunChange change, int place, StoredStep? step, StepException exception, DateTimeOffset now)
    {
        var node = session.Graph.Nodes[place];
        change.Add(
            new()
            {
                Node = node.Id!,
                Status = StepStatus.Failed,
                Attempt = step?.Attempt ?? 1,
                Failures = (step?.Failures ?? 0) + 1,
                Child_id = step?.Child_id,
                Input = step?.Input,
                Started_at = step?.Started_at ?? now,
                Ended_at = now,
            },
            error: exception.Message);
        session.Settle(place, new(Ending.Failure));
        if (change.After.Failed_node is null)
        {
            change.After.Failed_node = node.Id;
            change.After.Status_code = exception.StatusCode;
            change.After.Error = secrets.Seal(change.After.Place("error"), System.Text.Encoding.UTF8.GetBytes(exception.Message));
        }
    }
}
