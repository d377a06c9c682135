using System.Text.Json;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>The names of operators, and those in a configuration that are none: known before anything runs.</summary>
internal static class RuleOperators
{
    private static readonly HashSet<string> Rules = new(StringComparer.Ordinal)
    {
        "fact", "and", "&", "&&", "or", "|", "||", "not", "!", "=", "equal", "equals", "!=", "<>", "notEqual", "notEquals", ">", "greaterThan", ">=",
        "greaterThanInclusive", "greaterThanOrEqual", "<", "lessThan", "<=", "lessThanInclusive", "lessThanOrEqual", "between", "notBetween", "in", "inArray", "notIn",
        "notInArray", "contain", "contains", "arrayContain", "arrayContains", "notContain", "notContains", "arrayNotContain", "arrayNotContains", "hasOptions",
        "options-in", "optionsIn", "stringContain", "stringContains", "stringNotContain", "stringNotContains", "regex", "empty", "notEmpty", "not-empty", "+", "-", "*",
        "/", "%", "mod", "^", "power", "pow", "ceil", "floor", "trunc", "round", "min", "max", "e", "log", "baseLog", "concat", "join", "split", "substring",
        "concat-array", "sort", "sortString", "map", "lookup", "jsonParse", "jsonStringify", "jPath", "jsonPath", "generateArray", "generate-array", "array.generate",
        "stringTemplate", "numberFormat", "dateFormat", "expression", "exp", "today", "now", "timeNow", "toISO", "addDate", "subtractDate", "dateDiff",
    };

    private static readonly HashSet<string> Logic = new(StringComparer.Ordinal)
    {
        "if", "?:", "and", "or", "map", "filter", "reduce", "all", "some", "none", "var", "missing", "missing_some", "==", "===", "!=", "!==", "!", "!!", ">", ">=", "<",
        "<=", "+", "-", "*", "/", "%", "min", "max", "in", "cat", "substr", "merge",
    };

    /// <summary>The operators of rules.</summary>
    public static IReadOnlyCollection<string> All => Rules;

    /// <summary>The operators of JSONLogic.</summary>
    public static IReadOnlyCollection<string> AllOfLogic => Logic;

    /// <summary>Whether rules have an operator.</summary>
    public static bool IsKnown(string name) => Rules.Contains(name);

    /// <summary>Whether an expression follows a path: its operands but the first are no references.</summary>
    public static bool IsPath(JsonElement expression) =>
        expression.TryMember("operator", out var name)
        && name.ValueKind == JsonValueKind.String
        && (name.ValueEquals("jPath"u8) || name.ValueEquals("jsonPath"u8));

    /// <summary>The operator of a short form such as <c>@fact:x</c>; null for other texts.</summary>
    public static string? NameIn(string text) =>
        text is not ['@', _, ..] ? null : text.IndexOf(':') is > 0 and var colon ? text[1..colon] : text[1..];

    /// <summary>How an unknown operator is refused.</summary>
    public static string Unknown(string name) =>
        $"invalid rules: unknown operator \"{(name.Length <= 40 ? name : name[..40])}\"";

    /// <summary>
    /// The operators in a node's rules that there are not. What comes by references is seen when the step runs.
    /// </summary>
    public static IEnumerable<string> Problems(NodeData node) => (node.Node_type switch
    {
        NodeType.Condition => Condition.BranchesOf(node.Payload).SelectMany(InBranch),
        NodeType.Rules => Members(node.Payload)
            .SelectMany(rule => IsChain(rule) ? rule.EnumerateArray().SelectMany(InBranch) : In(rule)),
        _ => Members(node.Payload).SelectMany(InLogic),
    }).Select(Unknown);

    /// <summary>Whether a rule is a list of branches.</summary>
    public static bool IsChain(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Array && rule.EnumerateArray()
            .All(branch => branch.ValueKind == JsonValueKind.Object && branch.TryMember("outcome", out _));

    private static IEnumerable<JsonElement> Members(JsonElement payload) =>
        payload.ValueKind == JsonValueKind.Object
        && payload.TryMember("rules", out var rules)
        && rules.ValueKind == JsonValueKind.Object
            ? rules.EnumerateObject().Select(rule => rule.Value)
            : [];

    private static IEnumerable<string> InBranch(JsonElement branch) =>
        Member(branch, "condition").Concat(Member(branch, "outcome"));

    private static IEnumerable<string> Member(JsonElement branch, string name) =>
        branch.ValueKind == JsonValueKind.Object && branch.TryMember(name, out var value) ? In(value) : [];

    private static IEnumerable<string> In(JsonElement expression)
    {
        switch (expression.ValueKind)
        {
            case JsonValueKind.String when References.TextOrNull(expression) is { } text
                && NameIn(text) is { } short1
                && !IsKnown(short1):
                return [short1];
            case JsonValueKind.Array:
                return expression.EnumerateArray().SelectMany(In);
            case JsonValueKind.Object when expression.TryMember("operator", out var name)
                && name.ValueKind == JsonValueKind.String:
                var unknown = References.TextOrNull(name) is { } text2 && !IsKnown(text2) && !MayRefer(text2)
                    ? [text2]
                    : Array.Empty<string>();
                return expression.TryMember("input", out var input) ? unknown.Concat(In(input)) : unknown;
            default:
                return [];
        }
    }

    private static IEnumerable<string> InLogic(JsonElement rule)
    {
        switch (rule.ValueKind)
        {
            case JsonValueKind.Array:
                return rule.EnumerateArray().SelectMany(InLogic);
            case JsonValueKind.Object when rule.GetPropertyCount() == 1
                && rule.EnumerateObject().First() is var operation:
                return (UnknownLogic(operation) is { } unknown ? new[] { unknown } : [])
                    .Concat(InLogic(operation.Value));
            default:
                return [];
        }
    }

    private static string? UnknownLogic(JsonProperty operation)
    {
        try
        {
            return References.NameOf(operation) is var name && Logic.Contains(name) ? null : name;
        }
        catch (StepException)
        {
            return "?";
        }
    }

    private static bool MayRefer(string text) => text.Contains('$') || text.Contains('{');
}
