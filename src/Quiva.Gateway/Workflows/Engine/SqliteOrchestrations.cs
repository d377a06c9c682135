using System.Collections.Concurrent;
using DurableTask.Core;
using DurableTask.Core.History;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Workflows.Engine;

/// <summary>
/// The Durable Task Framework's storage on the gateway's own SQLite database: instances with their histories, and tasks, each handed out
/// under a lease. What this process has put in wakes it at once; what others have is seen within a second.
/// </summary>
internal sealed partial class SqliteOrchestrations(
    EngineStore store, TimeProvider time, TimeSpan lease, int concurrency, Func<string, Task> abandon, RunProbe probe, ILogger logger)
    : IOrchestrationService, IOrchestrationServiceClient, IDisposable
{
    // A turn or a task that has ended its process so often is not tried again.
    private const int MostAttempts = 5;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly string owner = Guid.NewGuid().ToString("n");
    private readonly SemaphoreSlim instances = new(0), tasks = new(0);
    private readonly ConcurrentDictionary<long, bool> working = new();

    public int TaskOrchestrationDispatcherCount => 1;

    public int MaxConcurrentTaskOrchestrationWorkItems => concurrency;

    public BehaviorOnContinueAsNew EventBehaviourForContinueAsNew => BehaviorOnContinueAsNew.Carryover;

    public int TaskActivityDispatcherCount => 1;

    public int MaxConcurrentTaskActivityWorkItems => concurrency;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private long Until => Now + (long)lease.TotalMilliseconds;

    public Task StartAsync() => Task.CompletedTask;

    public Task StopAsync() => StopAsync(isForced: false);

    // What this process has not finished goes on elsewhere, or here after a restart, without waiting for a lease.
    public Task StopAsync(bool isForced) => store.ReleaseOwnAsync(owner);

    public Task CreateAsync() => Task.CompletedTask;

    public Task CreateAsync(bool recreateInstanceStore) => Task.CompletedTask;

    public Task CreateIfNotExistsAsync() => Task.CompletedTask;

    public Task DeleteAsync() => Task.CompletedTask;

    public Task DeleteAsync(bool deleteInstanceStore) => Task.CompletedTask;

    public bool IsMaxMessageCountExceeded(int currentMessageCount, OrchestrationRuntimeState runtimeState) => false;

    public int GetDelayInSecondsAfterOnProcessException(Exception exception) => 1;

    public int GetDelayInSecondsAfterOnFetchException(Exception exception) => 1;

    public async Task<TaskOrchestrationWorkItem?> LockNextTaskOrchestrationWorkItemAsync(TimeSpan receiveTimeout, CancellationToken cancellationToken)
    {
        var locked = await NextAsync<LockedInstance>(
            instances,
            async () => await store.NextAsync(Now, cancellationToken) is not { } due ? (null, long.MaxValue)
                : due > Now ? (null, due - Now)
                : (await store.LockAsync(owner, Now, Until, cancellationToken), 0),
            receiveTimeout,
            cancellationToken);
        if (locked is null)
        {
            return null;
        }

        try
        {
            if (locked.Attempts <= MostAttempts)
            {
                return new Instance(locked)
                {
                    InstanceId = locked.Id,
                    LockedUntilUtc = time.GetUtcNow().UtcDateTime + lease,
                    NewMessages = locked.Messages.ConvertAll(message => EngineJson.ReadMessage(message.Body)),
                    OrchestrationRuntimeState = new(locked.History.ConvertAll(EngineJson.ReadEvent)),
                };
            }
        }
        catch (Exception exception) when (!Runs.RunPoison.Passes(exception))
        {
            LogUnreadable(locked.Id, exception);
        }

        await abandon(locked.Id);
        await store.DeleteAsync(locked.Id);
        return null;
    }

    public async Task RenewTaskOrchestrationWorkItemLockAsync(TaskOrchestrationWorkItem workItem)
    {
        if (await store.RenewAsync(((Instance)workItem).Locked, owner, Until))
        {
            workItem.LockedUntilUtc = time.GetUtcNow().UtcDateTime + lease;
        }
    }

    public async Task CompleteTaskOrchestrationWorkItemAsync(
        TaskOrchestrationWorkItem workItem, OrchestrationRuntimeState newOrchestrationRuntimeState, IList<TaskMessage> outboundMessages,
        IList<TaskMessage> orchestratorMessages, IList<TaskMessage> timerMessages, TaskMessage continuedAsNewMessage, OrchestrationState orchestrationState)
    {
        var isLast = newOrchestrationRuntimeState.OrchestrationStatus is not (OrchestrationStatus.Running or OrchestrationStatus.Pending or OrchestrationStatus.Suspended);
        var turn = new Turn(
            isLast,
            isLast ? [] : [.. newOrchestrationRuntimeState.NewEvents.Select(EngineJson.Write)],
            [.. outboundMessages.Select(EngineJson.Write)],
            [.. timerMessages.Select(message => (workItem.InstanceId, Milliseconds(((TimerFiredEvent)message.Event).FireAt), EngineJson.Write(message))),
             .. orchestratorMessages.Select(message => (message.OrchestrationInstance.InstanceId, Now, EngineJson.Write(message)))]);
        if (newOrchestrationRuntimeState.OrchestrationStatus == OrchestrationStatus.Failed)
        {
            // It ends by itself only when its history is not what it was: the run would wait for ever.
            await abandon(workItem.InstanceId);
        }

        probe.Reached(RunMoment.InTurn);
        if (await store.CompleteAsync(((Instance)workItem).Locked, owner, turn))
        {
            Wake(instances);
            for (var i = 0; i < turn.Tasks.Count; i++)
            {
                Wake(tasks);
            }
        }
        else
        {
            LogLost(workItem.InstanceId);
        }
    }

    public Task AbandonTaskOrchestrationWorkItemAsync(TaskOrchestrationWorkItem workItem) => store.RenewAsync(((Instance)workItem).Locked, owner, Now + 1000);

    public Task ReleaseTaskOrchestrationWorkItemAsync(TaskOrchestrationWorkItem workItem) => Task.CompletedTask;

    public Task CreateTaskOrchestrationAsync(TaskMessage creationMessage) => CreateTaskOrchestrationAsync(creationMessage, null);

    /// <summary>Makes an instance; one that is there stays as it is.</summary>
    public async Task CreateTaskOrchestrationAsync(TaskMessage creationMessage, OrchestrationStatus[]? dedupeStatuses)
    {
        var instance = creationMessage.OrchestrationInstance;
        await store.CreateAsync(instance.InstanceId, instance.ExecutionId, EngineJson.Write(creationMessage), Now);
        Wake(instances);
    }

    public Task SendTaskOrchestrationMessageAsync(TaskMessage message) => SendTaskOrchestrationMessageBatchAsync(message);

    public async Task SendTaskOrchestrationMessageBatchAsync(params TaskMessage[] messages)
    {
        await store.SendAsync([.. messages.Select(message => (message.OrchestrationInstance.InstanceId, Now, EngineJson.Write(message)))]);
        Wake(instances);
    }

    // Nothing asks the engine how a run stands: that is in the runs' own tables.
    public Task<OrchestrationState> WaitForOrchestrationAsync(string instanceId, string executionId, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ForceTerminateTaskOrchestrationAsync(string instanceId, string reason) => store.DeleteAsync(instanceId);

    public Task<IList<OrchestrationState>> GetOrchestrationStateAsync(string instanceId, bool allExecutions) => throw new NotSupportedException();

    public Task<OrchestrationState> GetOrchestrationStateAsync(string instanceId, string executionId) => throw new NotSupportedException();

    public Task<string> GetOrchestrationHistoryAsync(string instanceId, string executionId) => throw new NotSupportedException();

    public Task PurgeOrchestrationHistoryAsync(DateTime thresholdDateTimeUtc, OrchestrationStateTimeRangeFilterType timeRangeFilterType) => Task.CompletedTask;

    public void Dispose()
    {
        instances.Dispose();
        tasks.Dispose();
    }

    private async Task<T?> NextAsync<T>(SemaphoreSlim signal, Func<Task<(T? Found, long Wait)>> find, TimeSpan timeout, CancellationToken cancellationToken)
        where T : class
    {
        var started = time.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            var (found, wait) = await find();
            if (found is not null)
            {
                return found;
            }

            if (time.GetElapsedTime(started) >= timeout)
            {
                return null;
            }

            await signal.WaitAsync(TimeSpan.FromMilliseconds(Math.Clamp(wait, 1, Poll.TotalMilliseconds)), cancellationToken);
        }

        return null;
    }

    // Several that come while nobody waits are found by one look after another.
    private static void Wake(SemaphoreSlim signal)
    {
        if (signal.CurrentCount == 0)
        {
            signal.Release();
        }
    }

    private static long Milliseconds(DateTime moment) => new DateTimeOffset(DateTime.SpecifyKind(moment, DateTimeKind.Utc)).ToUnixTimeMilliseconds();

    private sealed class Instance(LockedInstance locked) : TaskOrchestrationWorkItem
    {
        public LockedInstance Locked { get; } = locked;
    }

    private sealed class Activity(LockedTask locked) : TaskActivityWorkItem
    {
        public LockedTask Locked { get; } = locked;
    }

    [LoggerMessage(EventId = 1511, EventName = "EngineRecordUnreadable", Level = LogLevel.Error,
        Message = "The engine can't read what it has stored of {Id}; the run ends as failed")]
    private partial void LogUnreadable(string id, Exception exception);

    [LoggerMessage(EventId = 1512, EventName = "EngineTurnLate", Level = LogLevel.Warning,
        Message = "A turn of {Id} came too late and was dropped")]
    private partial void LogLost(string id);
}
