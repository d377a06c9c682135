using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// The operators of rules that make texts and lists: what the published engine calls so, as far as flows show what they
/// do.
/// </summary>
internal static class RuleFormats
{
    private const int MostDecimals = 15, LongestFormat = 200;

    // The longer ones first.
    private static readonly (string Token, string Format)[] DateTokens =
    [
        ("YYYY", "yyyy"), ("YY", "yy"), ("MMMM", "MMMM"), ("MMM", "MMM"), ("MM", "MM"), ("M", "%M"), ("DD", "dd"), ("D", "%d"), ("dddd", "dddd"), ("ddd", "ddd"),
        ("HH", "HH"), ("H", "%H"), ("hh", "hh"), ("h", "%h"), ("mm", "mm"), ("m", "%m"), ("ss", "ss"), ("s", "%s"), ("SSS", "fff"), ("A", "tt"), ("Z", "zzz"),
    ];

    /// <summary>
    /// <c>[value, path, separator?]</c>: what a path such as <c>$.a[0]</c> leads to; several values as a list, or
    /// joined to a text.
    /// </summary>
    /// <exception cref="StepException">It is no path.</exception>
    public static object? Path(object? value, string path, string? separator, RuleBudget budget)
    {
        var parsed = ReferencePath.ParseDollar(path) ?? throw new StepException("a path in a rule is malformed");
        using var document = JsonDocument.Parse(RuleValues.JsonOf(value), new JsonDocumentOptions { MaxDepth = 1000 });
        var root = document.RootElement.Clone();
        if (!parsed.TryFollowAll(root, out var found, out var several))
        {
            return null;
        }

        // A path through nested lists leads to the same text many times, and each is a copy.
        several?.ForEach(one => budget.Charge(one));
        var result = several is null ? Rules.ValueOf(found) : several.ConvertAll(Rules.ValueOf);
        return separator is not null && result is List<object?> list ? RuleValues.Join(separator, list, budget) : result;
    }

    /// <summary><c>[[condition, value], …]</c>: the values of the rows whose condition is true.</summary>
    public static List<object?> Rows(List<object?> rows) =>
        [.. rows.Where(row => row is not List<object?> { Count: 2 } pair || Rules.IsTruthy(pair[0]))
            .Select(row => row is List<object?> { Count: 2 } pair ? pair[1] : row)];

    /// <summary>
    /// <c>[template, values…]</c>: <c>{0}</c> is the first value, <c>{name}</c> a member of it, or a fact.
    /// </summary>
    public static string Template(
        string template, List<object?> operands, Func<string, object?>? facts, RuleBudget budget)
    {
        var text = new StringBuilder();
        for (var from = 0; ;)
        {
            var open = template.IndexOf('{', from);
            var close = open < 0 ? -1 : template.IndexOf('}', open);
            if (close < 0)
            {
                return text.Append(template, from, template.Length - from).ToString();
            }

            _ = text.Append(template, from, open - from)
                .Append(RuleValues.TextOf(ValueOf(template[(open + 1)..close].Trim(), operands, facts, budget)));
            from = close + 1;
            if (text.Length > References.LargestValue)
            {
                throw new StepException("a value is larger than 1 MiB");
            }
        }
    }

    private static object? ValueOf(
        string name, List<object?> operands, Func<string, object?>? facts, RuleBudget budget)
    {
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
        {
            return place + 1 < operands.Count ? operands[place + 1] : null;
        }

        if (operands.Count > 1 && operands[1] is JsonElement { ValueKind: JsonValueKind.Object } members)
        {
            // Looked through anew for each name.
            budget.Charge(members);
            if (members.TryMember(name, out var member))
            {
                return Rules.ValueOf(member);
            }
        }

        return facts?.Invoke(name);
    }

    /// <summary>
    /// A number with so many decimals, and something between its thousands; null for what is no number.
    /// </summary>
    public static string? Number(double value, double decimals, string thousands)
    {
        if (!double.IsFinite(value))
        {
            return null;
        }

        var digits = (int)Math.Clamp(double.IsNaN(decimals) ? 0 : decimals, 0, MostDecimals);
        var format = new NumberFormatInfo
        {
            NumberGroupSeparator = thousands.Length <= 1 ? thousands : thousands[..1],
            NumberDecimalDigits = digits
        };
        // Halves are rounded away from zero, as people do.
        var rounded = Math.Abs(value) < 1e15 ? Math.Round(value, digits, MidpointRounding.AwayFromZero) : value;
        return rounded.ToString(
            thousands.Length == 0 ? "F" + digits.ToString(CultureInfo.InvariantCulture) : "N", format);
    }

    /// <summary>A moment by a format such as <c>DD MMM YYYY [at] HH:mm</c>; UTC, names in English.</summary>
    /// <exception cref="StepException">The format is too long.</exception>
    public static string Date(DateTimeOffset moment, string format)
    {
        if (format.Length > LongestFormat)
        {
            throw new StepException("a format in a rule is too long");
        }

        var text = new StringBuilder();
        for (var at = 0; at < format.Length;)
        {
            var rest = format.AsSpan(at);
            if (rest[0] == '[' && rest.IndexOf(']') is > 0 and var close)
            {
                _ = text.Append(rest[1..close]);
                at += close + 1;
                continue;
            }

            var (token, pattern) = Array.Find(DateTokens, known => format.AsSpan(at).StartsWith(known.Token));
            _ = token is null
                ? text.Append(rest[0])
                : text.Append(moment.ToString(pattern, CultureInfo.InvariantCulture));
            at += token?.Length ?? 1;
        }

        return text.ToString();
    }
}
