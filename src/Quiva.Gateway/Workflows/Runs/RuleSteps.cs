using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Steps that evaluate named rules: <c>rules</c> and <c>jsonlogic</c>. Each gives an object with the outcome of each rule.</summary>
internal static class RuleSteps
{
    // A division by zero is a value here, as null: JSON has no other word for it.
    private static readonly JsonSerializerOptions Writing = new() { Converters = { new Numbers() } };

    /// <summary><c>{rules, facts}</c>: each rule a list of branches, an expression or a literal; later ones may refer to earlier ones.</summary>
    public static byte[] Rule(JsonElement payload, DateTimeOffset now)
    {
        var outcomes = new Dictionary<string, object?>(StringComparer.Ordinal);
        var rules = new Rules(now, Fact);
        foreach (var rule in Members(payload, "rules"))
        {
            outcomes[rule.Name] = Outcome(rules, rule.Value);
        }

        return JsonSerializer.SerializeToUtf8Bytes(outcomes, Writing);

        object? Fact(string name) => outcomes.TryGetValue(name, out var outcome) ? outcome
            : payload.TryGetProperty("facts", out var facts) && facts.ValueKind == JsonValueKind.Object && facts.TryGetProperty(name, out var value) ? Rules.ValueOf(value)
            : null;
    }

    /// <summary><c>{rules, data}</c> of JSONLogic.</summary>
    public static byte[] Logic(JsonElement payload)
    {
        var logic = new JsonLogic(payload.TryGetProperty("data", out var data) ? data : default);
        var outcomes = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var rule in Members(payload, "rules"))
        {
            outcomes[rule.Name] = logic.Evaluate(rule.Value);
        }

        return JsonSerializer.SerializeToUtf8Bytes(outcomes, Writing);
    }

    private static object? Outcome(Rules rules, JsonElement rule)
    {
        if (rule.ValueKind != JsonValueKind.Array || !rule.EnumerateArray().All(branch => branch.ValueKind == JsonValueKind.Object && branch.TryGetProperty("outcome", out _)))
        {
            return rules.Evaluate(rule);
        }

        var taken = rule.EnumerateArray().FirstOrDefault(branch => !branch.TryGetProperty("condition", out var condition) || Rules.IsTruthy(rules.Evaluate(condition)));
        return taken.ValueKind == JsonValueKind.Undefined ? null : rules.Evaluate(taken.GetProperty("outcome"));
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var members) && members.ValueKind == JsonValueKind.Object
            ? members.EnumerateObject()
            : throw new StepException($"{name} must be an object");

    private sealed class Numbers : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
