using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Quiva.Gateway.Http;

/// <summary>
/// Reads <c>application/x-www-form-urlencoded</c> bodies, where the contract declares them, into the contract's object:
/// each field is a text member, and the rules of members hold as for JSON.
/// </summary>
internal sealed class FormInputFormatter : InputFormatter
{
    public const string MediaType = "application/x-www-form-urlencoded";
    private readonly JsonSerializerOptions json;

    public FormInputFormatter(JsonOptions options)
    {
        json = options.JsonSerializerOptions;
        SupportedMediaTypes.Add(MediaType);
    }

    public override bool CanRead(InputFormatterContext context) =>
        base.CanRead(context)
        && MediaTypeHeaderValue.TryParse(context.HttpContext.Request.ContentType, out var type)
        && (!type.Charset.HasValue
            || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        && context.HttpContext.Request.Headers.ContentEncoding.Count == 0;

    public override async Task<InputFormatterResult> ReadRequestBodyAsync(InputFormatterContext context)
    {
        try
        {
            var fields = await new FormPipeReader(context.HttpContext.Request.BodyReader, Encoding.UTF8)
                .ReadFormAsync(context.HttpContext.RequestAborted);
            if (fields.Values.All(values => values.Count == 1))
            {
                var members = new JsonObject(fields.Select(
                    field => KeyValuePair.Create(field.Key, (JsonNode?)JsonValue.Create(field.Value.ToString()))));
                return await InputFormatterResult.SuccessAsync(members.Deserialize(context.ModelType, json));
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            // The answer says so without the parser's text.
        }

        context.ModelState.AddModelError("$", "A malformed form.");
        return await InputFormatterResult.FailureAsync();
    }
}
