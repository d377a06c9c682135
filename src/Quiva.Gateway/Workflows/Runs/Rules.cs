using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Evaluates expressions of rules: <c>{"operator": "&gt;", "input": [1, "@fact:x"]}</c>, <c>@fact:x</c>, <c>@today</c>, or a literal.
/// Values are null, bool, double, text, lists and objects (<see cref="JsonElement"/>). Bounded in depth and in work.
/// </summary>
/// <param name="clock">The moment for date operators, UTC.</param>
/// <param name="facts">The value of a fact; null when there are no facts.</param>
internal sealed class Rules(DateTimeOffset clock, Func<string, object?>? facts = null)
{
    private const int Deepest = 50, RegexCost = 100_000;
    private static readonly TimeSpan RegexTime = TimeSpan.FromMilliseconds(100);
    private readonly RuleBudget budget = new();

    /// <summary>Evaluates an expression.</summary>
    /// <exception cref="StepException">An operator is unknown, or it costs too much.</exception>
    public object? Evaluate(JsonElement expression, int depth = 0)
    {
        budget.Step(depth > Deepest);
        switch (expression.ValueKind)
        {
            // What is no operator may be a name that somebody has sent: "@maria".
            case JsonValueKind.String when References.StringOf(expression) is { Length: > 1 } text
                && RuleOperators.NameIn(text) is { } name
                && RuleOperators.IsKnown(name):
                var colon = text.IndexOf(':');
                return Apply(name, colon < 0 ? [] : [text[(colon + 1)..]]);
            case JsonValueKind.Object when expression.TryMember("operator", out var name2) && name2.ValueKind == JsonValueKind.String:
                var operands = expression.TryMember("input", out var input) ? input : default;
                List<object?> values = operands.ValueKind switch
                {
                    JsonValueKind.Array => [.. operands.EnumerateArray().Select(operand => Evaluate(operand, depth + 1))],
                    JsonValueKind.Undefined => [],
                    _ => [Evaluate(operands, depth + 1)],
                };
                return Apply(References.StringOf(name2), values);
            case JsonValueKind.Array:
                return expression.EnumerateArray().Select(item => Evaluate(item, depth + 1)).ToList();
            default:
                return ValueOf(expression);
        }
    }

    private object? Apply(string name, List<object?> a)
    {
        budget.Charge(a);
        return Calculate(name, a);
    }

    private object? Calculate(string name, List<object?> a) => name switch
    {
        "fact" => facts is null ? null : facts(TextOf(At(a, 0))),
        "and" or "&" or "&&" => a.All(IsTruthy),
        "or" or "|" or "||" => a.Any(IsTruthy),
        "not" or "!" => !IsTruthy(At(a, 0)),
        "=" or "equal" or "equals" => AreEqual(At(a, 0), At(a, 1)),
        "!=" or "<>" or "notEqual" or "notEquals" => !AreEqual(At(a, 0), At(a, 1)),
        ">" or "greaterThan" => Compare(At(a, 0), At(a, 1)) > 0,
        ">=" or "greaterThanInclusive" or "greaterThanOrEqual" => Compare(At(a, 0), At(a, 1)) >= 0,
        "<" or "lessThan" => Compare(At(a, 0), At(a, 1)) < 0,
        "<=" or "lessThanInclusive" or "lessThanOrEqual" => Compare(At(a, 0), At(a, 1)) <= 0,
        "between" => IsBetween(a),
        "notBetween" => !IsBetween(a),
        "in" or "inArray" => Contains(At(a, 1), At(a, 0)),
        "notIn" or "notInArray" => !Contains(At(a, 1), At(a, 0)),
        "contain" or "contains" or "arrayContain" or "arrayContains" => Contains(At(a, 0), At(a, 1)),
        "notContain" or "notContains" or "arrayNotContain" or "arrayNotContains" => !Contains(At(a, 0), At(a, 1)),
        "hasOptions" or "options-in" or "optionsIn" => HasAll(At(a, 0), ListOf(At(a, 1))),
        "stringContain" or "stringContains" => TextOf(At(a, 0)).Contains(TextOf(At(a, 1)), StringComparison.Ordinal),
        "stringNotContain" or "stringNotContains" => !TextOf(At(a, 0)).Contains(TextOf(At(a, 1)), StringComparison.Ordinal),
        "regex" => IsMatch(TextOf(At(a, 0)), TextOf(At(a, 1))),
        "empty" => IsEmpty(At(a, 0)),
        "notEmpty" or "not-empty" => !IsEmpty(At(a, 0)),
        "+" => a.Sum(NumberOf),
        "-" => a.Count == 1 ? -NumberOf(a[0]) : a.Skip(1).Aggregate(NumberOf(At(a, 0)), (left, right) => left - NumberOf(right)),
        "*" => a.Aggregate(1d, (left, right) => left * NumberOf(right)),
        "/" => a.Skip(1).Aggregate(NumberOf(At(a, 0)), (left, right) => left / NumberOf(right)),
        "%" or "mod" => NumberOf(At(a, 0)) % NumberOf(At(a, 1)),
        "^" or "power" or "pow" => Math.Pow(NumberOf(At(a, 0)), NumberOf(At(a, 1))),
        "ceil" => Math.Ceiling(NumberOf(At(a, 0))),
        "floor" => Math.Floor(NumberOf(At(a, 0))),
        "trunc" => Math.Truncate(NumberOf(At(a, 0))),
        "round" => Round(NumberOf(At(a, 0)), a.Count > 1 ? NumberOf(a[1]) : 0),
        "min" => Flat(a).Select(NumberOf).DefaultIfEmpty(double.NaN).Min(),
        "max" => Flat(a).Select(NumberOf).DefaultIfEmpty(double.NaN).Max(),
        "e" => a.Count == 0 ? Math.E : Math.Exp(NumberOf(a[0])),
        "log" => Math.Log(NumberOf(At(a, 0))),
        "baseLog" => Math.Log(NumberOf(At(a, 0)), NumberOf(At(a, 1))),
        "concat" => RuleValues.Join("", Flat(a), budget),
        "join" => RuleValues.Join(a.Count > 1 ? TextOf(a[1]) : ",", ListOf(At(a, 0)), budget),
        "split" => Split(TextOf(At(a, 0)), TextOf(At(a, 1))),
        "substring" => Substring(TextOf(At(a, 0)), NumberOf(At(a, 1)), a.Count > 2 ? NumberOf(a[2]) : double.PositiveInfinity),
        "concat-array" => a.SelectMany(ListOf).ToList(),
        "sort" => ListOf(At(a, 0)).OrderBy(NumberOf).ToList(),
        "sortString" => ListOf(At(a, 0)).OrderBy(TextOf, StringComparer.Ordinal).ToList(),
        "map" or "lookup" => Member(At(a, 1), At(a, 0)),
        "jsonParse" => ParseJson(TextOf(At(a, 0))),
        "jsonStringify" => RuleValues.JsonOf(At(a, 0)),
        "jPath" or "jsonPath" => RuleFormats.Path(At(a, 0), TextOf(At(a, 1)), a.Count > 2 ? TextOf(a[2]) : null, budget),
        "generateArray" or "generate-array" or "array.generate" => RuleFormats.Rows(a),
        "stringTemplate" => Capped(RuleFormats.Template(TextOf(At(a, 0)), a, facts, budget)),
        "numberFormat" => RuleFormats.Number(NumberOf(At(a, 0)), NumberOf(At(a, 1)), a.Count > 2 ? TextOf(a[2]) : ""),
        "dateFormat" => RuleFormats.Date(MomentOf(At(a, 0)), a.Count > 1 ? TextOf(a[1]) : "YYYY-MM-DD"),
        "expression" or "exp" => Chain(a),
        "today" => Day(clock).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "now" or "timeNow" => Iso(clock),
        "toISO" => Iso(MomentOf(At(a, 0))),
        "addDate" => Iso(Shift(MomentOf(At(a, 0)), NumberOf(At(a, 1)), TextOf(At(a, 2)))),
        "subtractDate" => Iso(Shift(MomentOf(At(a, 0)), -NumberOf(At(a, 1)), TextOf(At(a, 2)))),
        "dateDiff" => Difference(MomentOf(At(a, 0)), MomentOf(At(a, 1)), TextOf(At(a, 2))),
        _ => throw new StepException(RuleOperators.Unknown(name)),
    };

    // [a, "op", b, "op", c], from left to right.
    private object? Chain(List<object?> chain)
    {
        var value = At(chain, 0);
        for (var i = 1; i + 1 < chain.Count; i += 2)
        {
            value = Apply(TextOf(chain[i]), [value, At(chain, i + 1)]);
        }

        return value;
    }

    /// <summary>A value of JSON.</summary>
    public static object? ValueOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.GetDouble(),
        JsonValueKind.String => References.StringOf(json),
        JsonValueKind.Array => json.EnumerateArray().Select(ValueOf).ToList(),
        JsonValueKind.Object => json,
        _ => null,
    };

    /// <summary>Whether a value counts as true, as in JavaScript; an empty list does not.</summary>
    public static bool IsTruthy(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        double number => number != 0 && !double.IsNaN(number),
        string text => text.Length > 0,
        IList list => list.Count > 0,
        _ => true,
    };

    /// <summary>Whether two values are equal: numbers by value, lists and objects as JSON.</summary>
    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (JsonElement a, JsonElement b) => RuleValues.AreEqual(a, b),
        _ => left.Equals(right),
    };

    /// <summary>The order of two numbers or of two texts; null when they have none.</summary>
    public static int? Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (double or bool or string, double or bool or string) when NumberOf(left) is var a
            && NumberOf(right) is var b
            && !double.IsNaN(a)
            && !double.IsNaN(b) => a.CompareTo(b),
        _ => null,
    };

    private static object? At(List<object?> values, int index) => index < values.Count ? values[index] : null;

    private static bool IsBetween(List<object?> a) => Compare(At(a, 0), At(a, 1)) >= 0 && Compare(At(a, 0), At(a, 2)) <= 0;

    private static List<object?> ListOf(object? value) => value as List<object?> ?? (value is null ? [] : [value]);

    private static IEnumerable<object?> Flat(List<object?> values) => values.SelectMany(ListOf);

    private static bool Contains(object? list, object? value) =>
        list is string text ? text.Contains(TextOf(value), StringComparison.Ordinal) : ListOf(list).Any(item => AreEqual(item, value));

    private bool HasAll(object? list, List<object?> wanted)
    {
        budget.Charge((long)ListOf(list).Count * wanted.Count);
        return wanted.TrueForAll(item => Contains(list, item));
    }

    private List<object?> Split(string text, string separator)
    {
        List<object?> pieces = [.. text.Split(separator)];
        budget.Charge(pieces);
        return pieces;
    }

    private static bool IsEmpty(object? value) => value switch
    {
        null => true,
        string text => text.Length == 0,
        IList list => list.Count == 0,
        JsonElement { ValueKind: JsonValueKind.Object } json => json.GetPropertyCount() == 0,
        _ => false,
    };

    private static double NumberOf(object? value) => RuleValues.NumberOf(value);

    private static string TextOf(object? value) => RuleValues.TextOf(value);

    private string Capped(string text)
    {
        budget.Make(text);
        return text;
    }

    private static double Round(double value, double digits) =>
        Math.Round(value, (int)Math.Clamp(double.IsNaN(digits) ? 0 : digits, 0, 15), MidpointRounding.AwayFromZero);

    private static string Substring(string text, double start, double end)
    {
        var from = (int)Math.Clamp(double.IsNaN(start) ? 0 : start, 0, text.Length);
        return text[from..(int)Math.Clamp(double.IsNaN(end) ? text.Length : end, from, text.Length)];
    }

    private static object? Member(object? of, object? name) =>
        of is JsonElement { ValueKind: JsonValueKind.Object } json && json.TryMember(TextOf(name), out var value) ? ValueOf(value) : null;

    private bool IsMatch(string text, string pattern)
    {
        budget.Charge(RegexCost);
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, RegexTime);
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            throw new StepException("a regular expression is malformed or takes too long", inner: exception);
        }
    }

    private static object? ParseJson(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return ValueOf(json.RootElement.Clone());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DateTimeOffset Day(DateTimeOffset moment) => new(moment.UtcDateTime.Date, TimeSpan.Zero);

    private static string Iso(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset MomentOf(object? value) =>
        DateTimeOffset.TryParse(
            TextOf(value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment
            : throw new StepException("a rule has something that is no date");

    private static DateTimeOffset Shift(DateTimeOffset moment, double amount, string unit)
    {
        try
        {
            return unit.TrimEnd('s') switch
            {
                "year" => moment.AddYears((int)amount),
                "month" => moment.AddMonths((int)amount),
                "week" => moment.AddDays(7 * amount),
                "hour" => moment.AddHours(amount),
                "minute" => moment.AddMinutes(amount),
                "second" => moment.AddSeconds(amount),
                _ => moment.AddDays(amount),
            };
        }
        catch (ArgumentException exception)
        {
            throw new StepException("a rule has a date that is out of range", inner: exception);
        }
    }

    private static double Difference(DateTimeOffset left, DateTimeOffset right, string unit) => unit.TrimEnd('s') switch
    {
        "year" => Math.Truncate((left - right).TotalDays / 365.2425),
        "month" => ((left.Year - right.Year) * 12) + left.Month - right.Month,
        "week" => Math.Truncate((left - right).TotalDays / 7),
        "hour" => Math.Truncate((left - right).TotalHours),
        "minute" => Math.Truncate((left - right).TotalMinutes),
        "second" => Math.Truncate((left - right).TotalSeconds),
        _ => Math.Truncate((left - right).TotalDays),
    };
}
