using System.Linq.Expressions;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Http;

/// <summary>A part of the contract that is stored as JSON.</summary>
internal interface IStored
{
    /// <summary>What was stored; null when the value itself has what it says.</summary>
    StoredJson? Stored { get; }
}

/// <summary>
/// How answers, and what is stored, are written: like requests are read, but that what is stored already is copied.
/// </summary>
public sealed class AnswerJson
{
    /// <summary>Reads the options of requests.</summary>
    /// <param name="requests">The options that requests are read with.</param>
    public AnswerJson(IOptions<JsonOptions> requests)
    {
        Requests = requests.Value.JsonSerializerOptions;
        // Written anew, and without more escapes than JSON needs: as MVC writes.
        var parsed = new JsonSerializerOptions(Requests)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = Requests.TypeInfoResolver!.WithAddedModifier(SkipAbsentValues),
        };
        Parsed = parsed;
        Options = new JsonSerializerOptions(
            parsed)
        { Converters = { new Copying<WorkflowConfig>(parsed), new Copying<NodeData>(parsed) } };
    }

    /// <summary>The options for answers.</summary>
    public JsonSerializerOptions Options { get; }

    /// <summary>The options that requests, and what is stored, are read with.</summary>
    public JsonSerializerOptions Requests { get; }

    private JsonSerializerOptions Parsed { get; }

    /// <summary>Writes what is to be stored: the members that the contract knows.</summary>
    /// <typeparam name="T">A part of the contract.</typeparam>
    /// <param name="value">A valid value.</param>
    public StoredJson Write<T>(T value) => new(JsonSerializer.SerializeToUtf8Bytes(value, Parsed));

    // Whether a free-form value is absent is something that it knows; .NET would compare it with an absent one by
    // reflection.
    private static void SkipAbsentValues(JsonTypeInfo type)
    {
        for (var i = 0; i < type.Properties.Count; i++)
        {
            if (type.Properties[i] is { PropertyType: var value, AttributeProvider: PropertyInfo member } property
                && value == typeof(JsonElement))
            {
                var optional = type.CreateJsonPropertyInfo(typeof(JsonElement?), property.Name);
                optional.Get = ReaderOf(member);
                type.Properties[i] = optional;
            }
        }
    }

    private static Func<object, object?> ReaderOf(PropertyInfo member)
    {
        var holder = Expression.Parameter(typeof(object));
        var value = Expression.Property(Expression.Convert(holder, member.DeclaringType!), member);
        var isAbsent = Expression.Equal(
            Expression.Property(value, nameof(JsonElement.ValueKind)), Expression.Constant(JsonValueKind.Undefined));
        return Expression.Lambda<Func<object, object?>>(
            Expression.Condition(
                isAbsent, Expression.Constant(null), Expression.Convert(value, typeof(object))), holder)
                .Compile();
    }

    private sealed class Copying<T>(JsonSerializerOptions parsed) : JsonConverter<T>
        where T : IStored
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("These options are for answers.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            if (value.Stored is { } stored)
            {
                stored.WriteTo(writer);
            }
            else
            {
                JsonSerializer.Serialize(writer, value, parsed);
            }
        }
    }
}
