using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Shows runs as the contract has them.</summary>
public sealed class RunReader(RunStore runs, StepStore steps, RunSessions sessions, SecretProtector secrets)
{
    private const int DefaultRows = 100, MostFound = 1000;
    private const string TrackingPrefix = "ms.hub.run.";

    /// <summary>Runs of an account, newest first.</summary>
    /// <param name="account">The account.</param>
    /// <param name="subject">Only those of this version of a workflow; null means of all.</param>
    /// <param name="status">Only those in this state; null means in all.</param>
    /// <param name="window">Which part of the list.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<ListRunsResponse> ListAsync(string account, string? subject, string? status, Window window, CancellationToken cancellationToken)
    {
        var limit = window.Limit ?? DefaultRows;
        var rows = await runs.ListAsync(account, subject, status, window.After, limit + 1, cancellationToken);
        var results = rows.Take(limit).Select(Summary).ToList();
        return new() { Results = results, Next_cursor = rows.Count > limit ? Window.CursorOf(rows[limit - 1].Id) : null };
    }

    /// <summary>The newest runs in a state, and how many there are.</summary>
    internal async Task<FoundRunsResponse> FindAllAsync(string account, string? subject, string status, CancellationToken cancellationToken)
    {
        var rows = await runs.ListAsync(account, subject, status, null, MostFound, cancellationToken);
        return new() { Results = rows.ConvertAll(Summary), Results_total = await runs.CountAsync(account, subject, status, cancellationToken) };
    }

    /// <summary>A run with its steps.</summary>
    /// <param name="account">The account.</param>
    /// <param name="id">The run's id, or its whole trackingId.</param>
    /// <param name="mayReadData">Whether what went in and came out is shown.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="GatewayException">There is no such run.</exception>
    public async Task<WorkflowRunDetail> FindAsync(string account, string id, bool mayReadData, CancellationToken cancellationToken)
    {
        var run = await RequireAsync(account, id, cancellationToken);
        return await DetailAsync(run, mayReadData, () => steps.ListWholeAsync(run, cancellationToken), cancellationToken);
    }

    /// <summary>A run with its steps, without what went in and came out; and what runs.</summary>
    /// <param name="account">The account.</param>
    /// <param name="id">The run's id, or its whole trackingId.</param>
    /// <param name="mayReadData">Whether it is shown why a step failed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The graph is null when the run has ended and can't be read.</returns>
    /// <exception cref="GatewayException">There is no such run.</exception>
    internal async Task<(WorkflowRunDetail Run, RunGraph? Graph)> FindStatesAsync(
        string account, string id, bool mayReadData, CancellationToken cancellationToken)
    {
        var run = await RequireAsync(account, id, cancellationToken);
        (run.Input, run.Result) = (null, null);
        var detail = await DetailAsync(run, mayReadData, () => steps.ListStatesAsync(run, cancellationToken), cancellationToken);
        return (detail, detail.Steps.Count == 0 ? null : await sessions.GraphAsync(run, cancellationToken));
    }

    private async Task<WorkflowRunDetail> DetailAsync(StoredRun run, bool mayReadData, Func<Task<List<StoredStep>>> list, CancellationToken cancellationToken) =>
        new()
        {
            Run_id = run.Id,
            TrackingId = run.TrackingId,
            Subject = run.Subject,
            Status = run.Status,
            Parent_run_id = run.Parent_id,
            Created = run.Created_at,
            Started = run.Started_at,
            Ended = run.Ended_at,
            Trigger = mayReadData && Open(run.Place("input"), run.Input) is { } input ? Json(input).GetProperty("trigger") : default,
            Result = mayReadData ? ResultOf(run) : default,
            Error = mayReadData ? ErrorOf(run) : null,
            Node = run.Failed_node,
            Status_code = mayReadData ? run.Status_code : null,
            Steps = await StepsAsync(run, mayReadData, list, cancellationToken),
        };

    private async Task<List<RunStep>> StepsAsync(StoredRun run, bool mayReadData, Func<Task<List<StoredStep>>> list, CancellationToken cancellationToken)
    {
        try
        {
            var graph = await sessions.GraphAsync(run, cancellationToken);
            var records = (await list()).ToDictionary(step => step.Node, StringComparer.Ordinal);
            var state = new RunSession(run, graph, records.Values, default).State;
            return [.. graph.Nodes.Select((node, place) => StepOf(run, node, records.GetValueOrDefault(node.Id!), state, place, mayReadData))];
        }
        catch (Exception exception) when (run.IsEnded && !RunPoison.Passes(exception))
        {
            // What has ended a run need not be readable.
            return [];
        }
    }

    private byte[]? Open(SecretPlace place, byte[]? value)
    {
        try
        {
            return value is null ? null : secrets.OpenBytes(place, value);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    internal async Task<StoredRun> RequireAsync(string account, string id, CancellationToken cancellationToken) =>
        await runs.FindAsync(account, IdOf(id), cancellationToken) ?? throw RunStore.NotFound;

    /// <summary>The id in a trackingId.</summary>
    public static string IdOf(string text)
    {
        var rest = text.StartsWith(TrackingPrefix, StringComparison.Ordinal) ? text[TrackingPrefix.Length..] : text;
        return rest.Split('.')[0];
    }

    /// <summary>A run's result; undefined when it has none.</summary>
    internal JsonElement ResultOf(StoredRun run) => run.Result is null ? default : Json(secrets.OpenBytes(run.Place("result"), run.Result));

    /// <summary>Why a run has failed; null when it has not.</summary>
    internal string? ErrorOf(StoredRun run) => run.Status switch
    {
        RunStatus.Cancelled => "the run was cancelled",
        RunStatus.Failed when run.Error is not null => Encoding.UTF8.GetString(secrets.OpenBytes(run.Place("error"), run.Error)),
        RunStatus.Failed => "the workflow ended with an error",
        _ => null,
    };

    private static WorkflowRun Summary(StoredRun run) => new()
    {
        Run_id = run.Id,
        TrackingId = run.TrackingId,
        Subject = run.Subject,
        Status = run.Status,
        Parent_run_id = run.Parent_id,
        Node = run.Failed_node,
        Created = run.Created_at,
        Started = run.Started_at,
        Ended = run.Ended_at,
    };

    private RunStep StepOf(StoredRun run, NodeData node, StoredStep? step, RunState state, int place, bool mayReadData) => new()
    {
        Node = node.Id!,
        Node_type = node.Node_type,
        Name = node.Name,
        Status = step is null ? state.IsSettled(place) ? StepStatus.Succeeded : state.IsSkipped(place) || run.IsEnded ? StepStatus.Skipped : StepStatus.Pending
            : run.IsEnded && !step.IsSettled ? StepStatus.Cancelled
            : step.Status,
        Attempts = step?.Attempt ?? 0,
        Started = step?.Started_at,
        Ended = step?.Ended_at,
        Due = step is { IsSettled: false } && !run.IsEnded ? step.Due_at : null,
        Run_id = step?.Child_id,
        Input = mayReadData && step is not null && Open(StoredStep.Place(run, step.Node, "input"), step.Input) is { } input ? Json(input) : default,
        Output = mayReadData && step is not null && Open(StoredStep.Place(run, step.Node, "output"), step.Output) is { } output ? Json(output) : default,
        Error = mayReadData && step is not null && Open(StoredStep.Place(run, step.Node, "error"), step.Error) is { } error ? Encoding.UTF8.GetString(error) : null,
    };

    private static JsonElement Json(byte[] value) => References.Parse(value);
}
