using System.Text.Json;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Conditions, in both dialects: a list of <c>{"condition": {operator, input}, "outcome": …}</c> of which the first true one wins, or
/// <c>{"condition": "{a.b} == true"}</c> with edges that leave at <c>true</c> and <c>false</c>.
/// </summary>
internal static class Condition
{
    /// <summary>What a branch says instead of a node.</summary>
    public const string ResolveSuccess = "RESOLVE_SUCCESS", ResolveError = "RESOLVE_ERROR";

    private static readonly string[] Comparisons = ["==", "!=", ">=", "<=", ">", "<"];

    /// <summary>The names in the outcome of a branch.</summary>
    public static IEnumerable<string> OutcomesOf(JsonElement branch) => branch.ValueKind != JsonValueKind.Object || !branch.TryGetProperty("outcome", out var outcome) ? []
        : outcome.ValueKind == JsonValueKind.String ? [outcome.GetString()!]
        : outcome.ValueKind == JsonValueKind.Array ? outcome.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
        : [];

    /// <summary>Decides.</summary>
    /// <param name="payload">The node's payload as configured.</param>
    /// <param name="graph">The graph: what is named must be a node of it.</param>
    /// <param name="scope">What references name.</param>
    /// <param name="clock">The moment for date operators, UTC.</param>
    /// <returns>What is taken, and the step's output.</returns>
    /// <exception cref="StepException">Nothing matches, or the condition is malformed.</exception>
    public static (StepOutcome Outcome, byte[] Output) Decide(JsonElement payload, RunGraph graph, IReferenceScope scope, DateTimeOffset clock)
    {
        if (payload is { ValueKind: JsonValueKind.Object } && payload.TryGetProperty("condition", out var text) && text.ValueKind == JsonValueKind.String)
        {
            var holds = IsTrue(text.GetString()!, scope);
            return (new(Taken: [holds ? "true" : "false"]), holds ? "true"u8.ToArray() : "false"u8.ToArray());
        }

        if (payload.ValueKind != JsonValueKind.Array)
        {
            throw new StepException("the payload of a condition must be a list of branches");
        }

        foreach (var branch in References.Parse(References.Fill(payload, scope)).EnumerateArray())
        {
            if (branch.ValueKind == JsonValueKind.Object && branch.TryGetProperty("condition", out var condition) && !Rules.IsTruthy(new Rules(clock).Evaluate(condition)))
            {
                continue;
            }

            string[] names = [.. OutcomesOf(branch)];
            if (names.Length == 0)
            {
                throw new StepException("value has to be a string or an array of strings");
            }

            if (names.Any(name => name is not (ResolveSuccess or ResolveError) && graph.PlaceOf(name) < 0))
            {
                throw new StepException("next step not found");
            }

            var ending = names.Contains(ResolveError) ? Ending.Failure : names.Contains(ResolveSuccess) ? Ending.Success : Ending.None;
            return (new(ending, names), JsonSerializer.SerializeToUtf8Bytes(names));
        }

        throw new StepException("failed to determine next steps");
    }

    // "a && b || c": "and" binds closer.
    private static bool IsTrue(string text, IReferenceScope scope) =>
        text.Split("||").Any(any => any.Split("&&").All(all => Compare(all, scope)));

    private static bool Compare(string text, IReferenceScope scope)
    {
        foreach (var comparison in Comparisons)
        {
            var at = text.IndexOf(comparison, StringComparison.Ordinal);
            if (at >= 0)
            {
                var (left, right) = (Operand(text[..at], scope), Operand(text[(at + comparison.Length)..], scope));
                return comparison switch
                {
                    "==" => Rules.AreEqual(left, right),
                    "!=" => !Rules.AreEqual(left, right),
                    _ => Rules.Compare(left, right) is { } order && comparison switch
                    {
                        ">=" => order >= 0,
                        "<=" => order <= 0,
                        ">" => order > 0,
                        _ => order < 0,
                    },
                };
            }
        }

        return Rules.IsTruthy(Operand(text, scope));
    }

    private static object? Operand(string text, IReferenceScope scope)
    {
        text = text.Trim();
        if (TextTemplate.Parse(text, scope.IsRoot) is [{ Path: { } path }])
        {
            return References.Resolve(path, scope) is { } json ? Rules.ValueOf(References.Parse(json)) : null;
        }

        if (text.Length >= 2 && text[0] == '\'' && text[^1] == '\'')
        {
            return text[1..^1];
        }

        try
        {
            using var literal = JsonDocument.Parse(text);
            return Rules.ValueOf(literal.RootElement.Clone());
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
