using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>What a caller wants to have run.</summary>
/// <param name="Account">The account.</param>
/// <param name="Actor">Who asks.</param>
/// <param name="Subject">The version of the workflow.</param>
/// <param name="Inputs">Trigger and headers of each run, as JSON.</param>
/// <param name="Await">Whether the caller waits.</param>
/// <param name="EnableLog">Whether what goes in and comes out is kept.</param>
/// <param name="RequestKey">The caller's own key for this, or null.</param>
/// <param name="BodyHash">What the caller has sent, for that key.</param>
/// <param name="Key">What runs are put in order by, or held back together; null for neither.</param>
/// <param name="Burst">How they are held back; null when they are not.</param>
internal sealed record RunRequest(
    string Account, string Actor, string Subject, IReadOnlyList<byte[]> Inputs, bool Await, bool EnableLog, string? RequestKey = null, string? BodyHash = null,
    string? Key = null, Burst? Burst = null);

/// <summary>How runs of one key are held back.</summary>
/// <param name="Quiet">Until so long after the last one.</param>
/// <param name="Most">But no longer than this after the first one; null means as long as it takes.</param>
internal sealed record Burst(TimeSpan Quiet, TimeSpan? Most);

/// <summary>Starts runs: once it has, they happen.</summary>
public sealed class RunStarts(
    Database database, RunSessions sessions, SecretProtector secrets, RunProbe probe, IOptions<RunOptions> options, TimeProvider time)
{
    /// <summary>How long an instance may take over telling the engine of a run before another one does.</summary>
    internal static readonly TimeSpan KickAfter = TimeSpan.FromSeconds(30);

    private const int Deepest = 10;

    /// <summary>How long a run may be under way; waiting and paused time does not count.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private readonly Channel<StoredRun?> signals = Channel.CreateUnbounded<StoredRun?>();

    /// <summary>Runs to be begun here, and null for a look at what is due.</summary>
    internal ChannelReader<StoredRun?> Signals => signals.Reader;

    /// <summary>Starts runs of a workflow, all or none of them.</summary>
    /// <returns>The runs; and false when an earlier request with the same key has started them.</returns>
    /// <exception cref="GatewayException">A quota is used up, or the key was used for something else.</exception>
    internal async Task<(List<StoredRun> Runs, bool AreNew)> StartAsync(RunRequest request, RunnableWorkflow workflow, CancellationToken cancellationToken)
    {
        var asked = request.Inputs.Select(input =>
        {
            var run = NewRun(request.Account, request.Subject, workflow.ConfigId, request.Actor, time.GetUtcNow());
            run.Enable_log = request.EnableLog;
            run.Run_key = request.Key;
            run.Due_at = request.Burst is { } held ? run.Created_at + held.Quiet : null;
            run.Input = secrets.Seal(run.Place("input"), input);
            run.Reseal = held => secrets.Seal(held.Place("input"), input);
            return run;
        }).ToList();
        var (runs, areNew) = await database.InTransactionAsync(
            async transaction =>
            {
                var now = time.GetUtcNow();
                var account = await RunAccountStore.LockAsync(transaction, request.Account, now, cancellationToken);
                if (request.Burst is { } burst && await RunKeyStore.ProlongAsync(transaction, asked[0], burst, now, cancellationToken) is { } held)
                {
                    return ([held], false);
                }

                if (request.RequestKey is { } key && await RunKeyStore.FindAsync(transaction, request, key, cancellationToken) is { } earlier)
                {
                    return (earlier, false);
                }

                await RunConfigStore.EnsureAsync(transaction, request.Account, workflow, cancellationToken);
                // The transaction may run again, and admits them anew then.
                var admitted = asked.ConvertAll(run => run.Clone());
                foreach (var run in admitted)
                {
                    account.Admit(run, request.Await, options.Value, now);
                    await RunAdmissionStore.InsertAsync(transaction, run, cancellationToken);
                    await (request.Burst is null ? Task.CompletedTask : RunKeyStore.AddBurstAsync(transaction, run, now, cancellationToken));
                    await transaction.AppendAsync(new(run.Account, run.TrackingId, "started", run.Actor, now, []), cancellationToken);
                }

                await RunAccountStore.SaveAsync(transaction, account, cancellationToken);
                if (request.RequestKey is { } newKey)
                {
                    await RunKeyStore.AddAsync(transaction, request, newKey, admitted, now, cancellationToken);
                }

                return (admitted, true);
            },
            cancellationToken);
        if (areNew)
        {
            probe.Reached(RunMoment.Admitted);
            for (var i = 0; i < runs.Count; i++)
            {
                if (runs[i].IsRunning)
                {
                    sessions.Add(runs[i], workflow.Graph, request.Inputs[i]);
                }
            }
        }

        return (runs, areNew);
    }

    /// <summary>Starts a run from a step of another one, in that one's transaction.</summary>
    internal async Task StartChildAsync(Transaction transaction, StoredRun child, RunnableWorkflow workflow, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var account = await RunAccountStore.LockAsync(transaction, child.Account, now, cancellationToken);
        await RunConfigStore.EnsureAsync(transaction, child.Account, workflow, cancellationToken);
        account.Admit(child, isAwaited: false, options.Value, now, isScheduled: true);
        await RunAdmissionStore.InsertAsync(transaction, child, cancellationToken);
        await transaction.AppendAsync(new(child.Account, child.TrackingId, "started", child.Actor, now, []), cancellationToken);
        await RunAccountStore.SaveAsync(transaction, account, cancellationToken);
    }

    /// <summary>A run that is not admitted yet.</summary>
    /// <exception cref="StepException">Runs that start runs are nested too deeply.</exception>
    internal static StoredRun NewRun(
        string account, string subject, string configId, string actor, DateTimeOffset now, StoredRun? parent = null, string? node = null, bool isAwaited = false) => new()
        {
            Account = account,
            Id = Guid.CreateVersion7(now).ToString(),
            Subject = subject,
            Config_id = configId,
            Actor = actor,
            // Of a run that nobody waits for nobody need hear.
            Parent_id = isAwaited ? parent?.Id : null,
            Parent_node = isAwaited ? node : null,
            Depth = parent is null ? 0 : parent.Depth < Deepest ? parent.Depth + 1 : throw new StepException("runs that start runs are nested more than 10 deep"),
            Created_at = now,
            Deadline_at = now + Longest,
            Version = 1,
        };

    /// <summary>Has a run begun here soon.</summary>
    internal void Begin(StoredRun run) => signals.Writer.TryWrite(run);

    /// <summary>Has what is due looked for.</summary>
    internal void Look() => signals.Writer.TryWrite(null);

    /// <summary>After a change: what may begin now is looked for.</summary>
    internal void Signal(StoredRun run, IReadOnlyCollection<(StoredRun Run, RunnableWorkflow Workflow)> children)
    {
        foreach (var (child, _) in children)
        {
            signals.Writer.TryWrite(child);
        }

        if (run is { IsEnded: true, Parent_id: not null } or { IsEnded: true, Run_key: not null } || HasQueue && !run.IsRunning)
        {
            signals.Writer.TryWrite(null);
        }
    }

    /// <summary>Whether runs were seen that wait for others to end.</summary>
    internal bool HasQueue { get; set; }
}
