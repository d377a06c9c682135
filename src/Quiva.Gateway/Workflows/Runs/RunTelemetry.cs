using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Metrics and traces of runs. Never what went in or came out, nor whose it is.</summary>
public static class RunTelemetry
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "Quiva.Gateway.Runs";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Runs = Meter.CreateCounter<long>("gateway.runs.ended", "{run}", "Runs that have ended, by outcome.");
    private static readonly Histogram<double> Steps = Meter.CreateHistogram<double>("gateway.steps.duration", "s", "How long steps take that call outside.");

    /// <summary>Where spans of runs and steps come from.</summary>
    public static ActivitySource Source { get; } = new(Name);

    internal static void Ended(StoredRun run, DateTimeOffset now)
    {
        Runs.Add(1, new KeyValuePair<string, object?>("outcome", run.Status));
        if (Source.HasListeners())
        {
            using var span = Source.StartActivity("run", ActivityKind.Internal, default(ActivityContext), startTime: run.Started_at ?? now);
            span?.SetTag("run.id", run.Id).SetTag("run.outcome", run.Status);
        }
    }

    internal static void StepEnded(string type, string outcome, TimeSpan duration) =>
        Steps.Record(duration.TotalSeconds, new("type", type), new("outcome", outcome));
}
