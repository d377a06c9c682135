using System.Globalization;
using System.Text.Json;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Evaluates JSONLogic: <c>{"&gt;=": [{"var": "age"}, 18]}</c>. Every rule is evaluated; an unknown operator is
/// refused.
/// </summary>
/// <param name="data">What <c>var</c> refers to.</param>
internal sealed class JsonLogic(JsonElement data)
{
    private const int Deepest = 50;
    private readonly RuleBudget budget = new();
    private readonly object? all = Rules.ValueOf(data);

    /// <summary>Evaluates a rule.</summary>
    /// <exception cref="StepException">An operator is unknown, or it costs too much.</exception>
    public object? Evaluate(JsonElement rule, int depth = 0) => Evaluate(rule, all, depth);

    private object? Evaluate(JsonElement rule, object? scope, int depth)
    {
        budget.Step(depth > Deepest);
        if (rule.ValueKind == JsonValueKind.Array)
        {
            return rule.EnumerateArray().Select(item => Evaluate(item, scope, depth + 1)).ToList();
        }

        if (rule.ValueKind != JsonValueKind.Object || rule.GetPropertyCount() != 1)
        {
            return Rules.ValueOf(rule);
        }

        var operation = rule.EnumerateObject().First();
        var operands = operation.Value.ValueKind == JsonValueKind.Array
            ? operation.Value.EnumerateArray().ToList()
            : [operation.Value];
        return Apply(References.NameOf(operation), operands, scope, depth + 1);
    }

    private object? Apply(string name, List<JsonElement> operands, object? scope, int depth)
    {
        if (name is "map" or "filter" or "reduce" or "all" or "some" or "none" && operands.Count < 2)
        {
            throw new StepException($"invalid rules: \"{name}\" needs a list and a rule");
        }

        switch (name)
        {
            case "if" or "?:":
                for (var i = 0; i + 1 < operands.Count; i += 2)
                {
                    if (Rules.IsTruthy(At(i)))
                    {
                        return At(i + 1);
                    }
                }

                return operands.Count % 2 == 1 ? At(operands.Count - 1) : null;
            case "and":
                return operands.Select((_, i) => At(i))
                    .Aggregate((object?)true, (before, value) => Rules.IsTruthy(before) ? value : before);
            case "or":
                return operands.Select((_, i) => At(i))
                    .Aggregate((object?)false, (before, value) => Rules.IsTruthy(before) ? before : value);
            case "reduce":
                return ListOf(At(0)).Aggregate(
                    operands.Count > 2 ? At(2) : null, (sum, item) => Evaluate(operands[1], Pair(item, sum), depth));
            case "map":
                return ListOf(At(0)).Select(item => Evaluate(operands[1], item, depth)).ToList();
            case "filter":
                return ListOf(At(0)).Where(item => Rules.IsTruthy(Evaluate(operands[1], item, depth))).ToList();
            case "all":
                return ListOf(At(0)) is { Count: > 0 } every
                    && every.All(item => Rules.IsTruthy(Evaluate(operands[1], item, depth)));
            case "some":
                return ListOf(At(0)).Any(item => Rules.IsTruthy(Evaluate(operands[1], item, depth)));
            case "none":
                return !ListOf(At(0)).Any(item => Rules.IsTruthy(Evaluate(operands[1], item, depth)));
        }

        List<object?> a = [.. operands.Select((_, i) => At(i))];
        budget.Charge(a);
        return name switch
        {
            "var" => Variable(scope, First(0), First(1)),
            "missing" => Missing(scope, a.SelectMany(ListOf)),
            "missing_some" => Missing(scope, ListOf(First(1))) is var missing
                && ListOf(First(1)).Count - missing.Count >= RuleValues.NumberOf(First(0)) ? [] : missing,
            "==" or "===" => Rules.AreEqual(First(0), First(1)),
            "!=" or "!==" => !Rules.AreEqual(First(0), First(1)),
            "!" => !Rules.IsTruthy(First(0)),
            "!!" => Rules.IsTruthy(First(0)),
            ">" => Rules.Compare(First(0), First(1)) > 0,
            ">=" => Rules.Compare(First(0), First(1)) >= 0,
            "<" => Rules.Compare(First(0), First(1)) < 0 && (a.Count < 3 || Rules.Compare(a[1], a[2]) < 0),
            "<=" => Rules.Compare(First(0), First(1)) <= 0 && (a.Count < 3 || Rules.Compare(a[1], a[2]) <= 0),
            "+" => a.Sum(RuleValues.NumberOf),
            "-" => a.Count == 1
                ? -RuleValues.NumberOf(a[0])
                : RuleValues.NumberOf(First(0)) - RuleValues.NumberOf(First(1)),
            "*" => a.Aggregate(1d, (left, right) => left * RuleValues.NumberOf(right)),
            "/" => RuleValues.NumberOf(First(0)) / RuleValues.NumberOf(First(1)),
            "%" => RuleValues.NumberOf(First(0)) % RuleValues.NumberOf(First(1)),
            "min" => a.Select(RuleValues.NumberOf).DefaultIfEmpty(double.NaN).Min(),
            "max" => a.Select(RuleValues.NumberOf).DefaultIfEmpty(double.NaN).Max(),
            "in" => First(1) is string text
                ? text.Contains(RuleValues.TextOf(First(0)), StringComparison.Ordinal)
                : ListOf(First(1)).Any(item => Rules.AreEqual(item, First(0))),
            "cat" => RuleValues.Join("", a, budget),
            "substr" => Part(
                RuleValues.TextOf(First(0)),
                RuleValues.NumberOf(First(1)),
                a.Count > 2 ? RuleValues.NumberOf(a[2]) : double.NaN),
            "merge" => a.SelectMany(ListOf).ToList(),
            _ => throw new StepException(RuleOperators.Unknown(name)),
        };

        object? At(int index) => Evaluate(operands[index], scope, depth);

        object? First(int index) => index < a.Count ? a[index] : null;
    }

    // From the end for what is negative, as in the reference implementation.
    private static string Part(string text, double start, double length)
    {
        var from = (int)Math.Clamp(double.IsNaN(start) ? 0 : start < 0 ? text.Length + start : start, 0, text.Length);
        var to = double.IsNaN(length) ? text.Length : length < 0 ? text.Length + length : from + length;
        return text[from..(int)Math.Clamp(to, from, text.Length)];
    }

    private List<object?> Missing(object? scope, IEnumerable<object?> paths) =>
        [.. paths.Where(path => Variable(scope, path, null) is null or "")];

    // What a reduction's rule sees.
    private static Dictionary<string, object?> Pair(object? item, object? sum) =>
        new(StringComparer.Ordinal) { ["current"] = item, ["accumulator"] = sum };

    private object? Variable(object? scope, object? path, object? otherwise)
    {
        foreach (var name in RuleValues.TextOf(path).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            scope = scope switch
            {
                JsonElement { ValueKind: JsonValueKind.Object } members when members.TryMember(name, out var member) =>
                    Read(member),
                Dictionary<string, object?> pair => pair.GetValueOrDefault(name),
                List<object?> list when int.TryParse(
                    name,
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var index) && index < list.Count => list[index],
                _ => null,
            };
            if (scope is null)
            {
                return otherwise;
            }
        }

        return scope;
    }

    private object? Read(JsonElement member)
    {
        budget.Charge(RuleValues.WorkOf(member, long.MaxValue));
        return Rules.ValueOf(member);
    }

    private static List<object?> ListOf(object? value) => value as List<object?> ?? (value is null ? [] : [value]);
}
