using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quiva.Gateway.Client;

/// <summary>
/// Reads and writes an enum by the contract's texts, exactly. A text that is not among them becomes the member
/// <c>Unrecognized</c>, so that a newer gateway's answers can still be read; sending that one is refused, because the
/// text that it stood for is lost.
/// </summary>
internal sealed class WireEnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? WireEnum<T>.Value(reader.GetString()!) : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(WireEnum<T>.Text(value));
}

/// <summary>The texts of an enum.</summary>
internal static class WireEnum<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<T, string> Texts = typeof(T)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.IsDefined(typeof(JsonStringEnumMemberNameAttribute)))
        .ToFrozenDictionary(
            field => (T)field.GetValue(null)!,
            field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name);

    private static readonly FrozenDictionary<string, T> Values =
        Texts.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>The value of a text; <c>Unrecognized</c> for one that the contract does not have.</summary>
    public static T Value(string text) => Values.GetValueOrDefault(text);

    /// <summary>The text of a value.</summary>
    /// <exception cref="ArgumentException">The contract has no text for it.</exception>
    public static string Text(T value) => Texts.TryGetValue(value, out var text)
        ? text
        : throw new ArgumentException($"{typeof(T).Name}.{value} can't be sent.");
}
