using System.Text.Json;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Steps that evaluate named rules: <c>rules</c> and <c>jsonlogic</c>. Each gives an object with the outcome of each
/// rule.
/// </summary>
internal static class RuleSteps
{
    private const int Deepest = 50;

    /// <summary>
    /// <c>{rules, facts}</c>: each rule a list of branches, an expression or a literal. Rules may refer to each other;
    /// what is referred to is worked out first.
    /// </summary>
    public static byte[] Rule(JsonElement payload, DateTimeOffset now)
    {
        var named = Members(payload, "rules")
            .DistinctBy(References.NameOf)
            .ToDictionary(References.NameOf, rule => rule.Value, StringComparer.Ordinal);
        var outcomes = new Dictionary<string, object?>(StringComparer.Ordinal);
        var known = new Dictionary<string, object?>(StringComparer.Ordinal);
        var underWay = new HashSet<string>(StringComparer.Ordinal);
        Rules? rules = null;
        rules = new(now, Fact);
        foreach (var name in named.Keys)
        {
            outcomes[name] = Fact(name);
        }

        return RuleValues.Write(outcomes);

        object? Fact(string name)
        {
            if (known.TryGetValue(name, out var value))
            {
                return value;
            }

            if (!named.TryGetValue(name, out var rule))
            {
                value = payload.TryMember("facts", out var facts)
                    && facts.ValueKind == JsonValueKind.Object
                    && facts.TryMember(name, out var given) ? Rules.ValueOf(given) : null;
            }
            else if (underWay.Count >= Deepest || !underWay.Add(name))
            {
                throw new StepException("rules refer to each other in a circle, or too deeply");
            }
            else
            {
                value = Outcome(rules!, rule);
                underWay.Remove(name);
            }

            return known[name] = value;
        }
    }

    /// <summary><c>{rules, data}</c> of JSONLogic.</summary>
    public static byte[] Logic(JsonElement payload)
    {
        var named = Members(payload, "rules");
        var logic = new JsonLogic(payload.TryMember("data", out var data) ? data : default);
        var outcomes = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var rule in named)
        {
            outcomes[References.NameOf(rule)] = logic.Evaluate(rule.Value);
        }

        return RuleValues.Write(outcomes);
    }

    private static object? Outcome(Rules rules, JsonElement rule)
    {
        if (!RuleOperators.IsChain(rule))
        {
            return rules.Evaluate(rule);
        }

        var taken = rule.EnumerateArray().FirstOrDefault(
            branch => !branch.TryMember("condition", out var condition) || Rules.IsTruthy(rules.Evaluate(condition)));
        return taken.ValueKind == JsonValueKind.Undefined ? null : rules.Evaluate(taken.GetProperty("outcome"));
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object
        && payload.TryMember(name, out var members)
        && members.ValueKind == JsonValueKind.Object
            ? members.EnumerateObject()
            : throw new StepException($"{name} must be an object");
}
