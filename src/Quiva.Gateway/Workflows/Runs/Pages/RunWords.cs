using System.Globalization;
using System.Text;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs.Pages;

/// <summary>How states, times and names of runs and steps are written for people.</summary>
internal static class RunWords
{
    /// <summary>The name of a step; its id where it has none.</summary>
    public static string NameOf(RunStep step) => string.IsNullOrWhiteSpace(step.Name) ? step.Node : step.Name;

    /// <summary>A text of at most so many characters, as readers count them.</summary>
    public static string Shorten(string text, int most)
    {
        var parts = new StringInfo(text);
        return parts.LengthInTextElements <= most ? text : parts.SubstringByTextElements(0, most - 1) + "…";
    }

    /// <summary>State, time and attempts of a step in a few words, which need no encoding.</summary>
    public static string StateOf(RunStep step, DateTimeOffset now)
    {
        var words = new StringBuilder(step.Status == StepStatus.Paused ? "waits for an answer" : step.Status);
        if (step.Status == StepStatus.Waiting && step.Due is { } due)
        {
            words.Append(" until ").Append(Time(due));
        }
        else if (TookOf(step, now) is { } took && step.Status != StepStatus.Paused)
        {
            words.Append(", ").Append(took);
        }

        return step.Attempts > 1 ? words.Append(CultureInfo.InvariantCulture, $", {step.Attempts} attempts").ToString() : words.ToString();
    }

    /// <summary>How long a step took, or takes already; null when it has not begun.</summary>
    public static string? TookOf(RunStep step, DateTimeOffset now) =>
        step.Started is not { } started ? null
        : step.Ended is { } ended ? Span(ended - started)
        : step.Status is StepStatus.Running ? Span(now - started)
        : null;

    /// <summary>A sign for a state: colours alone are not seen by everybody.</summary>
    public static string MarkOf(string status) => status switch
    {
        StepStatus.Succeeded => "✓",
        StepStatus.Failed => "✕",
        StepStatus.Running => "▶",
        StepStatus.Waiting or RunStatus.Queued => "◷",
        StepStatus.Paused => "?",
        StepStatus.Cancelled => "■",
        StepStatus.Skipped => "–",
        _ => "·",
    };

    /// <summary>A moment, UTC.</summary>
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset moment) => moment.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A length of time.</summary>
    public static string Span(TimeSpan span)
    {
        FormattableString text = span switch
        {
            { Ticks: <= 0 } => $"0 ms",
            { TotalSeconds: < 1 } => $"{Math.Ceiling(span.TotalMilliseconds):0} ms",
            { TotalMinutes: < 1 } => $"{span.TotalSeconds:0.0} s",
            { TotalHours: < 1 } => $"{(int)span.TotalMinutes} min {span.Seconds} s",
            { TotalDays: < 1 } => $"{(int)span.TotalHours} h {span.Minutes} min",
            _ => $"{(int)span.TotalDays} d {span.Hours} h",
        };
        return text.ToString(CultureInfo.InvariantCulture);
    }
}
