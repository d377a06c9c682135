using DurableTask.Core;
using DurableTask.Core.Exceptions;
using DurableTask.SqlServer;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Workflows.Engine;

/// <summary>The Durable Task Framework in this process: its worker, and the way to tell it of runs.</summary>
public sealed partial class RunEngine(
    EngineStore store, EngineHubStore hub, RunStore runs, RunAdvance advance, OuterSteps outer, RunPoison poison, EngineLock alone, RunProbe probe,
    IOptions<DatabaseOptions> database, IOptions<RunOptions> options, TimeProvider time, ILoggerFactory loggers, ILogger<RunEngine> logger) : IAsyncDisposable
{
    private TaskHubWorker? worker;
    private TaskHubClient? client;
    private SqlOrchestrationService? purge;

    /// <summary>Whether the engine works.</summary>
    public bool IsRunning => client is not null;

    /// <summary>Starts to work on runs.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var lease = TimeSpan.FromSeconds(options.Value.LeaseSeconds);
        var (service, tells) = database.Value.Provider == DatabaseProvider.Sqlite
            ? Both(new SqliteOrchestrations(store, time, lease, options.Value.Concurrency, AbandonAsync, probe, loggers.CreateLogger<SqliteOrchestrations>()))
            : Both(hub.Create());
        if (alone.IsAlone)
        {
            // What a process that has died was working on need not wait for its leases to run out.
            await store.ReleaseAllAsync(cancellationToken);
        }

        worker = new TaskHubWorker(service, loggers);
        worker.AddTaskOrchestrations(new Creator<TaskOrchestration>(RunFlow.Name, () => new RunFlow()));
        worker.AddTaskActivities(
            new Creator<TaskActivity>(RunFlow.AdvanceName, () => new RunActivity<RunStart>(run => poison.GuardAsync(run.Account, run.Run, () => advance.AdvanceAsync(run.Account, run.Run, run.Generation, default)))),
            new Creator<TaskActivity>(RunFlow.StepName, () => new RunActivity<StepCall>(call => poison.GuardAsync(call.Account, call.Run, () => outer.CarryOutAsync(call, default)))));
        await worker.StartAsync();
        client = new TaskHubClient(tells, null, loggers);
        purge = service as SqlOrchestrationService;
    }

    /// <summary>Tells the engine of a run: it works on it from now on, and looks at it if it does already.</summary>
    /// <param name="run">The run.</param>
    /// <param name="first">How it stands; null when that is not known.</param>
    /// <returns>False when the engine does not work: whoever does has to be told later.</returns>
    internal async Task<bool> TellAsync(StoredRun run, Progress? first)
    {
        if (client is not { } teller)
        {
            return false;
        }

        var id = $"{run.Id}/{run.Generation}";
        var start = new RunStart { Account = run.Account, Run = run.Id, Generation = run.Generation, First = first };
        try
        {
            await teller.CreateOrchestrationInstanceAsync(RunFlow.Name, "", id, start, null, Enum.GetValues<OrchestrationStatus>());
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // It has been told of this run before.
        }

        probe.Reached(RunMoment.Created);

        if (first is null)
        {
            await teller.RaiseEventAsync(new OrchestrationInstance { InstanceId = id }, RunFlow.WakeName, "");
        }

        return true;
    }

    /// <summary>Forgets what the engine has kept of runs that have ended; the embedded one keeps nothing.</summary>
    internal Task PurgeAsync() => purge?.PurgeOrchestrationHistoryAsync(
        time.GetUtcNow().UtcDateTime.AddMinutes(-1), OrchestrationStateTimeRangeFilterType.OrchestrationCompletedTimeFilter) ?? Task.CompletedTask;

    private static (IOrchestrationService Service, IOrchestrationServiceClient Client) Both<T>(T service)
        where T : IOrchestrationService, IOrchestrationServiceClient => (service, service);

    // What has ended its process again and again is not tried for ever.
    private async Task AbandonAsync(string instance)
    {
        LogAbandoned(instance);
        var id = instance.Split('/')[0];
        if (await runs.FindAccountAsync(id, default) is { } account)
        {
            await poison.GuardAsync(account, id, async () =>
            {
                await (await runs.FindAsync(account, id, default) is { } run ? advance.GiveUpAsync(run, default) : Task.CompletedTask);
                return new();
            });
        }
    }

    /// <summary>Lets what is under way come to its end for a while, 8 seconds by the framework, and stops.</summary>
    public async Task StopAsync()
    {
        client = null;
        if (worker is { } running)
        {
            worker = null;
            await running.StopAsync(isForced: false).WaitAsync(TimeSpan.FromSeconds(25)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            running.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    [LoggerMessage(EventId = 1513, EventName = "EngineInstanceAbandoned", Level = LogLevel.Error,
        Message = "{Instance} could not be processed; its run ends as failed")]
    private partial void LogAbandoned(string instance);

    private sealed class Creator<T> : ObjectCreator<T>
    {
        private readonly Func<T> create;

        public Creator(string name, Func<T> create)
        {
            this.create = create;
            Name = name;
            Version = "";
        }

        public override T Create() => create();
    }
}
