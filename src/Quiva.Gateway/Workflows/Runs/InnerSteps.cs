using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Eval;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Steps that need nothing outside the gateway.</summary>
public sealed partial class InnerSteps(
    RunSessions sessions, FlowSteps flows, EvalPool evals, SecretProtector secrets, TimeProvider time, ILogger<InnerSteps> logger)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(365);

    /// <summary>Whether a step is carried out by the engine, as it calls outside.</summary>
    internal static bool IsOuter(NodeData node) =>
        node.Node_type is NodeType.Http or NodeType.Integration or NodeType.Function;

    /// <summary>Settles a step, or leaves it when it is to be carried out or waits.</summary>
    internal async Task<bool> TrySettleAsync(
        RunSession session, RunChange change, int place, CancellationToken cancellationToken)
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
            await sessions.LoadAsync(session, session.Graph.RootsOf(node), cancellationToken);
            switch (node.Node_type)
            {
                case NodeType.Delay when step is null:
                    change.Add(new()
                    {
                        Node = node.Id!,
                        Status = StepStatus.Waiting,
                        Attempt = 1,
                        Started_at = now,
                        Due_at = now + DelayOf(session, node)
                    });
                    return false;
                case NodeType.Delay when step!.Due_at > now:
                    return false;
                case NodeType.Input or NodeType.HumanInTheLoop:
                    // Shown to whoever is to answer.
                    change.Add(
                        new() { Node = node.Id!, Status = StepStatus.Paused, Attempt = 1, Started_at = now },
                        input: References.Fill(node.Payload, session));
                    return false;
                case NodeType.Flow or NodeType.Schedule:
                    if (await flows.CarryOutAsync(
                        session, change, node, step, now, cancellationToken) is not { } answer)
                    {
                        return false;
                    }

                    Succeed(
                        session,
                        change,
                        place,
                        session.Steps.GetValueOrDefault(node.Id!),
                        StepOutcome.Plain,
                        StepAnswer.Shape(session, node, answer),
                        now);
                    return true;
                case NodeType.Eval:
                    var value = await EvalStep.EvaluateAsync(evals, session, node, cancellationToken);
                    Succeed(
                        session,
                        change,
                        place,
                        step,
                        StepOutcome.Plain,
                        StepAnswer.Shape(session, node, value),
                        time.GetUtcNow());
                    return true;
                default:
                    var (outcome, output) = node.Node_type == NodeType.Delay
                        ? (StepOutcome.Plain, "true"u8.ToArray())
                        : Carefully(session, node, now);
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

    // Whatever a value makes the evaluation throw is the step's failure: it would throw the same at every further try
    // of the run.
    private (StepOutcome Outcome, byte[] Output) Carefully(RunSession session, NodeData node, DateTimeOffset now)
    {
        try
        {
            return Evaluate(session, node, now);
        }
        catch (Exception exception) when (exception is not StepException)
        {
            LogFailed(session.Run.Id, node.Id!, RunPoison.FaultOf(exception));
            throw new StepException("the step could not be carried out", inner: exception);
        }
    }

    private static (StepOutcome Outcome, byte[] Output) Evaluate(RunSession session, NodeData node, DateTimeOffset now)
    {
        switch (node.Node_type)
        {
            case NodeType.Static:
                return (StepOutcome.Plain, References.Copy(node.Payload));
            case NodeType.Condition:
                var (taken, names, message) = Condition.Decide(node.Payload, session.Graph, session, now);
                // An ending that says why is an error with these words.
                return taken.Ending == Ending.Failure && message is { Length: > 0 }
                    ? throw new StepException(message)
                    : (taken, names);
            case NodeType.Rules:
                return (StepOutcome.Plain, RuleSteps.Rule(
                    References.Parse(References.Fill(node.Payload, session)), now));
            case NodeType.Jsonlogic:
                return (StepOutcome.Plain, RuleSteps.Logic(References.Parse(References.Fill(node.Payload, session))));
            case NodeType.Error:
                throw ErrorOf(References.Parse(References.Fill(node.Payload, session)));
            // A node without a type reshapes data, which needs nothing.
            case NodeType.Map or null:
                return (StepOutcome.Plain, StepAnswer.Flatten(node, References.Fill(node.Payload, session)));
            default:
                throw new StepException($"this gateway cannot run {node.Node_type} nodes");
        }
    }

    private static StepException ErrorOf(JsonElement payload)
    {
        var message = payload.ValueKind == JsonValueKind.Object && payload.TryMember("message", out var text)
            ? References.TextOf(text)
            : "";
        var status = payload.ValueKind == JsonValueKind.Object
            && payload.TryMember("status_code", out var code)
            && code.ValueKind == JsonValueKind.Number
            && code.TryGetInt32(out var value) ? value : (int?)null;
        return new(message.Length == 0 ? "the workflow ended with an error" : message, status);
    }

    private static TimeSpan DelayOf(RunSession session, NodeData node)
    {
        var payload = References.Parse(References.Fill(node.Payload, session));
        return payload.ValueKind == JsonValueKind.Object && payload.TryMember("time_ms", out var value)
            && double.TryParse(
                References.TextOf(value),
                System.Globalization.NumberStyles.Float,
                System.Globalization.CultureInfo.InvariantCulture,
                out var ms)
            && ms >= 0 && ms <= LongestDelay.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(ms)
            : throw new StepException("time_ms must be a number of milliseconds of at most one year");
    }

    /// <summary>Records that a step has succeeded.</summary>
    internal static void Succeed(
        RunSession session,
        RunChange change,
        int place,
        StoredStep? step,
        StepOutcome outcome,
        byte[] output,
        DateTimeOffset now)
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
    internal void Fail(
        RunSession session, RunChange change, int place, StoredStep? step, StepException exception, DateTimeOffset now)
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
            change.After.Error =
                secrets.Seal(change.After.Place("error"), System.Text.Encoding.UTF8.GetBytes(exception.Message));
        }
    }

    [LoggerMessage(EventId = 1522, EventName = "InnerStepFailed", Level = LogLevel.Error,
        Message = "Step {Node} of run {Run} could not be carried out: {Fault}")]
    private partial void LogFailed(string run, string node, string fault);
}
