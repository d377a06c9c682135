using Quiva.Gateway.Eval;
using Quiva.Gateway.Workflows.Engine;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>What runs need.</summary>
internal static class RunServices
{
    /// <summary>Adds it.</summary>
    /// <param name="services">The services.</param>
    public static void AddRuns(this IServiceCollection services)
    {
        services.AddSettings<RunOptions>("Runs");
        services.AddSettings<EvalOptions>("Runs:Eval");
        services.AddSettings<FunctionOptions>("Runs:Functions");
        services.AddSingleton<EvalPool>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<StepStore>();
        services.AddSingleton<RunAccountStore>();
        services.AddSingleton<RunAdmissionStore>();
        services.AddSingleton<RunConfigStore>();
        services.AddSingleton<RunSessions>();
        services.AddSingleton<RunStarts>();
        services.AddSingleton<RunWaiters>();
        services.AddSingleton<FlowSteps>();
        services.AddSingleton<InnerSteps>();
        services.AddSingleton<HttpStep>();
        services.AddSingleton<RunAdvance>();
        services.AddSingleton<RunPoison>();
        services.AddSingleton<RunPoisonStore>();
        services.AddSingleton<OuterSteps>();
        services.AddSingleton<RunReader>();
        services.AddSingleton<RunPruneStore>();
        services.AddSingleton<RunResealStore>();
        services.AddSingleton<RunProbe>();
        services.AddSingleton<EngineStore>();
        services.AddSingleton<EngineHubStore>();
        services.AddSingleton<EngineLock>();
        services.AddSingleton<RunEngine>();
        services.AddSingleton<RunStarter>();
        services.AddSingleton<RunCalls>();
        services.AddSingleton<RunControl>();
    }
}
