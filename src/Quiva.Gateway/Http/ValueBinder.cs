using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ModelBinding.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Quiva.Gateway.Http;

/// <summary>
/// <c>allowEmptyValue</c> of the contract: a query parameter without a value counts as left out. Every other one is
/// refused.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class AllowEmptyValueAttribute : Attribute;

/// <summary>Gives parameters in the path, the query and headers to <see cref="ValueBinder"/>.</summary>
internal sealed class ValueBinderProvider : IModelBinderProvider
{
    /// <inheritdoc/>
    public IModelBinder? GetBinder(ModelBinderProviderContext context) =>
        context.BindingInfo is { BinderType: null, BindingSource: { } source }
        && (source == BindingSource.Query || source == BindingSource.Path || source == BindingSource.Header)
            ? new ValueBinder(
                context.Services.GetRequiredService<IOptions<JsonOptions>>().Value.JsonSerializerOptions,
                (context.Metadata as DefaultModelMetadata)?.Attributes.ParameterAttributes?.OfType<AllowEmptyValueAttribute>()
                    .Any() == true)
            : null;
}

/// <summary>
/// Binds one value, or in the query a list with a pair for each item. MVC's own binders take an empty value as an
/// absent one, the first of several, and numbers such as <c>0x10</c>, none of which the contract has.
/// </summary>
/// <param name="json">How values are read: as strictly as those of a body.</param>
/// <param name="mayBeEmpty">Whether an empty value counts as left out.</param>
internal sealed class ValueBinder(JsonSerializerOptions json, bool mayBeEmpty) : IModelBinder
{
    /// <inheritdoc/>
    public Task BindModelAsync(ModelBindingContext bindingContext)
    {
        var name = bindingContext.ModelMetadata.BinderModelName ?? bindingContext.FieldName;
        var request = bindingContext.HttpContext.Request;
        var values = bindingContext.BindingSource == BindingSource.Path ? new StringValues(
            request.RouteValues[name] as string)
            : bindingContext.BindingSource == BindingSource.Query ? request.Query[name]
            : Field(name, request.Headers[name]);
        if (values.Count == 0 || (mayBeEmpty && values is [""]))
        {
            return Task.CompletedTask;
        }

        var isList = bindingContext.ModelMetadata.IsEnumerableType;
        if (values.Any(string.IsNullOrEmpty) || (values.Count > 1 && !isList))
        {
            bindingContext.ModelState.TryAddModelError(
                name, values.Count > 1 && !isList ? $"{name} must be given once." : $"{name} must not be empty.");
            return Task.CompletedTask;
        }

        try
        {
            bindingContext.Result = ModelBindingResult.Success(
                isList
                    ? List(values, bindingContext.ModelType)
                    : ParameterText.Parse(values[0]!, bindingContext.ModelType, json));
        }
        catch (JsonException)
        {
            bindingContext.ModelState.TryAddModelError(name, $"{name} is not a well-formed value of its type.");
        }

        return Task.CompletedTask;
    }

    private object? List(StringValues values, Type type)
    {
        var item = json.GetTypeInfo(type).ElementType!;
        return new JsonArray([.. values.Select(value => ParameterText.Node(value!, item))]).Deserialize(type, json);
    }

    // Fields that are lists may stand in several lines (RFC 9110, section 5.3).
    private static StringValues Field(string name, StringValues lines) =>
        lines.Count > 1 && (name == HeaderNames.IfMatch || name == HeaderNames.IfNoneMatch)
            ? string.Join(", ", lines.AsEnumerable())
            : lines;
}

/// <summary>Reads values that stand in URLs and headers.</summary>
internal static class ParameterText
{
    /// <summary>Reads a value.</summary>
    /// <param name="text">The text.</param>
    /// <param name="type">The type of the value.</param>
    /// <param name="json">How values are read.</param>
    /// <exception cref="JsonException">It is no value of the type.</exception>
    public static object? Parse(string text, Type type, JsonSerializerOptions json) =>
        type == typeof(string) ? text : Node(text, type).Deserialize(type, json);

    /// <summary>The value in JSON: numbers and booleans stand as they are there, everything else in quotes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="type">The type of the value.</param>
    /// <exception cref="JsonException">It is no number or boolean.</exception>
    public static JsonNode Node(string text, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return !type.IsPrimitive && type != typeof(decimal) ? JsonValue.Create(text)
            : text.Length == text.AsSpan().Trim().Length && JsonNode.Parse(text) is JsonValue value ? value
            : throw new JsonException();
    }
}
