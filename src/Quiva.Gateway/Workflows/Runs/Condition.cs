using System.Text.Json;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Conditions, in both dialects: a list of <c>{"condition": {operator, input}, "outcome": …}</c> of which the first
/// true one wins, or
/// <c>{"condition": "{a.b} == true"}</c> with edges that leave at <c>true</c> and <c>false</c>.
/// </summary>
internal static class Condition
{
    /// <summary>What a branch says instead of a node.</summary>
    public const string ResolveSuccess = "RESOLVE_SUCCESS", ResolveError = "RESOLVE_ERROR";

    // The longer ones first.
    private static readonly string[] Comparisons = ["===", "!==", "==", "!=", ">=", "<=", ">", "<"];

    /// <summary>The branches of a payload: a list of them, or one alone.</summary>
    public static IEnumerable<JsonElement> BranchesOf(JsonElement payload) => payload.ValueKind == JsonValueKind.Array ? payload.EnumerateArray()
        : payload.ValueKind == JsonValueKind.Object && payload.TryMember("outcome", out _) ? [payload]
        : [];

    /// <summary>What is wrong with a payload; null when nothing is, or when that is seen only when it runs.</summary>
    public static string? Problem(JsonElement payload) =>
        TextOf(payload) is { } text && ConditionText.Split(text, "(")
            .Skip(1)
            .Any() ? "parentheses are not supported in a condition: use a list of branches"
        : TextOf(payload) is null
            && !BranchesOf(payload).Any() ? "the payload of a condition must be a list of branches"
        : null;

    // {"condition": "{a.b} == true"}
    private static string? TextOf(JsonElement payload) =>
        payload.ValueKind == JsonValueKind.Object
        && !payload.TryMember("outcome", out _)
        && payload.TryMember("condition", out var text)
        && text.ValueKind == JsonValueKind.String
            ? References.TextOrNull(text)
            : null;

    /// <summary>What a node may activate besides what its edges lead to: what the branches of a condition name.</summary>
    public static IEnumerable<string> TargetsOf(NodeData node) =>
        node.Node_type == NodeType.Condition ? BranchesOf(node.Payload).SelectMany(OutcomesOf) : [];

    /// <summary>The names in the outcome of a branch.</summary>
    public static IEnumerable<string> OutcomesOf(JsonElement branch) => branch.ValueKind != JsonValueKind.Object
        || !branch.TryMember("outcome", out var outcome) ? []
        : outcome.ValueKind == JsonValueKind.String ? TextsOf([outcome])
        : outcome.ValueKind == JsonValueKind.Array ? TextsOf(outcome.EnumerateArray())
        : [];

    private static IEnumerable<string> TextsOf(IEnumerable<JsonElement> values) =>
        values.Where(value => value.ValueKind == JsonValueKind.String).Select(References.TextOrNull).OfType<string>();

    /// <summary>Decides.</summary>
    /// <param name="payload">The node's payload as configured.</param>
    /// <param name="graph">The graph: what is named must be a node of it.</param>
    /// <param name="scope">What references name.</param>
    /// <param name="clock">The moment for date operators, UTC.</param>
    /// <returns>What is taken, the step's output, and what the branch says of it.</returns>
    /// <exception cref="StepException">Nothing matches, or the condition is malformed.</exception>
    public static (StepOutcome Outcome, byte[] Output, string? Message) Decide(
        JsonElement payload, RunGraph graph, IReferenceScope scope, DateTimeOffset clock)
    {
        if (Problem(payload) is { } problem)
        {
            throw new StepException(problem);
        }

        if (TextOf(payload) is { } text)
        {
            var holds = IsTrue(text, scope);
            return (new(Taken: [holds ? "true" : "false"]), holds ? "true"u8.ToArray() : "false"u8.ToArray(), null);
        }

        var rules = new Rules(clock);
        foreach (var branch in BranchesOf(References.Parse(References.Fill(payload, scope))))
        {
            if (branch.ValueKind == JsonValueKind.Object
                && branch.TryMember("condition", out var condition)
                && !Rules.IsTruthy(rules.Evaluate(condition)))
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

            var ending = names.Contains(ResolveError)
                ? Ending.Failure
                : names.Contains(ResolveSuccess) ? Ending.Success : Ending.None;
            var message = branch.TryMember("outcomeMessage", out var said) && said.ValueKind == JsonValueKind.String
                ? References.TextOrNull(said)
                : null;
            return (new(ending, names), JsonSerializer.SerializeToUtf8Bytes(names), message);
        }

        throw new StepException("failed to determine next steps");
    }

    // "a && b || c": "and" binds closer.
    private static bool IsTrue(string text, IReferenceScope scope) =>
        ConditionText.Split(text, "||").Any(any => ConditionText.Split(any, "&&").All(all => Compare(all, scope)));

    private static bool Compare(string text, IReferenceScope scope)
    {
        if (ConditionText.Find(text, Comparisons) is not var (at, comparison))
        {
            return text.Trim() is ['!', .. var denied] ? !Compare(denied, scope) : Rules.IsTruthy(Operand(text, scope));
        }

        var (left, right) = (Operand(text[..at], scope), Operand(text[(at + comparison.Length)..], scope));
        return comparison switch
        {
            "==" or "===" => Rules.AreEqual(left, right),
            "!=" or "!==" => !Rules.AreEqual(left, right),
            _ => Rules.Compare(left, right) is { } order && comparison switch
            {
                ">=" => order >= 0,
                "<=" => order <= 0,
                ">" => order > 0,
                _ => order < 0,
            },
        };
    }

    private static object? Operand(string text, IReferenceScope scope)
    {
        text = text.Trim();
        switch (TextTemplate.Parse(text, scope.IsRoot))
        {
            case [{ Path: { } path }]:
                return References.Resolve(path, scope) is { } json ? Rules.ValueOf(References.Parse(json)) : null;
            case not null when text[0] is not ('\'' or '"'):
                return Rules.ValueOf(References.Parse(References.Fill(JsonSerializer.SerializeToElement(text), scope)));
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
            // A reference to what there is not.
            return text is ['{', .., '}'] ? null : text;
        }
    }
}
