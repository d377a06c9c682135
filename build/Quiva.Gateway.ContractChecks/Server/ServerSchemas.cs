using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.ContractChecks.Server;

/// <summary>Writes the server's types as OpenAPI schemas: names and types as its serializer has them, constraints as its validation has them.</summary>
internal sealed class ServerSchemas
{
    private static readonly object[] TypeBounds = [int.MinValue, int.MaxValue, long.MinValue, long.MaxValue, double.MinValue, double.MaxValue];

    private readonly JsonSerializerOptions json;
    private readonly JsonSerializerOptions jsonOfEnums;
    private readonly JsonSchemaExporterOptions exporter;

    public ServerSchemas(JsonSerializerOptions json)
    {
        this.json = json;
        // Each property brings its own converter; the enum itself has none.
        jsonOfEnums = new(json) { Converters = { new JsonStringEnumConverter() } };
        exporter = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };
    }

    /// <summary>Every DTO and enum that was generated, by the name of its component.</summary>
    public static IEnumerable<Type> Components { get; } =
        [.. typeof(Quiva.Gateway.Program).Assembly.GetExportedTypes().Where(type => IsComponent(type) && !type.IsAbstract).OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>The schema of a component.</summary>
    public JsonNode Component(Type type) => (type.IsEnum ? jsonOfEnums : json).GetJsonSchemaAsNode(type, exporter);

    /// <summary>The schema of a place that holds a type, with the constraints of that place.</summary>
    public JsonNode Place(Type type, IEnumerable<object> attributes)
    {
        var meant = Nullable.GetUnderlyingType(type) ?? type;
        if (IsComponent(meant))
        {
            return Reference(meant);
        }

        var schema = Component(meant) as JsonObject ?? [];
        Constrain(schema, attributes);
        return schema;
    }

    private static bool IsComponent(Type type) => type.Namespace == typeof(Contract.Error).Namespace && !type.IsGenericType;

    private static JsonObject Reference(Type type) => new() { ["$ref"] = $"#/components/schemas/{type.Name}" };

    private static JsonObject Describe(JsonSchemaExporterContext context, JsonNode exported)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        // JSON Schema's "true": any value.
        var schema = exported as JsonObject ?? [];
        var types = (schema["type"] as JsonArray ?? []).Select(value => value?.GetValue<string>()).ToList();
        var isNullable = types.Contains("null") || (schema["enum"] as JsonArray)?.Contains(null) == true;
        if (context.Path.Length > 0 && IsComponent(type) && schema["type"]?.ToJsonString() != "\"integer\"")
        {
            schema = Reference(type);
        }
        else if (types.Count > 0)
        {
            schema["type"] = types.First(name => name != "null");
        }

        if (Format(type) is { } format)
        {
            schema["format"] = format;
        }

        if (context.PropertyInfo is { } property)
        {
            if (isNullable && IsRequired(property))
            {
                schema["nullable"] = true;
            }

            Constrain(schema, Attributes(property));
        }

        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object && schema["$ref"] is null)
        {
            schema["required"] = new JsonArray([.. context.TypeInfo.Properties.Where(IsRequired).Select(found => JsonValue.Create(found.Name))]);
        }

        return schema;
    }

    private static bool IsRequired(JsonPropertyInfo property) => property.IsRequired || Attributes(property).OfType<RequiredAttribute>().Any();

    private static object[] Attributes(JsonPropertyInfo property) => property.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [];

    private static string? Format(Type type) =>
        type == typeof(int) ? "int32" : type == typeof(long) ? "int64" : type == typeof(float) ? "float" : type == typeof(double) ? "double" : type == typeof(byte[]) ? "byte" : null;

    private static void Constrain(JsonObject schema, IEnumerable<object> attributes)
    {
        foreach (var attribute in attributes)
        {
            switch (attribute)
            {
                case TextLengthAttribute length:
                    schema["minLength"] = length.Minimum;
                    Limit(schema, "maxLength", length.Maximum);
                    break;
                case RegularExpressionAttribute pattern:
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
}
