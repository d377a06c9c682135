using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Values of rules: null, bool, double, text, lists of these, and objects as <see cref="JsonElement"/>.</summary>
internal static class RuleValues
{
    // A division by zero is a value here, as null: JSON has no other word for it.
    private static readonly JsonSerializerOptions Writing = new() { Converters = { new Numbers() }, MaxDepth = 1000 };

    /// <summary>A value as JSON text.</summary>
    /// <exception cref="StepException">It is too large.</exception>
    public static string JsonOf(object? value) =>
        BytesOf(value, References.LargestValue) <= References.LargestValue ? JsonSerializer.Serialize(value, Writing) : throw TooLarge();

    /// <summary>Named values as a JSON object.</summary>
    /// <exception cref="StepException">It is too large.</exception>
    public static byte[] Write(Dictionary<string, object?> values)
    {
        long bytes = 0;
        foreach (var (name, value) in values)
        {
            bytes += name.Length + BytesOf(value, References.LargestValue);
            if (bytes > References.LargestValue)
            {
                throw TooLarge();
            }
        }

        return JsonSerializer.SerializeToUtf8Bytes(values, Writing) is { Length: <= References.LargestValue } json ? json : throw TooLarge();
    }

    /// <summary>A value as a number; NaN when it is none.</summary>
    public static double NumberOf(object? value) => value switch
    {
        double number => number,
        bool flag => flag ? 1 : 0,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => double.NaN,
    };

    /// <summary>A value as text.</summary>
    /// <exception cref="StepException">It is too large.</exception>
    public static string TextOf(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => JsonOf(value),
    };

    /// <summary>Values as one text.</summary>
    /// <exception cref="StepException">It is too large.</exception>
    public static string Join(string separator, IEnumerable<object?> values, RuleBudget budget)
    {
        var text = new StringBuilder();
        var isFirst = true;
        foreach (var value in values)
        {
            _ = text.Append(isFirst ? "" : separator).Append(TextOf(value));
            isFirst = false;
            if (text.Length > References.LargestValue)
            {
                throw TooLarge();
            }
        }

        var joined = text.ToString();
        budget.Make(joined);
        return joined;
    }

    /// <summary>About how many bytes a value has as JSON; no more is counted than needed to see that it is too large.</summary>
    public static long BytesOf(object? value, long most) => Sum(value, most, 1);

    /// <summary>What it costs to look at values.</summary>
    public static long WorkOf(object? value, long most) => Sum(value, most, 16);

    private static long Sum(object? value, long most, int charactersToOne)
    {
        switch (value)
        {
            case string text:
                return 1 + (text.Length / charactersToOne);
            case JsonElement json:
                return 1 + (JsonMarshal.GetRawUtf8Value(json).Length / charactersToOne);
            case List<object?> list:
                long sum = 1;
                for (var i = 0; i < list.Count && sum <= most; i++)
                {
                    sum += Sum(list[i], most - sum, charactersToOne);
                }

                return sum;
            default:
                return 1;
        }
    }

    private static StepException TooLarge() => new("a value is larger than 1 MiB");

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
