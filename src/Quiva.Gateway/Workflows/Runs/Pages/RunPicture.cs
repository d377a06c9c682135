using System.Globalization;
using System.Text;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows.Runs.Pages;

/// <summary>Draws a run as SVG. Each node is a link to its row in the table of the steps, and is named with its state for who can't see it.</summary>
internal static class RunPicture
{
    private const int LongestName = 19;

    /// <summary>Draws a run.</summary>
    /// <param name="graph">What runs.</param>
    /// <param name="steps">Its steps, in the order of the graph.</param>
    /// <param name="now">Until when steps under way are measured.</param>
    public static string Draw(RunGraph graph, IReadOnlyList<RunStep> steps, DateTimeOffset now)
    {
        var layout = graph.Layout;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"group\" aria-label=\"Steps of the workflow\" viewBox=\"0 0 {layout.Size.Width} {layout.Size.Height}\" width=\"{layout.Size.Width}\" height=\"{layout.Size.Height}\">\n");
        svg.Append("<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto-start-reverse\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>\n<g aria-hidden=\"true\">\n");
        for (var place = 0; place < steps.Count; place++)
        {
            foreach (var link in graph.Links[place])
            {
                var isTaken = steps[place].Status == StepStatus.Succeeded && steps[link.Target].Status is not (StepStatus.Skipped or StepStatus.Pending);
                svg.Append(CultureInfo.InvariantCulture, $"<path class=\"edge{(isTaken ? " taken" : "")}\" d=\"{Curve(layout.Places[place], layout.Places[link.Target])}\"/>\n");
            }
        }

        svg.Append("</g>\n");
        for (var place = 0; place < steps.Count; place++)
        {
            Append(svg, steps[place], place, layout.Places[place], now);
        }

        return svg.Append("</svg>").ToString();
    }

    private static void Append(StringBuilder svg, RunStep step, int place, (int X, int Y) at, DateTimeOffset now)
    {
        var name = Page.Encode(RunWords.NameOf(step));
        var state = RunWords.StateOf(step, now);
        svg.Append(CultureInfo.InvariantCulture, $"""
            <a id="node-{place}" class="step {step.Status}" href="#step-{place}" aria-label="{name}: {state}"><title>{name}: {state}</title>
            <rect x="{at.X}" y="{at.Y}" width="{RunLayout.Width}" height="{RunLayout.Height}" rx="8"/>
            <text class="name" x="{at.X + 12}" y="{at.Y + 22}">{Page.Encode(RunWords.Shorten(RunWords.NameOf(step), LongestName))}</text>
            <text class="state" x="{at.X + 12}" y="{at.Y + 41}">{RunWords.MarkOf(step.Status)} {state}</text></a>

            """);
    }

    // From the side that faces the other node.
    private static string Curve((int X, int Y) from, (int X, int Y) to)
    {
        const int width = RunLayout.Width, height = RunLayout.Height;
        var isBeside = to.X >= from.X + width || to.X + width <= from.X;
        if (!isBeside && to.Y > from.Y)
        {
            var (x1, y1, x2, y2) = (from.X + (width / 2), from.Y + height, to.X + (width / 2), to.Y - 2);
            var bend = Math.Max(16, (y2 - y1) / 2);
            return string.Create(CultureInfo.InvariantCulture, $"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}");
        }

        var (left, top, right, bottom) = (from.X + width, from.Y + (height / 2), to.X - 2, to.Y + (height / 2));
        var reach = Math.Max(24, Math.Abs(right - left) / 2);
        return string.Create(CultureInfo.InvariantCulture, $"M{left} {top}C{left + reach} {top} {right - reach} {bottom} {right} {bottom}");
    }
}
