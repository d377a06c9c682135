using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Quiva.Gateway.Client;

/// <summary>How bodies are read and written.</summary>
internal static class GatewayJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // Nothing here ends up in a page; a name in a free-form object stays as it was written.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new ExactJsonElement() },
    };

    /// <summary>The text of a value outside of bodies: what JSON writes, without quotes.</summary>
    /// <exception cref="ArgumentException">An enum's value that the contract does not have.</exception>
    public static string TextOf<T>(T value)
    {
        if (value is string text)
        {
            return text;
        }

        var json = JsonSerializer.SerializeToElement(value, Options);
        return json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText();
    }

    public static bool TryRead<T>(string body, [NotNullWhen(true)] out T? value)
    {
        try
        {
            value = JsonSerializer.Deserialize<T>(body, Options);
            return value is not null;
        }
        catch (JsonException)
        {
            // A proxy's page, for example.
            value = default;
            return false;
        }
    }

    /// <summary>Free-form values go out as they came in: no number, escape or space is written anew.</summary>
    private sealed class ExactJsonElement : JsonConverter<JsonElement>
    {
        // Null is a value like any other, not the absence of one.
        public override bool HandleNull => true;

        public override JsonElement Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonMetadataServices.JsonElementConverter.Read(ref reader, typeToConvert, options);

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }
}

/// <summary>The body of an error.</summary>
internal sealed record ErrorBody([property: JsonPropertyName("error")] string? Error);
