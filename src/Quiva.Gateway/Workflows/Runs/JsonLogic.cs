using System.Globalization;
using System.Text.Json;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Evaluates JSONLogic: <c>{"&gt;=": [{"var": "age"}, 18]}</c>. Every rule is evaluated; an unknown operator is refused.</summary>
/// <param name="data">What <c>var</c> refers to.</param>
internal sealed class JsonLogic(JsonElement data)
{
    private const int Deepest = 50, MostSteps = 10_000;
    private int work;

    /// <summary>Evaluates a rule.</summary>
    /// <exception cref="StepException">An operator is unknown, or it costs too much.</exception>
    public object? Evaluate(JsonElement rule, int depth = 0) => Evaluate(rule, Rules.ValueOf(data), depth);

    private object? Evaluate(JsonElement rule, object? scope, int depth)
    {
        if (depth > Deepest || ++work > MostSteps)
        {
            throw new StepException("a rule is too deep or too long");
        }

        if (rule.ValueKind == JsonValueKind.Array)
        {
            return rule.EnumerateArray().Select(item => Evaluate(item, scope, depth + 1)).ToList();
        }

        if (rule.ValueKind != JsonValueKind.Object || rule.GetPropertyCount() != 1)
        {
            return Rules.ValueOf(rule);
        }

        var operation = rule.EnumerateObject().First();
        var operands = operation.Value.ValueKind == JsonValueKind.Array ? operation.Value.EnumerateArray().ToList() : [operation.Value];
        return Apply(operation.Name, operands, scope, depth + 1);
    }

    private object? Apply(string name, List<JsonElement> operands, object? scope, int depth)
    {
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
                return operands.Select((_, i) => At(i)).Cast<object?>().Aggregate((object?)true, (before, value) => Rules.IsTruthy(before) ? value : before);
            case "or":
                return operands.Select((_, i) => At(i)).Cast<object?>().Aggregate((object?)false, (before, value) => Rules.IsTruthy(before) ? before : value);
            case "map":
                return ListOf(At(0)).Select(item => Evaluate(operands[1], item, depth)).ToList();
            case "filter":
                return ListOf(At(0)).Where(item => Rules.IsTruthy(Evaluate(operands[1], item, depth))).ToList();
            case "all":
                return ListOf(At(0)) is { Count: > 0 } every && every.All(item => Rules.IsTruthy(Evaluate(operands[1], item, depth)));
            case "some":
                return ListOf(At(0)).Any(item => Rules.IsTruthy(Evaluate(operands[1], item, depth)));
            case "none":
                return !ListOf(At(0)).Any(item => Rules.IsTruthy(Evaluate(operands[1], item, depth)));
        }

        List<object?> a = [.. operands.Select((_, i) => At(i))];
        return name switch
        {
            "var" => Variable(scope, First(0), First(1)),
            "missing" => a.SelectMany(ListOf).Where(path => Variable(scope, path, null) is null or "").ToList(),
            "==" or "===" => Rules.AreEqual(First(0), First(1)),
            "!=" or "!==" => !Rules.AreEqual(First(0), First(1)),
            "!" => !Rules.IsTruthy(First(0)),
            "!!" => Rules.IsTruthy(First(0)),
            ">" => Rules.Compare(First(0), First(1)) > 0,
            ">=" => Rules.Compare(First(0), First(1)) >= 0,
            "<" => Rules.Compare(First(0), First(1)) < 0 && (a.Count < 3 || Rules.Compare(a[1], a[2]) < 0),
            "<=" => Rules.Compare(First(0), First(1)) <= 0 && (a.Count < 3 || Rules.Compare(a[1], a[2]) <= 0),
            "+" => a.Sum(Number),
            "-" => a.Count == 1 ? -Number(a[0]) : Number(First(0)) - Number(First(1)),
            "*" => a.Aggregate(1d, (left, right) => left * Number(right)),
            "/" => Number(First(0)) / Number(First(1)),
            "%" => Number(First(0)) % Number(First(1)),
            "min" => a.Select(Number).DefaultIfEmpty(double.NaN).Min(),
            "max" => a.Select(Number).DefaultIfEmpty(double.NaN).Max(),
            "in" => First(1) is string text ? text.Contains(Text(First(0)), StringComparison.Ordinal) : ListOf(First(1)).Any(item => Rules.AreEqual(item, First(0))),
            "cat" => string.Concat(a.Select(Text)) is { Length: <= References.LargestValue } joined ? joined : throw new StepException("a value is larger than 1 MiB"),
            "merge" => a.SelectMany(ListOf).ToList(),
            _ => throw new StepException($"invalid rules: unknown operator \"{(name.Length <= 40 ? name : name[..40])}\""),
        };

        object? At(int index) => Evaluate(operands[index], scope, depth);

        object? First(int index) => index < a.Count ? a[index] : null;
    }

    private static object? Variable(object? scope, object? path, object? otherwise)
    {
        foreach (var name in Text(path).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            scope = scope switch
            {
                JsonElement { ValueKind: JsonValueKind.Object } members when members.TryGetProperty(name, out var member) => Rules.ValueOf(member),
                List<object?> list when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Count => list[index],
                _ => null,
            };
            if (scope is null)
            {
                return otherwise;
            }
        }

        return scope;
    }

    private static List<object?> ListOf(object? value) => value as List<object?> ?? (value is null ? [] : [value]);

    private static double Number(object? value) => value switch
    {
        double number => number,
        bool flag => flag ? 1 : 0,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => double.NaN,
    };

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => JsonSerializer.Serialize(value),
    };
}
