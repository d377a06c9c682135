using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quiva.Gateway.Http;

/// <summary>
/// Reads and writes an integer <c>enum</c> of the contract. Other numbers than the listed ones are malformed.
/// </summary>
/// <typeparam name="T">The generated enum.</typeparam>
public sealed class NumberEnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number
        && reader.TryGetInt64(out var number)
        && (T)Enum.ToObject(typeof(T), number) is var value
        && Enum.IsDefined(value) ? value : throw new JsonException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
}
