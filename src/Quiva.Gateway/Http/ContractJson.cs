using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ModelBinding.Metadata;
using Microsoft.AspNetCore.Mvc.ModelBinding.Validation;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Http;

/// <summary>
/// How JSON is read and written: strictly, with the contract's names, and with its own words for what is wrong.
/// </summary>
public static class ContractJson
{
    // Lists and reports wrap what was sent in two more levels, and readers commonly stop at 64.
    internal const int DeepestBody = 62;
    private const int MostFaultsFound = 1000;

    /// <summary>Adds MVC with the generated controllers' rules.</summary>
    /// <param name="services">The services.</param>
    public static IMvcBuilder AddContractControllers(this IServiceCollection services)
    {
        services.AddSingleton<AnswerJson>();
        services.AddSingleton<IObjectModelValidator, BodyValidator>();
        services.AddSingleton<IPostConfigureOptions<MvcOptions>, ExactJson>();
        return services
            .AddControllers(options =>
            {
                // Messages use the contract's names.
                options.ModelMetadataDetailsProviders.Add(new SystemTextJsonValidationMetadataProvider());
                options.ModelMetadataDetailsProviders.Add(new ParameterNames());
                options.Conventions.Add(new ParameterDefaults());
                options.Filters.Add(new NotModified());
                options.Filters.Add(new RefusalFilter());
                options.ModelBinderProviders.Insert(0, new ValueBinderProvider());
                // One answer tells of everything: also of a workflow's graph when one of its nodes is at fault.
                options.ValidateComplexTypesIfChildValidationFails = true;
                options.MaxModelValidationErrors = MostFaultsFound;
                options.ModelMetadataDetailsProviders.Add(new SuppressChildValidationMetadataProvider(
                    typeof(JsonElement)));
                options.ModelMetadataDetailsProviders.Add(new SuppressChildValidationMetadataProvider(
                    typeof(FreeForm)));
                options.ModelBindingMessageProvider.SetAttemptedValueIsInvalidAccessor(
                    (_, name) => $"{name} is not a well-formed value of its type.");
                // A required member says so itself, in its own words.
                options.SuppressImplicitRequiredAttributeForNonNullableReferenceTypes = true;
            })
            .ConfigureApiBehaviorOptions(options =>
            {
                options.SuppressMapClientErrors = true;
                options.InvalidModelStateResponseFactory = ContractErrors.DescribeModelState;
            })
            .AddJsonOptions(options =>
            {
                options.AllowInputFormatterExceptionMessages = false;
                var json = options.JsonSerializerOptions;
                json.PropertyNameCaseInsensitive = false;
                json.AllowDuplicateProperties = false;
                json.NumberHandling = JsonNumberHandling.Strict;
                json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
                json.MaxDepth = DeepestBody;
                json.Converters.Add(new ExactJsonElement());
                json.Converters.Add(new ExactFreeForm());
                json.TypeInfoResolver = new DefaultJsonTypeInfoResolver
                {
                    Modifiers =
                {
                    LeaveRequiredToValidation,
                    BoundedItems.Bound,
                    NotNullableAttribute.Refuse
                }
                };
            });
    }

    // The serializer's own complaint about a missing member names the CLR type; [Required] says which one is missing.
    // For a value type, and where null is a value, only the serializer can tell absent from zero or null.
    private static void LeaveRequiredToValidation(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.IsRequired
            && !property.PropertyType.IsValueType
            && property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: true) == true))
        {
            property.IsRequired = false;
        }
    }

    /// <summary>
    /// Free-form values go out, to callers and to the database, byte for byte as they came: no number, escape or space
    /// is written anew.
    /// </summary>
    private sealed class ExactJsonElement : JsonConverter<JsonElement>
    {
        // Null is a value like any other, not the absence of one.
        public override bool HandleNull => true;

        public override JsonElement Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader, options);

        /// <summary>Reads a value; the reader itself takes any bytes between the quotes of a text.</summary>
        public static JsonElement Read(ref Utf8JsonReader reader, JsonSerializerOptions options)
        {
            var value = JsonMetadataServices.JsonElementConverter.Read(ref reader, typeof(JsonElement), options);
            return Utf8.IsValid(JsonMarshal.GetRawUtf8Value(value)) ? value : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }

    /// <summary>
    /// Free-form objects: what can't be written again, such as half of a surrogate pair in a name, is refused when it
    /// comes.
    /// </summary>
    private sealed class ExactFreeForm : JsonConverter<FreeForm>
    {
        public override FreeForm Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException();
            }

            var read = new FreeForm();
            foreach (var member in ExactJsonElement.Read(ref reader, options).EnumerateObject())
            {
                read.Add(NameOf(member), member.Value);
            }

            return read;
        }

        public override void Write(Utf8JsonWriter writer, FreeForm value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, member) in value)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        private static string NameOf(JsonProperty member)
        {
            try
            {
                return member.Name;
            }
            catch (InvalidOperationException exception)
            {
                throw new JsonException(null, exception);
            }
        }
    }

    private sealed class ParameterNames : IDisplayMetadataProvider
    {
        public void CreateDisplayMetadata(DisplayMetadataProviderContext context)
        {
            if (context.Key.MetadataKind == ModelMetadataKind.Parameter
                && context.Attributes.OfType<IModelNameProvider>().FirstOrDefault()?.Name is { } name)
            {
                context.DisplayMetadata.DisplayName = () => name;
            }
        }
    }

    /// <summary>
    /// Puts <see cref="ExactJsonInputFormatter"/> in the place of MVC's JSON reader, and <see cref="AnswerJson"/> in
    /// that of its writer.
    /// </summary>
    private sealed class ExactJson(IOptions<JsonOptions> json, AnswerJson answers, ILoggerFactory loggers)
        : IPostConfigureOptions<MvcOptions>
    {
        public void PostConfigure(string? name, MvcOptions options)
        {
            var reader = new ExactJsonInputFormatter(json.Value, loggers.CreateLogger<SystemTextJsonInputFormatter>());
            // What it lists is what MVC's description of the operations tells.
            reader.SupportedMediaTypes.Clear();
            reader.SupportedMediaTypes.Add("application/json");
            options.InputFormatters.Clear();
            options.InputFormatters.Add(reader);
            options.InputFormatters.Add(new FormInputFormatter(json.Value));
            // A form is a body: nothing else reads it.
            options.ValueProviderFactories.RemoveType<FormValueProviderFactory>();
            options.ValueProviderFactories.RemoveType<JQueryFormValueProviderFactory>();
            options.ValueProviderFactories.RemoveType<FormFileValueProviderFactory>();
            options.OutputFormatters.RemoveType<SystemTextJsonOutputFormatter>();
            options.OutputFormatters.Add(new SystemTextJsonOutputFormatter(answers.Options));
        }
    }
}

/// <summary>
/// Reads <c>application/json</c> in UTF-8 and nothing else: MVC's own reader also takes subtypes such as merge-patch,
/// other encodings, and a byte order mark, none of which the contract declares.
/// </summary>
internal sealed class ExactJsonInputFormatter(JsonOptions options, ILogger<SystemTextJsonInputFormatter> logger)
    : SystemTextJsonInputFormatter(options, logger)
{
    private const byte FirstByteOfMark = 0xEF;

    public override bool CanRead(InputFormatterContext context)
    {
        var request = context.HttpContext.Request;
        return base.CanRead(context)
            && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue
                || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            && request.Headers.ContentEncoding.Count == 0;
    }

    public override async Task<InputFormatterResult> ReadAsync(InputFormatterContext context)
    {
        try
        {
            var reader = context.HttpContext.Request.BodyReader;
            var start = await reader.ReadAtLeastAsync(1, context.HttpContext.RequestAborted);
            var marked = start.Buffer.FirstSpan is [FirstByteOfMark, ..];
            reader.AdvanceTo(start.Buffer.Start);
            if (marked)
            {
                context.ModelState.AddModelError("$", "A byte order mark.");
                return await InputFormatterResult.FailureAsync();
            }

            return await base.ReadAsync(BoundedItems.Bound(context));
        }
        catch (IOException exception) when (exception is not BadHttpRequestException and not ConnectionResetException)
        {
            // Kestrel's word for chunk sizes that overflow; it is the caller's fault like other broken framing.
            throw new BadHttpRequestException("The body is badly framed.", StatusCodes.Status400BadRequest, exception);
        }
    }
}
