using System.Globalization;
using System.Text.Json;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// A path to a value, such as <c>$.node.items[0]['x-url']</c> or <c>trigger.name</c>: a root, then names, indexes,
/// <c>*</c>, and at most one <c>..</c>. No filters: what a path costs is bounded by the values that it visits.
/// </summary>
internal sealed class ReferencePath
{
    /// <summary>How many values one path may visit.</summary>
    public const int Budget = 10_000;

    private readonly List<Step> steps;

    private ReferencePath(string root, List<Step> steps)
    {
        Root = root;
        this.steps = steps;
    }

    /// <summary>The first name; empty for <c>$</c> and for what begins with <c>..</c>: all that there is.</summary>
    public string Root { get; }

    /// <summary>Reads a path that begins with <c>$</c>, or null.</summary>
    /// <param name="text">The whole text.</param>
    public static ReferencePath? ParseDollar(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return text is ['$', ..] && (text.Length == 1 || text[1] is '.' or '[') ? Parse(text[1..]) : null;
    }

    /// <summary>Reads a path that begins with a name, or null.</summary>
    /// <param name="text">The whole text.</param>
    public static ReferencePath? ParseBare(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return text.Length > 0 && IsName(text[0]) ? Parse(string.Concat(".", text)) : null;
    }

    private static ReferencePath? Parse(ReadOnlySpan<char> text)
    {
        var steps = new List<Step>();
        var hasDescent = false;
        // "$.node." means the node.
        text = text is [.., not '.', '.'] ? text[..^1] : text;
        while (text.Length > 0)
        {
            if (text.StartsWith(".."))
            {
                if (hasDescent || NameAt(text[2..]) is not { Length: > 0 } deep)
                {
                    return null;
                }

                hasDescent = true;
                steps.Add(new(StepKind.Descent, deep));
                text = text[(2 + deep.Length)..];
            }
            else if (text.StartsWith(".*"))
            {
                steps.Add(new(StepKind.All));
                text = text[2..];
            }
            else if (text[0] == '.')
            {
                if (NameAt(text[1..]) is not { Length: > 0 } name)
                {
                    return null;
                }

                steps.Add(new(StepKind.Name, name));
                text = text[(1 + name.Length)..];
            }
            else if (text[0] != '[' || BracketAt(ref text) is not { } step)
            {
                return null;
            }
            else
            {
                steps.Add(step);
            }
        }

        if (steps.Count == 0 || steps[0].Kind != StepKind.Name)
        {
            return new("", steps);
        }

        var root = steps[0].Name;
        steps.RemoveAt(0);
        return new(root, steps);
    }

    private static Step? BracketAt(ref ReadOnlySpan<char> text)
    {
        Step? step = null;
        if (text.Length > 3 && text[1] is '\'' or '"')
        {
            var end = text[2..].IndexOf(text[1]);
            if (end >= 0 && text.Length > end + 3 && text[end + 3] == ']')
            {
                step = new(StepKind.Name, text.Slice(2, end).ToString());
                text = text[(end + 4)..];
            }

            return step;
        }

        var close = text.IndexOf(']');
        if (close > 0)
        {
            step = text[1..close] is "*" ? new(StepKind.All)
                : int.TryParse(text[1..close], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? new(
                    StepKind.Index, "", index)
                : null;
            text = text[(close + 1)..];
        }

        return step;
    }

    private static string NameAt(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && IsName(text[length]))
        {
            length++;
        }

        return text[..length].ToString();
    }

    private static bool IsName(char value) =>
        char.IsLetterOrDigit(value) || value is '_' or '-' or ':' || char.IsSurrogate(value);

    /// <summary>Follows the path from its root's value.</summary>
    /// <param name="root">The root's value.</param>
    /// <param name="value">What the path leads to, when it is one value.</param>
    /// <param name="values">All that it leads to, when that may be several; null when it is one at most.</param>
    /// <returns>Whether there is anything.</returns>
    /// <exception cref="StepException">It visits more than <see cref="Budget"/> values.</exception>
    public bool TryFollow(JsonElement root, out JsonElement value, out List<JsonElement>? values)
    {
        var budget = Budget;
        value = root;
        values = null;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            if (values is null && step.Kind is StepKind.Name or StepKind.Index)
            {
                if (!TryStep(value, step, out value))
                {
                    return false;
                }

                continue;
            }

            var next = new List<JsonElement>();
            foreach (var from in values ?? [value])
            {
                Walk(from, step, next, ref budget);
            }

            values = next;
        }

        return values is null || values.Count > 0;
    }

    /// <summary>Follows the whole path, its root too, from a value that holds all.</summary>
    /// <inheritdoc cref="TryFollow"/>
    public bool TryFollowAll(JsonElement all, out JsonElement value, out List<JsonElement>? values) =>
        new ReferencePath("", Root.Length == 0 ? steps : [new(StepKind.Name, Root), .. steps])
            .TryFollow(all, out value, out values);

    private static void Walk(JsonElement from, Step step, List<JsonElement> found, ref int budget)
    {
        if (--budget < 0)
        {
            throw new StepException("a reference visits too many values");
        }

        if (step.Kind is StepKind.Name or StepKind.Index)
        {
            if (TryStep(from, step, out var value))
            {
                found.Add(value);
            }

            return;
        }

        if (step.Kind == StepKind.Descent && TryStep(from, new(StepKind.Name, step.Name), out var hit))
        {
            found.Add(hit);
        }

        if (from.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in from.EnumerateObject())
            {
                Enter(member.Value, step, found, ref budget);
            }
        }
        else if (from.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in from.EnumerateArray())
            {
                Enter(item, step, found, ref budget);
            }
        }
    }

    private static void Enter(JsonElement value, Step step, List<JsonElement> found, ref int budget)
    {
        if (step.Kind == StepKind.Descent)
        {
            Walk(value, step, found, ref budget);
        }
        else if (--budget < 0)
        {
            throw new StepException("a reference visits too many values");
        }
        else
        {
            found.Add(value);
        }
    }

    private static bool TryStep(JsonElement from, Step step, out JsonElement value)
    {
        value = default;
        var index = step.Index;
        if (step.Kind == StepKind.Name && from.ValueKind == JsonValueKind.Object)
        {
            return from.TryMember(step.Name, out value);
        }

        // "$.list.0" is an index too.
        if (from.ValueKind != JsonValueKind.Array
            || (step.Kind == StepKind.Name
                && !int.TryParse(step.Name, NumberStyles.None, CultureInfo.InvariantCulture, out index))
            || index >= from.GetArrayLength())
        {
            return false;
        }

        value = from[index];
        return true;
    }

    private enum StepKind
    {
        Name,
        Index,
        All,
        Descent,
    }

    private readonly record struct Step(StepKind Kind, string Name = "", int Index = 0);
}
