using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Steps that start runs of other workflows: at once, and wait for them or not; or later.</summary>
public sealed partial class FlowSteps(
    RunConfigStore workflows, RunStore runs, RunReader reader, SecretProtector secrets)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Starts a run, or sees what has come of it.</summary>
    /// <returns>The step's answer; null while it waits.</returns>
    internal async Task<byte[]?> CarryOutAsync(
        RunSession session,
        RunChange change,
        NodeData node,
        StoredStep? step,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (step is { Child_id: not null })
        {
            return await AnswerAsync(session, change, node, step, now, cancellationToken);
        }

        // After a failure, until it is tried again.
        if (step?.Due_at > now)
        {
            return null;
        }

        var payload = References.Parse(References.Fill(node.Payload, session));
        if (node.Node_type == NodeType.Schedule)
        {
            var due = DueOf(payload, now);
            return Answer(await StartAsync(
                session,
                change,
                node,
                Text(payload, "flow_subject"),
                Member(payload, "trigger"),
                now,
                due,
                false,
                cancellationToken));
        }

        var child = await StartAsync(
            session, change, node, node.Subject, payload, now, null, node.Await == true, cancellationToken);
        if (node.Await != true)
        {
            return Answer(child);
        }

        change.Add(new()
        {
            Node = node.Id!,
            Status = StepStatus.Waiting,
            Attempt = (step?.Attempt ?? 0) + 1,
            Failures = step?.Failures ?? 0,
            Child_id = child.Id,
            Started_at = step?.Started_at ?? now,
            Due_at = node.Options?.Timeout is > 0 and var timeout ? now + TimeSpan.FromMilliseconds(timeout) : null,
        });
        return null;
    }

    private async Task<byte[]?> AnswerAsync(
        RunSession session,
        RunChange change,
        NodeData node,
        StoredStep step,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var child = await runs.FindAsync(session.Run.Account, step.Child_id!, cancellationToken)
            ?? throw new StepException("the run that it has started is gone");
        if (child.Status == RunStatus.Succeeded)
        {
            return reader.ResultOf(child) is { ValueKind: not JsonValueKind.Undefined } result
                ? References.Copy(result)
                : "null"u8.ToArray();
        }

        // A run that is too late goes on; nobody waits for it any more.
        var failure = child.IsEnded ? new StepException(
            "the run that it has started failed: " + reader.ErrorOf(child), child.Status_code)
            : step.Due_at <= now ? new StepException("the run that it has started did not end in time")
            : null;
        if (failure is null)
        {
            return null;
        }

        if (step.Failures + 1 >= (node.Options?.Attempts ?? 1))
        {
            throw failure;
        }

        change.Add(
            new()
            {
                Node = node.Id!,
                Status = StepStatus.Waiting,
                Attempt = step.Attempt,
                Failures = step.Failures + 1,
                Started_at = step.Started_at,
                Due_at = now + TimeSpan.FromMilliseconds(node.Options?.Backoff_ms ?? 0),
            },
            error: failure.Message);
        return null;
    }

    private async Task<StoredRun> StartAsync(
        RunSession session, RunChange change, NodeData node, string? subject, JsonElement trigger, DateTimeOffset now, DateTimeOffset? due, bool isAwaited, CancellationToken cancellationToken)
    {
        if (subject is null || !Subjects.IsWorkflow(subject))
        {
            throw new StepException("there is no such workflow");
        }

        RunnableWorkflow workflow;
        try
        {
            workflow = await workflows.FindAsync(session.Run.Account, subject, cancellationToken);
        }
        catch (GatewayException exception) when (exception.Error != GatewayError.Unavailable)
        {
            throw new StepException("the workflow can't be started: " + exception.Message, inner: exception);
        }

        var child = RunStarts.NewRun(
            session.Run.Account,
            subject,
            workflow.ConfigId,
            session.Run.Actor,
            now,
            due is null ? session.Run : null,
            node.Id,
            isAwaited);
        child.Due_at = due;
        child.Enable_log = session.Run.Enable_log;
        var text = trigger.ValueKind == JsonValueKind.Undefined ? "{}" : trigger.GetRawText();
        child.Input = secrets.Seal(child.Place("input"), $$"""{"headers":{},"trigger":{{text}}}""");
        change.Children.Add((child, workflow));
        return child;
    }

    private static byte[] Answer(StoredRun child) =>
        JsonSerializer.SerializeToUtf8Bytes(new { trackingId = child.TrackingId });

    private static DateTimeOffset DueOf(JsonElement payload, DateTimeOffset now)
    {
        if (Text(payload, "trigger_in") is { } text
            && Span().Match(text) is { Success: true } span
            && double.TryParse(span.Groups[1].Value, CultureInfo.InvariantCulture, out var count))
        {
            var unit = span.Groups[2].Value switch
            {
                "s" => TimeSpan.FromSeconds(1),
                "m" =>
                TimeSpan.FromMinutes(1),
                "h" => TimeSpan.FromHours(1),
                _ => TimeSpan.FromDays(1)
            };
            if (count * unit.TotalDays <= Longest.TotalDays)
            {
                return now + (unit * count);
            }
        }
        else if (DateTimeOffset.TryParse(
            Text(payload, "trigger_on"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var moment) && moment <= now + Longest)
        {
            return moment > now ? moment : now;
        }

        throw new StepException(
            "trigger_in must be a time such as 30s, 5m, 1h or 2d, or trigger_on a date, within a year");
    }

    private static JsonElement Member(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryMember(name, out var value) ? value : default;

    private static string? Text(JsonElement payload, string name) =>
        Member(payload, name) is { ValueKind: JsonValueKind.String } text ? References.StringOf(text) : null;

    [GeneratedRegex(@"^([0-9]{1,9})([smhd])\z", RegexOptions.NonBacktracking)]
    private static partial Regex Span();
}
