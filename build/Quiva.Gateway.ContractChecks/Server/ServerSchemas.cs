using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.ContractChecks.Server;

/// <summary>
/// Writes the server's types as OpenAPI schemas: names and types as its serializer has them, constraints as its
/// validation has them.
/// </summary>
internal sealed class ServerSchemas
{
    private static readonly object[] TypeBounds =
        [
            int.MinValue, int.MaxValue, long.MinValue, long.MaxValue, (double)long.MinValue, (double)long.MaxValue,
            double.MinValue, double.MaxValue
        ];

    private static readonly JsonSchemaExporterOptions Exporter =
        new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };

    private readonly JsonSerializerOptions json;
    private readonly JsonSerializerOptions places;

    public ServerSchemas(JsonSerializerOptions json)
    {
        this.json = json;
        places = With(json, new ComponentConverter());
    }

    /// <summary>Every DTO and enum that was generated. A list with a name is only another name for a list.</summary>
    public static IEnumerable<Type> Components { get; } =
    [
        .. typeof(Quiva.Gateway.Program).Assembly.GetExportedTypes()
            .Where(type => IsComponent(type)
                && (!type.IsAbstract || IsEnum(type))
                && !type.IsAssignableTo(typeof(System.Collections.IList)))
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <summary>The schema of a component.</summary>
    public JsonNode Component(Type type)
    {
        if (IsEnum(type))
        {
            return new JsonObject
            {
                ["type"] = "string",
                ["enum"] = new JsonArray([.. OneOfAttribute.TextsOf(type).Select(text => JsonValue.Create(text))])
            };
        }

        var properties = json.GetTypeInfo(type).Properties;
        return new JsonObject
        {
            ["type"] = "object",
            ["required"] =
                new JsonArray([.. properties.Where(IsRequired).Select(property => JsonValue.Create(property.Name))]),
            ["properties"] = new JsonObject(
                properties.Select(property => KeyValuePair.Create(property.Name, (JsonNode?)Property(property)))),
        };
    }

    /// <summary>The schema of a place that holds a type, with the constraints of that place.</summary>
    /// <param name="type">The type.</param>
    /// <param name="attributes">The constraints.</param>
    /// <param name="converter">The converter of that place.</param>
    public JsonObject Place(Type type, IReadOnlyCollection<object> attributes, JsonConverter? converter = null)
    {
        var schema = (converter is null ? places : With(places, converter))
            .GetJsonSchemaAsNode(type, Exporter)
            .AsObject();
        Constrain(schema, attributes);
        return schema;
    }

    private JsonObject Property(JsonPropertyInfo property)
    {
        var schema = Place(property.PropertyType, Attributes(property), property.CustomConverter);
        schema["nullable"] = property.IsGetNullable;
        return schema;
    }

    private static JsonSerializerOptions With(JsonSerializerOptions options, JsonConverter converter) =>
        new(options) { Converters = { converter } };

    // The texts of an enum are the constants of a static class.
    private static bool IsEnum(Type type) => type is { IsAbstract: true, IsSealed: true };

    private static bool IsComponent(Type type) =>
        type.Namespace == typeof(Contract.Error).Namespace && !type.IsGenericType;

    private static JsonObject Reference(Type type) => new() { ["$ref"] = $"#/components/schemas/{type.Name}" };

    private static bool IsRequired(JsonPropertyInfo property) =>
        property.IsRequired || Attributes(property).OfType<RequiredAttribute>().Any();

    private static object[] Attributes(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [];

    // From JSON Schema, where null is a type and "true" stands for any value, to OpenAPI 3.0.
    private static JsonObject Describe(JsonSchemaExporterContext context, JsonNode exported)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        var schema = exported as JsonObject ?? [];
        if (IsComponent(type))
        {
            return Reference(type);
        }

        if (schema["type"] is JsonArray types)
        {
            schema["type"] = types.Select(name => name!.GetValue<string>()).First(name => name != "null");
        }

        // The exporter leaves out what it has nothing to say about, which ComponentConverter makes true of components.
        if (context.TypeInfo.ElementType is { } element && IsComponent(element))
        {
            schema[context.TypeInfo.Kind == JsonTypeInfoKind.Dictionary ? "additionalProperties" : "items"] =
                Reference(element);
        }

        if (Format(type) is { } format)
        {
            schema["format"] = format;
        }

        return schema;
    }

    private static string? Format(Type type) =>
        type == typeof(int) ? "int32" : type == typeof(long) ? "int64" : type == typeof(float)
            ? "float"
            : type == typeof(double) ? "double" : type == typeof(byte[]) ? "byte" : null;

    private static void Constrain(JsonObject schema, IReadOnlyCollection<object> attributes)
    {
        foreach (var attribute in attributes)
        {
            switch (attribute)
            {
                case TextLengthAttribute length:
                    schema["minLength"] = attributes.OfType<RequiredTextAttribute>().Any() ? 1 : length.Minimum;
                    Limit(schema, "maxLength", length.Maximum);
                    break;
                case OneOfAttribute one when (string?)schema["type"] == "array":
                    schema["items"] = Reference(one.Values);
                    break;
                case OneOfAttribute one:
                    schema.Clear();
                    schema["$ref"] = Reference(one.Values)["$ref"]!.DeepClone();
                    break;
                case TextPatternAttribute pattern:
                    schema["pattern"] = pattern.Pattern;
                    break;
                case RangeAttribute range:
                    Limit(schema, "minimum", range.Minimum);
                    Limit(schema, "maximum", range.Maximum);
                    break;
                case MinLengthAttribute least:
                    schema["minItems"] = least.Length;
                    break;
                case MaxLengthAttribute most:
                    schema["maxItems"] = most.Length;
                    break;
                case AbsoluteUriAttribute:
                    schema["format"] = "uri";
                    break;
            }
        }
    }

    // The bounds of the type are what the generator writes where the contract has none.
    private static void Limit(JsonObject schema, string keyword, object limit)
    {
        if (!TypeBounds.Contains(limit))
        {
            schema[keyword] = JsonNode.Parse(Convert.ToString(limit, CultureInfo.InvariantCulture)!);
        }
    }

    /// <summary>
    /// Keeps the exporter from writing components out where they are used: it would refer to what it has written before
    /// instead.
    /// </summary>
    private sealed class ComponentConverter : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => IsComponent(typeToConvert);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert))!;

        private sealed class Of<T> : JsonConverter<T>
        {
            public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
                throw new NotSupportedException();

            public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
                throw new NotSupportedException();
        }
    }
}
