using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Values of rules: null, bool, double, text, lists of these, and objects as <see cref="JsonElement"/>.
/// </summary>
internal static class RuleValues
{
    private static readonly JsonWriterOptions Writing =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1000 };

    /// <summary>A value as JSON text.</summary>
    /// <exception cref="StepException">It is too large.</exception>
    public static string JsonOf(object? value)
    {
        if (BytesOf(value, References.LargestValue) > References.LargestValue)
        {
            throw TooLarge();
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Writing);
        Write(writer, value);
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Named values as a JSON object.</summary>
    /// <exception cref="StepException">It is too large.</exception>
    public static byte[] Write(Dictionary<string, object?> values)
    {
        long bytes = 0;
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        foreach (var (name, value) in values)
        {
            bytes += name.Length + BytesOf(value, References.LargestValue);
            if (bytes > References.LargestValue)
            {
                throw TooLarge();
            }

            writer.WritePropertyName(name);
            Write(writer, value);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenCount <= References.LargestValue ? buffer.WrittenSpan.ToArray() : throw TooLarge();
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            // A division by zero is a value here, as null: JSON has no other word for it.
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case JsonElement json:
                writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(json), skipInputValidation: true);
                break;
            case List<object?> list:
                writer.WriteStartArray();
                list.ForEach(item => Write(writer, item));
                writer.WriteEndArray();
                break;
            case Dictionary<string, object?> members:
                writer.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, member);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>
    /// Whether two objects are equal as JSON; those with texts that are no Unicode, when they are written alike.
    /// </summary>
    public static bool AreEqual(JsonElement left, JsonElement right)
    {
        try
        {
            return JsonElement.DeepEquals(left, right);
        }
        catch (InvalidOperationException)
        {
            return JsonMarshal.GetRawUtf8Value(left).SequenceEqual(JsonMarshal.GetRawUtf8Value(right));
        }
    }

    /// <summary>A value as a number; NaN when it is none.</summary>
    public static double NumberOf(object? value) => value switch
    {
        double number => number,
        bool flag => flag ? 1 : 0,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            number,
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

    /// <summary>
    /// About how many bytes a value has as JSON; no more is counted than needed to see that it is too large.
    /// </summary>
    public static long BytesOf(object? value, long most) => Sum(value, most, 1);

    /// <summary>What it costs to look at values.</summary>
    public static long WorkOf(object? value, long most) => Sum(value, most, 16);

    private static long Sum(object? value, long most, int charactersToOne)
    {
        switch (value)
        {
            case string text:
                return 1 + (text.Length / charactersToOne);
            case Dictionary<string, object?> pair:
                return 1 + pair.Values.Sum(member => Sum(member, most, charactersToOne));
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
}
