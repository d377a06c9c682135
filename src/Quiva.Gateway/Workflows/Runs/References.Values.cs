using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Quiva.Gateway.Workflows.Runs;

/// <content>Values as they are, in bounds.</content>
internal static partial class References
{
    /// <summary>Reads JSON that a step has made or was given.</summary>
    /// <exception cref="StepException">It is not JSON, or nested too deeply.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DeepestValue }).RootElement;
        }
        catch (JsonException exception)
        {
            throw new StepException("a value is nested too deeply", inner: exception);
        }
    }

    /// <summary>A value within a text: texts as they are, null as nothing, all else as JSON.</summary>
    public static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => StringOf(value),
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        _ => value.GetRawText(),
    };

    /// <summary>The text of a JSON string.</summary>
    /// <exception cref="StepException">It has half of a surrogate pair.</exception>
    public static string StringOf(JsonElement value) =>
        TextOrNull(value) ?? throw new StepException("a text is not valid Unicode");

    /// <summary>The text of a JSON string; null when it has half of a surrogate pair.</summary>
    public static string? TextOrNull(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A value as it is.</summary>
    /// <exception cref="StepException">It is too large.</exception>
    public static byte[] Copy(JsonElement value) =>
        JsonMarshal.GetRawUtf8Value(value) is { Length: <= LargestValue } json ? json.ToArray() : throw TooLarge();

    /// <summary>The bytes that a text has in JSON, without its quotation marks.</summary>
    public static int SizeOf(JsonElement text) => JsonMarshal.GetRawUtf8Value(text).Length - 2;

    /// <summary>Named values, each as it is.</summary>
    public static JsonElement ObjectOf(Dictionary<string, JsonElement> values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        foreach (var (name, value) in values)
        {
            writer.WritePropertyName(name);
            Copy(writer, value);
        }

        writer.WriteEndObject();
        writer.Flush();
        // What is around them makes them one deeper.
        return JsonDocument.Parse(
            buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = DeepestValue + 2 }).RootElement;
    }

    /// <summary>A list of values, each as it is.</summary>
    /// <exception cref="StepException">It is too large.</exception>
    public static byte[] ListOf(IEnumerable<JsonElement> values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartArray();
        foreach (var value in values)
        {
            Copy(writer, value);
            if (writer.BytesCommitted + writer.BytesPending > LargestValue)
            {
                throw TooLarge();
            }
        }

        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A member of an object. Other members may have names that are no Unicode.</summary>
    public static bool TryMember(this JsonElement json, string name, out JsonElement value)
    {
        try
        {
            return json.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException) when (json.ValueKind == JsonValueKind.Object)
        {
            value = json.EnumerateObject().LastOrDefault(member => IsNamed(member, name)).Value;
            return value.ValueKind != JsonValueKind.Undefined;
        }
    }

    private static bool IsNamed(JsonProperty member, string name)
    {
        try
        {
            return member.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The name of a member.</summary>
    /// <exception cref="StepException">It has half of a surrogate pair.</exception>
    public static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException exception)
        {
            throw new StepException("a text is not valid Unicode", inner: exception);
        }
    }

    private static void Copy(Utf8JsonWriter writer, JsonElement value) =>
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);

    private static StepException TooLarge() => new("a value is larger than 1 MiB");
}
