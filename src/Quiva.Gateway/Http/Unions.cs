using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quiva.Gateway.Http;

/// <summary>
/// <c>oneOf</c> or <c>anyOf</c> of the contract: a class with a property for each alternative, of which one is set.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class UnionAttribute : Attribute
{
    /// <summary>Whether a value has to be valid as one alternative only: <c>oneOf</c>.</summary>
    public bool IsExclusive { get; init; }

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

/// <summary>Reads a value into the alternative that it is valid as, and writes the alternative that is set.</summary>
/// <typeparam name="T">A class with <see cref="UnionAttribute"/>.</typeparam>
public sealed class UnionConverter<T> : JsonConverter<T>
    where T : class, new()
{
    private static readonly UnionAttribute Union = typeof(T).GetCustomAttribute<UnionAttribute>()!;

    private static readonly Alternative[] Alternatives =
    [
        .. typeof(T).GetProperties().Select(property => new Alternative(
            property,
            [.. property.GetCustomAttributes<ValidationAttribute>()],
            property.GetCustomAttribute<UnionValuesAttribute>()?.Values ?? [])),
    ];

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var value = JsonElement.ParseValue(ref reader);
        var valid = Candidates(value)
            .Select(alternative => (Alternative: alternative, Value: alternative.Read(value, options)))
            .Where(found => found.Value is not null)
            .Take(2)
            .ToList();
        if (valid.Count == 0 || (valid.Count > 1 && Union.IsExclusive))
        {
            throw new UnionException(
                $"must be {(Union.IsExclusive ? "exactly" : "at least")} one of "
                + $"{string.Join(", ", Alternatives.Select(alternative => alternative.Property.Name))}"
                + $"{(Union.Discriminator is { } name ? $", as its {name} says" : "")}.");
        }

        var union = new T();
        valid[0].Alternative.Property.SetValue(union, valid[0].Value);
        return union;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var set = Array.Find(Alternatives, alternative => alternative.Property.GetValue(value) is not null)
            ?? throw new JsonException($"No alternative of {typeof(T).Name} is set.");
        JsonSerializer.Serialize(writer, set.Property.GetValue(value), set.Property.PropertyType, options);
    }

    private static IEnumerable<Alternative> Candidates(JsonElement value)
    {
        if (Union.Discriminator is not { } name)
        {
            return Alternatives;
        }

        var kind = value.ValueKind == JsonValueKind.Object
            && value.TryGetProperty(name, out var found)
            && found.ValueKind == JsonValueKind.String
            ? found.GetString()
            : null;
        return Alternatives.Where(alternative => alternative.Values.Contains(kind));
    }

    private sealed record Alternative(
        PropertyInfo Property, ValidationAttribute[] Constraints, IReadOnlyList<string> Values)
    {
        /// <summary>The value as this alternative; null when it is not valid as that.</summary>
        public object? Read(JsonElement json, JsonSerializerOptions options)
        {
            try
            {
                return json.Deserialize(Property.PropertyType, options) is { } value
                    && BodyRules.IsValid(value) != false
                    && Constraints.All(constraint => constraint.IsValid(value))
                    ? value
                    : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}

/// <summary>A value is not valid as an alternative of its union.</summary>
/// <param name="told">What is wrong, after the name of the member.</param>
internal sealed class UnionException(string told) : JsonException
{
    /// <summary>What is wrong, after the name of the member.</summary>
    public string Told => told;
}
