using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// The runs that this instance works on, kept between steps so that they are not read again each time. A copy that has grown old, as another
/// instance has changed the run, changes nothing: every change is refused unless it was made from the latest version. But that nothing is to be
/// done may only be said of a run as it is: see <see cref="IsCurrentAsync"/>.
/// </summary>
public sealed class RunSessions(RunStore runs, StepStore steps, SecretProtector secrets, IOptions<JsonOptions> json)
{
    private const int MostEntries = 1000, MostGraphs = 500;
    private const long MostBytes = 64 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RunGraph> graphs = new(StringComparer.Ordinal);
    private long bytes;

    /// <summary>Waits for one's turn with a run, and reads it if need be.</summary>
    /// <returns>Null when there is no such run.</returns>
    internal async Task<Lease?> EnterAsync(string account, string id, CancellationToken cancellationToken)
    {
        var entry = entries.GetOrAdd(account + "/" + id, _ => new());
        await entry.Gate.WaitAsync(cancellationToken);
        var isFresh = entry.Session is null;
        try
        {
            entry.Session ??= await LoadAsync(account, id, cancellationToken);
        }
        catch
        {
            entry.Gate.Release();
            throw;
        }

        if (entry.Session is null)
        {
            entries.TryRemove(account + "/" + id, out _);
            entry.Gate.Release();
            return null;
        }

        return new(this, account + "/" + id, entry, isFresh);
    }

    /// <summary>Whether a run in memory is the run as it is stored.</summary>
    internal async Task<bool> IsCurrentAsync(Lease lease, CancellationToken cancellationToken) =>
        lease.IsFresh || await runs.FindVersionAsync(lease.Session.Run, cancellationToken) == lease.Session.Run.Version;

    private async Task<RunSession?> LoadAsync(string account, string id, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(account, id, cancellationToken) is not { } run)
        {
            return null;
        }

        var input = run.Input is null ? default : References.Parse(secrets.OpenBytes(run.Place("input"), run.Input));
        return new(run, await GraphAsync(run, cancellationToken), await steps.ListAsync(run, cancellationToken), input);
    }

    /// <summary>Puts in a run that has just been admitted, so that it need not be read.</summary>
    internal void Add(StoredRun run, RunGraph graph, byte[] input) =>
        entries.TryAdd(run.Account + "/" + run.Id, new() { Session = new(run, graph, [], References.Parse(input)) });

    /// <summary>The graph of the configuration that a run is pinned to.</summary>
    internal async Task<RunGraph> GraphAsync(StoredRun run, CancellationToken cancellationToken)
    {
        var key = run.Account + "/" + run.Config_id;
        if (graphs.TryGetValue(key, out var graph))
        {
            return graph;
        }

        var config = await runs.FindConfigAsync(run.Account, run.Config_id, cancellationToken) ?? throw new InvalidOperationException("A run's configuration is gone.");
        return Add(key, RunGraph.Of(JsonSerializer.Deserialize<WorkflowConfig>(config, json.Value.JsonSerializerOptions)!));
    }

    /// <summary>The graph of a configuration.</summary>
    internal RunGraph GraphOf(string account, string configId, WorkflowConfig config) =>
        graphs.TryGetValue(account + "/" + configId, out var graph) ? graph : Add(account + "/" + configId, RunGraph.Of(config));

    private RunGraph Add(string key, RunGraph graph)
    {
        if (graphs.Count >= MostGraphs)
        {
            graphs.Clear();
        }

        return graphs.GetOrAdd(key, graph);
    }

    /// <summary>Reads values of steps that a session does not have yet.</summary>
    internal async Task LoadAsync(RunSession session, IEnumerable<string> roots, CancellationToken cancellationToken)
    {
        var missing = session.Missing(roots);
        foreach (var step in missing.Count == 0 ? [] : await steps.ListOutputsAsync(session.Run, missing, cancellationToken))
        {
            if (step.Output is not null)
            {
                session.Keep(step.Node, secrets.OpenBytes(StoredStep.Place(session.Run, step.Node, "output"), step.Output));
            }
        }
    }

    private void Leave(string key, Entry entry)
    {
        var isDone = entry.Session is null or { Run.IsEnded: true } || !entries.TryGetValue(key, out var current) || current != entry;
        var held = isDone ? 0 : entry.Session!.Bytes;
        var total = Interlocked.Add(ref bytes, held - entry.Held);
        entry.Held = held;
        if (isDone || total > MostBytes || entries.Count > MostEntries)
        {
            Interlocked.Add(ref bytes, -held);
            entry.Held = 0;
            entry.Session = null;
            entries.TryRemove(new(key, entry));
        }

        entry.Gate.Release();
    }

    internal sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public RunSession? Session { get; set; }

        public long Held { get; set; }
    }

    /// <summary>One's turn with a run. Let go of without <see cref="Keep"/>, what was changed in it is read again.</summary>
    internal sealed class Lease(RunSessions owner, string key, Entry entry, bool isFresh) : IDisposable
    {
        private bool isKept;

        /// <summary>Whether it was read just now.</summary>
        public bool IsFresh { get; } = isFresh;

        public RunSession Session => entry.Session!;

        public void Keep() => isKept = true;

        public void Dispose()
        {
            entry.Session = isKept ? entry.Session : null;
            owner.Leave(key, entry);
        }
    }
}
