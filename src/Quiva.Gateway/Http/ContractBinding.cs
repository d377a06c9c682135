using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway.Http;

/// <summary>A parameter <c>in: cookie</c>.</summary>
public sealed class FromCookieAttribute : ModelBinderAttribute
{
    /// <summary>The source that MVC's descriptions show.</summary>
    public static readonly BindingSource Cookie = new("Cookie", "Cookie", isGreedy: false, isFromRequest: true);

    /// <summary>Binds the parameter with <see cref="ParameterBinder"/>.</summary>
    public FromCookieAttribute()
        : base(typeof(ParameterBinder)) => BindingSource = Cookie;
}

/// <summary>A list in the query whose items stand in one pair, parted by commas: <c>explode: false</c>.</summary>
public sealed class FromCommaSeparatedAttribute : ModelBinderAttribute
{
    /// <summary>Binds the parameter with <see cref="ParameterBinder"/>.</summary>
    public FromCommaSeparatedAttribute()
        : base(typeof(ParameterBinder)) => BindingSource = BindingSource.Query;
}

/// <summary>
/// An object or a map in the query with a pair <c>name[member]=value</c> for each member: <c>style: deepObject</c>.
/// </summary>
public sealed class FromDeepObjectAttribute : ModelBinderAttribute
{
    /// <summary>Binds the parameter with <see cref="ParameterBinder"/>.</summary>
    public FromDeepObjectAttribute()
        : base(typeof(ParameterBinder)) => BindingSource = BindingSource.Query;
}

/// <summary>A file or a field of a <c>multipart/form-data</c> body.</summary>
public sealed class FromPartAttribute : ModelBinderAttribute
{
    /// <summary>Binds the parameter with <see cref="ParameterBinder"/>.</summary>
    public FromPartAttribute()
        : base(typeof(ParameterBinder)) => BindingSource = BindingSource.Form;
}

/// <summary>A body of bytes, read as the action reads it.</summary>
public sealed class FromRawBodyAttribute : ModelBinderAttribute
{
    /// <summary>Binds the parameter with <see cref="ParameterBinder"/>.</summary>
    public FromRawBodyAttribute()
        : base(typeof(ParameterBinder)) => BindingSource = BindingSource.Body;
}

/// <summary>Binds what MVC has no binder for. Values are read as strictly as those of a body.</summary>
public sealed class ParameterBinder(IOptions<JsonOptions> json) : IModelBinder
{
    private readonly JsonSerializerOptions options = json.Value.JsonSerializerOptions;

    /// <inheritdoc/>
    public async Task BindModelAsync(ModelBindingContext bindingContext)
    {
        var request = bindingContext.HttpContext.Request;
        var name = bindingContext.ModelMetadata.BinderModelName ?? bindingContext.ModelName;
        try
        {
            bindingContext.Result = bindingContext.BindingSource switch
            {
                var source when source == BindingSource.Body => ModelBindingResult.Success(request.Body),
                // MVC gives files a source of their own.
                var source when source == BindingSource.Form || source == BindingSource.FormFile =>
                    await PartAsync(bindingContext, name),
                var source when source == FromCookieAttribute.Cookie => request.Cookies[name] is { } cookie
                    ? ModelBindingResult.Success(ParameterText.Parse(cookie, bindingContext.ModelType, options))
                    : default,
                _ when bindingContext.ModelMetadata.IsEnumerableType
                    && options.GetTypeInfo(bindingContext.ModelType).Kind == JsonTypeInfoKind.Enumerable =>
                        List(bindingContext, request.Query[name]),
                _ => DeepObject(bindingContext, request.Query, name),
            };
        }
        catch (JsonException)
        {
            bindingContext.ModelState.TryAddModelError(name, $"{name} is not a well-formed value of its type.");
        }
    }

    private async Task<ModelBindingResult> PartAsync(ModelBindingContext context, string name)
    {
        var request = context.HttpContext.Request;
        if (!request.HasFormContentType)
        {
            return default;
        }

        var form = await request.ReadFormAsync(context.HttpContext.RequestAborted);
        if (context.ModelType == typeof(IFormFile))
        {
            return form.Files.GetFile(name) is { } file ? ModelBindingResult.Success(file) : default;
        }

        return form[name] switch
        {
            [] => default,
            [{ } text] => ModelBindingResult.Success(ParameterText.Parse(text, context.ModelType, options)),
            _ => throw new JsonException(),
        };
    }

    private ModelBindingResult List(ModelBindingContext context, Microsoft.Extensions.Primitives.StringValues values)
    {
        if (values is not [{ Length: > 0 } text])
        {
            return values.Count == 0 ? default : throw new JsonException();
        }

        var item = options.GetTypeInfo(context.ModelType).ElementType!;
        var items = text.Split(',').Select(part => ParameterText.Node(part, item)).ToArray();
        return ModelBindingResult.Success(new JsonArray(items).Deserialize(context.ModelType, options));
    }

    private ModelBindingResult DeepObject(ModelBindingContext context, IQueryCollection query, string name)
    {
        var type = options.GetTypeInfo(context.ModelType);
        var members = new JsonObject();
        if (query.ContainsKey(name))
        {
            throw new JsonException();
        }

        foreach (var (key, values) in query.Where(pair => pair.Key.StartsWith($"{name}[", StringComparison.Ordinal)))
        {
            if (!key.EndsWith(']') || values is not [{ } text])
            {
                throw new JsonException();
            }

            var member = key[(name.Length + 1)..^1];
            var memberType = type.Kind == JsonTypeInfoKind.Dictionary
                ? type.ElementType
                : type.Properties.FirstOrDefault(property => property.Name == member)?.PropertyType;
            if (memberType is not null)
            {
                members[member] = ParameterText.Node(text, memberType);
            }
        }

        return members.Count == 0
            ? default
            : ModelBindingResult.Success(members.Deserialize(context.ModelType, options));
    }
}

/// <summary>Answers of a range of statuses such as <c>4XX</c>, which MVC's own attribute can't declare.</summary>
/// <param name="range">The range.</param>
/// <param name="type">The type of the body; null when there is none.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ProducesRangeAttribute(string range, Type? type = null) : Attribute
{
    /// <summary>The range.</summary>
    public string Range { get; } = range;

    /// <summary>The type of the body; null when there is none.</summary>
    public Type? Type { get; } = type;
}
