using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Metrics and traces of runs. Never what went in or came out, nor whose it is.</summary>
public static class RunTelemetry
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "Quiva.Gateway.Runs";

    // Before the gauges that read it.
    private static volatile RunQueues queues = new(0, 0, TimeSpan.Zero);

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Runs = Meter.CreateCounter<long>("gateway.runs.ended", "{run}", "Runs that have ended, by outcome.");
    private static readonly Histogram<double> Steps = Meter.CreateHistogram<double>("gateway.steps.duration", "s", "How long steps take that call outside.");

    private static readonly ObservableGauge<long> UnderWay = Meter.CreateObservableGauge(
        "gateway.runs.running", () => queues.Running, "{run}", "Runs under way on all instances, as they were seen last.");

    private static readonly ObservableGauge<long> Queued = Meter.CreateObservableGauge(
        "gateway.runs.queued", () => queues.Queued, "{run}", "Runs that are queued, as they were seen last; also those for a later time.");

    private static readonly ObservableGauge<double> Age = Meter.CreateObservableGauge(
        "gateway.runs.queue.age", () => queues.Age.TotalSeconds, "s", "For how long the oldest queued run could have begun, as it was seen last.");

    /// <summary>Where spans of runs and steps come from.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Whether anybody reads how long the queues are: without that nobody need look.</summary>
    internal static bool AreQueuesRead => UnderWay.Enabled || Queued.Enabled || Age.Enabled;

    /// <summary>Has the gauges show what was seen.</summary>
    internal static void Saw(RunQueues seen) => queues = seen;

    internal static void Ended(StoredRun run, DateTimeOffset now)
    {
        Runs.Add(1, new KeyValuePair<string, object?>("outcome", run.Status));
        if (Source.HasListeners())
        {
            using var span = Source.StartActivity("run", ActivityKind.Internal, default(ActivityContext), startTime: run.Started_at ?? now);
            span?.SetTag("run.id", run.Id).SetTag("run.outcome", run.Status);
        }
    }

    /// <summary>The span of an attempt at a step that calls outside, around its calls; null when nobody listens.</summary>
    internal static Activity? StartStep(StoredRun run, string node, string type, int attempt) => Source.StartActivity("step")?
        .SetTag("run.id", run.Id).SetTag("step.node", node).SetTag("step.type", type).SetTag("step.attempt", attempt);

    internal static void StepEnded(Activity? span, string type, StepException? failure, TimeSpan duration)
    {
        var outcome = failure is null ? "succeeded" : "failed";
        Steps.Record(duration.TotalSeconds, new("type", type), new("outcome", outcome));
        // Not the message: it may quote what the step's own configuration says.
        span?.SetTag("step.outcome", outcome).SetStatus(failure is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
        if (failure?.StatusCode is { } status)
        {
            span?.SetTag("step.status_code", status);
        }
    }
}

/// <summary>How much runs wait and how much goes on.</summary>
/// <param name="Running">Runs under way.</param>
/// <param name="Queued">Runs that are queued.</param>
/// <param name="Age">For how long the oldest of those could have begun.</param>
internal sealed record RunQueues(long Running, long Queued, TimeSpan Age);
