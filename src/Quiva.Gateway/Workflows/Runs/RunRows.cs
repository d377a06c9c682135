using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>A row of <c>runs</c>. What callers and steps have put in is sealed, bound to account and run.</summary>
internal sealed class StoredRun
{
    public const string Columns = """
        account, id, subject, config_id, parent_id, parent_node, depth, status, run_key, due_at, kick_at, idle_at, deadline_at, actor, enable_log,
        input, result, error, failed_node, status_code, size, generation, version, created_at, started_at, ended_at
        """;

    public string Account { get; set; } = "";

    public string Id { get; set; } = "";

    public string Subject { get; set; } = "";

    public string Config_id { get; set; } = "";

    public string? Parent_id { get; set; }

    public string? Parent_node { get; set; }

    public int Depth { get; set; }

    public string Status { get; set; } = RunStatus.Queued;

    public string? Run_key { get; set; }

    /// <summary>When a queued run may begin, or a waiting one goes on.</summary>
    public DateTimeOffset? Due_at { get; set; }

    /// <summary>When the engine has to be told of this run, unless it is by then.</summary>
    public DateTimeOffset? Kick_at { get; set; }

    /// <summary>Since when the run waits; its deadline moves on by the time that it has waited.</summary>
    public DateTimeOffset? Idle_at { get; set; }

    public DateTimeOffset Deadline_at { get; set; }

    public string Actor { get; set; } = "";

    public bool Enable_log { get; set; }

    public byte[]? Input { get; set; }

    public byte[]? Result { get; set; }

    public byte[]? Error { get; set; }

    public string? Failed_node { get; set; }

    public int? Status_code { get; set; }

    /// <summary>Bytes that its steps have put out.</summary>
    public long Size { get; set; }

    /// <summary>How often it was tried again.</summary>
    public int Generation { get; set; }

    /// <summary>Rises with every change: who has seen an older one changes nothing.</summary>
    public long Version { get; set; }

    public DateTimeOffset Created_at { get; set; }

    public DateTimeOffset? Started_at { get; set; }

    public DateTimeOffset? Ended_at { get; set; }

    /// <summary>The contract's <c>trackingId</c>.</summary>
    public string TrackingId => $"ms.hub.run.{Id}.{Subject}";

    public bool IsEnded => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled;

    /// <summary>Whether it counts as under way.</summary>
    public bool IsRunning => Status == RunStatus.Running;

    /// <summary>Seals what the run is started with anew, for the run's present id.</summary>
    public Func<StoredRun, byte[]>? Reseal { get; set; }

    public SecretPlace Place(string column) => new("runs", column, $"{Account}/{Id}");

    public StoredRun Clone() => (StoredRun)MemberwiseClone();

    public override string ToString() => Id;
}

/// <summary>
/// A row of <c>run_steps</c>: the one record of a step. Data is sealed, bound to account, run and node.
/// </summary>
internal sealed class StoredStep
{
    public const string Columns = "node, status, attempt, failures, taken, child_id, due_at, started_at, ended_at";

    public string Node { get; set; } = "";

    /// <summary>One of <see cref="StepStatus"/>, but for pending and skipped, which have no row.</summary>
    public string Status { get; set; } = StepStatus.Running;

    /// <summary>How often it was started.</summary>
    public int Attempt { get; set; }

    /// <summary>How many of its attempts are known to have failed.</summary>
    public int Failures { get; set; }

    /// <summary>Of a condition: what it has taken, as a JSON list.</summary>
    public string? Taken { get; set; }

    public string? Child_id { get; set; }

    public DateTimeOffset? Due_at { get; set; }

    public byte[]? Input { get; set; }

    public byte[]? Output { get; set; }

    public byte[]? Error { get; set; }

    public DateTimeOffset Started_at { get; set; }

    public DateTimeOffset? Ended_at { get; set; }

    public bool IsSettled => Status is StepStatus.Succeeded or StepStatus.Failed;

    public StepOutcome Outcome =>
        Status == StepStatus.Failed ? new(Ending.Failure)
        : Taken is null ? StepOutcome.Plain
        : JsonSerializer.Deserialize<string[]>(Taken)! is var names
            && names.Contains(Condition.ResolveError) ? new(Ending.Failure, names)
        : names.Contains(Condition.ResolveSuccess) ? new(Ending.Success, names)
        : new(Ending.None, names);

    public static SecretPlace Place(StoredRun run, string node, string column) =>
        new("run_steps", column, $"{run.Account}/{run.Id}/{node}");
}
