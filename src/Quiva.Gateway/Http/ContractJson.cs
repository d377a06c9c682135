using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ModelBinding.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Quiva.Gateway.Http;

/// <summary>How JSON is read and written: strictly, with the contract's names, and with its own words for what is wrong.</summary>
public static class ContractJson
{
    /// <summary>Adds MVC with the generated controllers' rules.</summary>
    /// <param name="services">The services.</param>
    public static IMvcBuilder AddContractControllers(this IServiceCollection services)
    {
        services.AddSingleton<IPostConfigureOptions<MvcOptions>, ExactJson>();
        return services
            .AddControllers(options =>
            {
                // Messages use the contract's names.
                options.ModelMetadataDetailsProviders.Add(new SystemTextJsonValidationMetadataProvider());
                options.ModelMetadataDetailsProviders.Add(new ParameterNames());
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
                json.MaxDepth = 32;
                json.TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveRequiredToValidation } };
            });
    }

    // The serializer's own complaint about a missing member names the CLR type; [Required] says which one is missing.
    // For a value type it is the only one who can tell absent from zero.
    private static void LeaveRequiredToValidation(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.IsRequired && !property.PropertyType.IsValueType))
        {
            property.IsRequired = false;
        }
    }

    private sealed class ParameterNames : IDisplayMetadataProvider
    {
        public void CreateDisplayMetadata(DisplayMetadataProviderContext context)
        {
            if (context.Key.MetadataKind == ModelMetadataKind.Parameter && context.Attributes.OfType<IModelNameProvider>().FirstOrDefault()?.Name is { } name)
            {
                context.DisplayMetadata.DisplayName = () => name;
            }
        }
    }

    /// <summary>Puts <see cref="ExactJsonInputFormatter"/> in the place of MVC's JSON reader.</summary>
    private sealed class ExactJson(IOptions<JsonOptions> json, ILoggerFactory loggers) : IPostConfigureOptions<MvcOptions>
    {
        public void PostConfigure(string? name, MvcOptions options)
        {
            var reader = new ExactJsonInputFormatter(json.Value, loggers.CreateLogger<SystemTextJsonInputFormatter>());
            // What it lists is what MVC's description of the operations tells.
            reader.SupportedMediaTypes.Clear();
            reader.SupportedMediaTypes.Add("application/json");
            options.InputFormatters.Clear();
            options.InputFormatters.Add(reader);
        }
    }
}

/// <summary>
/// Reads <c>application/json</c> in UTF-8 and nothing else: MVC's own reader also takes subtypes such as merge-patch, other encodings, and a
/// byte order mark, none of which the contract declares.
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
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
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

            return await base.ReadAsync(context);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException and not ConnectionResetException)
        {
            // Kestrel's word for chunk sizes that overflow; it is the caller's fault like other broken framing.
            throw new BadHttpRequestException("The body is badly framed.", StatusCodes.Status400BadRequest, exception);
        }
    }
}
