using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows.Runs.Pages;

/// <summary>The page that shows a run: how it stands, a picture of its steps, and a table of them. It has no script, and loads itself again while the run goes on.</summary>
internal static class RunPage
{
    private const int Refresh = 5;

    /// <summary>The CSS of all pages on runs.</summary>
    public const string Style = """

        :root { color-scheme: light dark; --line: light-dark(#767676, #9a9a9a); --box: light-dark(#fff, #1c1c1c); }
        body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem 1.5rem 3rem; max-width: 90rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
        dt { color: light-dark(#595959, #b0b0b0); } dd { margin: 0; overflow-wrap: anywhere; }
        .picture { overflow: auto; max-height: 75vh; border: 1px solid var(--line); border-radius: .4rem; }
        #fit:checked ~ .picture svg { width: 100%; height: auto; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; } caption { text-align: start; font-weight: 600; }
        th, td { text-align: start; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid light-dark(#d0d0d0, #444); overflow-wrap: anywhere; }
        thead th, td.word { white-space: nowrap; }
        tr:target, tr:focus { background: light-dark(#fff3cd, #4a3f10); }
        .error { color: light-dark(#a40000, #ff9c9c); font-weight: 600; overflow-wrap: anywhere; }
        form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; } label { display: grid; gap: .25rem; } label.line { display: inline; }
        input, button { font: inherit; padding: .4rem .6rem; } input:not([type=checkbox]) { width: 24rem; max-width: 100%; box-sizing: border-box; }
        a:focus-visible, button:focus-visible, input:focus-visible, .picture:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
        svg { display: block; font: 13px system-ui, sans-serif; } svg text { fill: CanvasText; unicode-bidi: isolate; } svg .name { font-weight: 600; } svg .state { font-size: 12px; }
        svg marker path { fill: var(--line); } .edge { fill: none; stroke: var(--line); stroke-dasharray: 4 4; marker-end: url(#arrow); } .edge.taken { stroke-dasharray: none; stroke-width: 1.5; }
        .step rect { fill: var(--box); stroke: var(--line); stroke-width: 1.5; } .step:focus-visible rect { stroke: Highlight; stroke-width: 4; }
        .succeeded rect { fill: light-dark(#e3f5e6, #14361b); stroke: #2e7d32; } .failed rect { fill: light-dark(#fde7e7, #451717); stroke: #c62828; stroke-width: 3; }
        .running rect { fill: light-dark(#e2eefc, #12304f); stroke: #1565c0; stroke-width: 3; } .waiting rect, .paused rect { fill: light-dark(#fff3d6, #453409); stroke: #b26a00; stroke-width: 3; }
        .skipped rect, .pending rect, .cancelled rect { stroke-dasharray: 5 4; } .skipped text, .pending text { fill: light-dark(#595959, #b0b0b0); }

        """;

    /// <summary>Shows a run.</summary>
    /// <param name="context">The request.</param>
    /// <param name="run">The run.</param>
    /// <param name="graph">What runs; null when that can't be read any more.</param>
    /// <param name="now">The time.</param>
    public static ContentResult Show(HttpContext context, WorkflowRunDetail run, RunGraph? graph, DateTimeOffset now)
    {
        var goesOn = run.Ended is null;
        var content = new StringBuilder();
        Facts(content, run, now);
        content.Append(CultureInfo.InvariantCulture, $"""

            <h2>Picture</h2>
            <p><a href="#steps">Skip to the table of the steps</a></p>
            <input type="checkbox" id="fit"> <label class="line" for="fit">Fit the picture into the window</label>
            <div class="picture" id="picture" tabindex="0" role="region" aria-label="Picture of the steps">
            {(graph is null ? "" : RunPicture.Draw(graph, [.. run.Steps], now))}
            </div>

            """);
        Table(content, [.. run.Steps], now);
        var head = goesOn ? string.Create(CultureInfo.InvariantCulture, $"\n<meta http-equiv=\"refresh\" content=\"{Refresh}\">") : "";
        return Page.Document(context, $"Run: {run.Status}", Style, $"<div id=\"run\" data-ended=\"{(goesOn ? "false" : "true")}\">\n{content}</div>", head);
    }

    private static void Facts(StringBuilder content, WorkflowRunDetail run, DateTimeOffset now)
    {
        content.Append("<dl>\n");
        Fact("State", $"{RunWords.MarkOf(run.Status)} {run.Status}");
        Fact("Run", Page.Encode(run.Run_id));
        Fact("Workflow", Page.Encode(run.Subject));
        Fact("Asked for", Moment(run.Created));
        if (run.Started is { } started)
        {
            Fact("Started", Moment(started));
            Fact(run.Ended is null ? "Goes on for" : "Took", RunWords.Span((run.Ended ?? now) - started));
        }

        if (run.Ended is { } ended)
        {
            Fact("Ended", Moment(ended));
        }

        content.Append("</dl>\n");
        if (run.Status == RunStatus.Failed)
        {
            var place = run.Steps.ToList().FindIndex(step => step.Node == run.Node);
            var where = place < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" at <a href=\"#step-{place}\"><bdi>{Page.Encode(RunWords.NameOf(run.Steps.ElementAt(place)))}</bdi></a>");
            content.Append(CultureInfo.InvariantCulture, $"<p class=\"error\" role=\"status\">✕ Failed{where}{(run.Error is null ? "." : $": <bdi>{Page.Encode(run.Error)}</bdi>")}</p>\n");
        }

        void Fact(string name, string html) => content.Append(CultureInfo.InvariantCulture, $"<dt>{name}</dt><dd>{html}</dd>\n");
    }

    private static void Table(StringBuilder content, IReadOnlyList<RunStep> steps, DateTimeOffset now)
    {
        content.Append("<h2 id=\"steps\" tabindex=\"-1\">Steps</h2>\n<div class=\"scroll\" role=\"region\" aria-labelledby=\"steps\" tabindex=\"0\">\n<table>\n<thead><tr><th scope=\"col\">Step</th><th scope=\"col\">Type</th><th scope=\"col\">State</th><th scope=\"col\">Attempts</th><th scope=\"col\">Started</th><th scope=\"col\">Took</th><th scope=\"col\">Error</th></tr></thead>\n<tbody>\n");
        for (var place = 0; place < steps.Count; place++)
        {
            var step = steps[place];
            var id = string.IsNullOrWhiteSpace(step.Name) ? "" : $" <small>({Page.Encode(step.Node)})</small>";
            content.Append(CultureInfo.InvariantCulture, $"<tr id=\"step-{place}\" tabindex=\"-1\"><th scope=\"row\"><bdi>{Page.Encode(RunWords.NameOf(step))}</bdi>{id}</th><td class=\"word\">{Page.Encode(step.Node_type ?? "")}</td><td class=\"word\">{RunWords.MarkOf(step.Status)} {step.Status}{(step is { Status: StepStatus.Waiting, Due: { } due } ? " until " + Moment(due) : "")}</td><td>{step.Attempts}</td><td class=\"word\">{(step.Started is { } started ? Moment(started) : "")}</td><td class=\"word\">{RunWords.TookOf(step, now)}</td><td>{(step.Error is null ? "" : $"<span class=\"error\"><bdi>{Page.Encode(step.Error)}</bdi></span>")}</td></tr>\n");
        }

        content.Append("</tbody>\n</table>\n</div>\n");
    }

    private static string Moment(DateTimeOffset moment) => $"<time datetime=\"{moment.UtcDateTime:O}\">{RunWords.Moment(moment)}</time>";
}
