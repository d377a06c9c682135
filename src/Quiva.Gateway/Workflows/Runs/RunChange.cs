using System.Text;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>What one transaction changes of a run.</summary>
internal sealed class RunChange(RunSession session)
{
    private readonly StoredRun before = session.Run;
    private readonly List<Record> records = [];

    /// <summary>The run as it shall be.</summary>
    public StoredRun After { get; } = session.Run.Clone();

    /// <summary>Runs that are started by it.</summary>
    internal List<(StoredRun Run, RunnableWorkflow Workflow)> Children { get; } = [];

    /// <summary>What else is written with it.</summary>
    public Func<Transaction, Task>? Also { get; set; }

    public bool IsEmpty =>
        records.Count == 0 && After.Status == before.Status && After.Due_at == before.Due_at && Also is null;

    public int Count => records.Count;

    /// <summary>Records a step.</summary>
    public void Add(StoredStep step, byte[]? input = null, byte[]? output = null, string? error = null)
    {
        var isNew = !session.Steps.ContainsKey(step.Node);
        session.Steps[step.Node] = step;
        records.Add(new(step, isNew, input, output, error));
        After.Size += output?.Length ?? 0;
    }

    /// <summary>Ends the run.</summary>
    public void End(
        string status, SecretProtector secrets, DateTimeOffset now, byte[]? result = null, string? error = null)
    {
        After.Status = status;
        After.Ended_at = now;
        After.Due_at = null;
        After.Idle_at = null;
        After.Result = result is null ? null : secrets.Seal(After.Place("result"), result);
        if (error is not null)
        {
            After.Error = secrets.Seal(After.Place("error"), error);
        }

        if (IsForgotten)
        {
            After.Input = null;
        }
    }

    // Retry and resume need the data of what has not succeeded.
    private bool IsForgotten => After is { Status: RunStatus.Succeeded, Enable_log: false };

    /// <summary>Seals what is kept: before the transaction, for which other writers wait.</summary>
    public void Seal(SecretProtector secrets)
    {
        After.Version = before.Version + 1;
        foreach (var (step, _, input, output, error) in records)
        {
            step.Input = Sealed(step, "input", After.Enable_log || step.Status == StepStatus.Paused ? input : null)
                ?? step.Input;
            step.Output = Sealed(step, "output", IsForgotten ? null : output);
            step.Error = Sealed(step, "error", error is null ? null : Encoding.UTF8.GetBytes(error));
        }

        byte[]? Sealed(StoredStep step, string column, byte[]? value) =>
            value is null ? null : secrets.Seal(StoredStep.Place(After, step.Node, column), value);
    }

    /// <summary>Writes it.</summary>
    /// <exception cref="RunChangedException">The run is not as it was read any more.</exception>
    public async Task SaveAsync(Transaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await RunStore.UpdateAsync(transaction, before, After, now, cancellationToken);
        foreach (var record in records)
        {
            await StepStore.SaveAsync(transaction, After, record.Step, record.IsNew, cancellationToken);
        }

        await (Also?.Invoke(transaction) ?? Task.CompletedTask);
        if (IsForgotten && (session.Steps.Count > records.Count || records.Any(record => !record.IsNew)))
        {
            await StepStore.ForgetDataAsync(transaction, After, cancellationToken);
        }
    }

    private readonly record struct Record(StoredStep Step, bool IsNew, byte[]? Input, byte[]? Output, string? Error);
}
