using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quiva.Gateway.Client;

/// <summary>
/// <c>oneOf</c> or <c>anyOf</c> of the contract: a class with a property for each alternative. Set one of them.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class UnionAttribute : Attribute
{
    /// <summary>The member of every alternative that says which one a value is; null when there is none.</summary>
    public string? Discriminator { get; init; }
}

/// <summary>The values of the discriminator that mean an alternative.</summary>
/// <param name="values">The values.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnionValuesAttribute(params string[] values) : Attribute
{
    /// <summary>The values.</summary>
    public IReadOnlyList<string> Values { get; } = values;
}

/// <summary>
/// Reads a value into the alternative that its discriminator names, or else into the first that it can be read as; none
/// is set when a newer gateway answers another one. Writes the alternative that is set.
/// </summary>
/// <typeparam name="T">A class with <see cref="UnionAttribute"/>.</typeparam>
public sealed class UnionConverter<T> : JsonConverter<T>
    where T : class, new()
{
    private const string Unrecognized = "Unrecognized";

    private static readonly string? Discriminator = typeof(T).GetCustomAttribute<UnionAttribute>()?.Discriminator;

    private static readonly PropertyInfo[] Alternatives = typeof(T).GetProperties();

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var json = JsonElement.ParseValue(ref reader);
        var union = new T();
        foreach (var alternative in Alternatives.Where(alternative => IsMeant(alternative, json)))
        {
            try
            {
                var value = json.Deserialize(alternative.PropertyType, options);
                // A text that an enum does not have is none of it.
                if (value is not Enum || value.ToString() != Unrecognized)
                {
                    alternative.SetValue(union, value);
                    break;
                }
            }
            catch (JsonException)
            {
                // The next one.
            }
        }

        return union;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var set = Alternatives.Where(alternative => alternative.GetValue(value) is not null).ToList();
        if (set is not [var only])
        {
            throw new JsonException($"Set one property of {typeof(T).Name}; {set.Count} are set.");
        }

        JsonSerializer.Serialize(writer, only.GetValue(value), only.PropertyType, options);
    }

    private static bool IsMeant(PropertyInfo alternative, JsonElement json) =>
        Discriminator is null
        || (json.ValueKind == JsonValueKind.Object
            && json.TryGetProperty(Discriminator, out var kind)
            && kind.ValueKind == JsonValueKind.String
            && alternative.GetCustomAttribute<UnionValuesAttribute>()?.Values.Contains(kind.GetString()!) == true);
}
