using DurableTask.Core;

namespace Quiva.Gateway.Workflows.Engine;

/// <content>Tasks: what instances have carried out.</content>
internal sealed partial class SqliteOrchestrations
{
    public async Task<TaskActivityWorkItem?> LockNextTaskActivityWorkItem(TimeSpan receiveTimeout, CancellationToken cancellationToken)
    {
        var locked = await NextAsync<LockedTask>(
            tasks, async () => (await store.LockTaskAsync(owner, Now, Until, working.ContainsKey, cancellationToken), long.MaxValue), receiveTimeout, cancellationToken);
        if (locked is null)
        {
            return null;
        }

        try
        {
            if (locked.Attempts <= MostAttempts)
            {
                var activity = new Activity(locked)
                {
                    Id = locked.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    LockedUntilUtc = time.GetUtcNow().UtcDateTime + lease,
                    TaskMessage = EngineJson.ReadMessage(locked.Body),
                };
                working[locked.Sequence] = true;
                return activity;
            }
        }
        catch (Exception exception) when (!Runs.RunPoison.Passes(exception))
        {
            LogUnreadable(locked.Instance_id, exception);
        }

        await abandon(locked.Instance_id);
        await store.DeleteAsync(locked.Instance_id);
        return null;
    }

    public async Task<TaskActivityWorkItem> RenewTaskActivityWorkItemLockAsync(TaskActivityWorkItem workItem)
    {
        if (await store.RenewTaskAsync(((Activity)workItem).Locked, owner, Until))
        {
            workItem.LockedUntilUtc = time.GetUtcNow().UtcDateTime + lease;
        }

        return workItem;
    }

    public async Task CompleteTaskActivityWorkItemAsync(TaskActivityWorkItem workItem, TaskMessage responseMessage)
    {
        var locked = ((Activity)workItem).Locked;
        try
        {
            if (await store.CompleteTaskAsync(locked, owner, (responseMessage.OrchestrationInstance.InstanceId, Now, EngineJson.Write(responseMessage))))
            {
                Wake(instances);
            }
        }
        finally
        {
            working.TryRemove(locked.Sequence, out _);
        }
    }

    public async Task AbandonTaskActivityWorkItemAsync(TaskActivityWorkItem workItem)
    {
        var locked = ((Activity)workItem).Locked;
        try
        {
            await store.RenewTaskAsync(locked, owner, Now + 1000);
        }
        finally
        {
            working.TryRemove(locked.Sequence, out _);
        }
    }
}
