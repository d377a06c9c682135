using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Http;

/// <summary>
/// The one place where refusals become answers in the contract's shape, <c>{"error": "…"}</c>: exceptions, model-state errors, and the bare
/// status codes of ASP.NET. None of them tells a rejected value, a C# name or a parser's text.
/// </summary>
public sealed partial class ContractErrors(ILogger<ContractErrors> logger) : IExceptionHandler
{
    private const string BodyName = "The request body";
    private const string FailedTitle = "Not connected";
    private const int RetryAfterSeconds = 5;

    // The serializer has one type of exception for everything; tests notice when these words change.
    private const string TooDeep = "maximum configured depth";

    // Of members that are numbers and booleans: only the serializer can tell their absence from zero and false.
    private const string Missing = "missing required properties including: ";

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to read an answer.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var (status, message) = exception switch
        {
            GatewayException refusal => ((int)refusal.Error, refusal.Message),
            BadHttpRequestException bad => (bad.StatusCode, TextOf(bad.StatusCode)),
            _ => (StatusCodes.Status500InternalServerError, TextOf(StatusCodes.Status500InternalServerError)),
        };
        if (status == StatusCodes.Status500InternalServerError)
        {
            LogFailure(httpContext.Request.Method, OperationOf(httpContext), exception);
        }

        httpContext.Response.StatusCode = status;
        if (status == StatusCodes.Status429TooManyRequests)
        {
            var seconds = Math.Max(1, (exception as GatewayException)?.RetryAfter?.TotalSeconds ?? RetryAfterSeconds);
            httpContext.Response.Headers.RetryAfter = Math.Ceiling(seconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            // Not the caller's credentials but a sign-in's state was refused; RFC 9110 wants a challenge all the same.
            httpContext.Response.Headers.WWWAuthenticate = $"State realm=\"{Security.GatewayAuthentication.Realm}\"";
        }

        await WriteAsync(httpContext, message, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? httpContext.GetEndpoint());
        return true;
    }

    /// <summary>Gives an answer that ASP.NET left empty (unknown path, wrong method, refused credentials …) its body.</summary>
    /// <param name="context">The answer.</param>
    public static Task DescribeStatusAsync(StatusCodeContext context) =>
        WriteAsync(
            context.HttpContext,
            context.HttpContext.Response.StatusCode == StatusCodes.Status415UnsupportedMediaType && TakesForm(context.HttpContext.GetEndpoint())
                ? $"Send the body as {FormInputFormatter.MediaType} in UTF-8 without a content coding."
                : TextOf(context.HttpContext.Response.StatusCode),
            null);

    /// <summary>Says what is wrong with a request that could not be bound or that breaks a constraint.</summary>
    /// <param name="context">The action and its model state.</param>
    public static IActionResult DescribeModelState(ActionContext context)
    {
        var body = BodyOf(context);
        var json = context.HttpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.JsonSerializerOptions;
        var members = body is null ? [] : json.GetTypeInfo(body.ParameterType).Properties.Select(property => property.Name).ToList();
        var faults = context.ModelState
            .Where(entry => entry.Value?.ValidationState == ModelValidationState.Invalid)
            .OrderBy(entry => members.IndexOf(entry.Key.Split('.', '[')[0]))
            .SelectMany(entry => entry.Value!.Errors.Where(error => error.Exception is not TooManyModelErrorsException).Select(error => Describe(body, json, entry.Key, error)))
            .Distinct()
            .ToList();
        // A body that could not be read leaves nothing to say about its members.
        var malformed = Malformed(body, json);
        var text = !faults.Contains(malformed) ? GatewayException.Join(faults)
            : TakesForm(context.HttpContext.GetEndpoint()) ? $"{BodyName} must be a form in UTF-8, with each field named once."
            : malformed;
        return Page.IsWanted(context.HttpContext, context.HttpContext.GetEndpoint(), StatusCodes.Status400BadRequest)
            ? Page.Result(context.HttpContext, StatusCodes.Status400BadRequest, FailedTitle, text)
            : new BadRequestObjectResult(new Error { Message = text });
    }

    private static string Describe(ParameterDescriptor? body, JsonSerializerOptions json, string key, ModelError error)
    {
        if (error.Exception is TooManyItemsException { Most: var most })
        {
            // The path ends with the item that was one too many.
            var list = key[1..key.LastIndexOf('[')].TrimStart('.');
            return $"{(list.Length == 0 ? BodyName : list)} must have at most {most} items.";
        }

        if (error.Exception is JsonException { Message: var told } && told.Contains(TooDeep, StringComparison.Ordinal))
        {
            return $"{BodyName} must be nested at most {ContractJson.DeepestBody} levels deep.";
        }

        if (error.Exception is JsonException { Message: var missing } && missing.Split(Missing) is [_, var names])
        {
            var inside = key.Length > 1 ? key[1..].TrimStart('.') + "." : "";
            return string.Join(' ', names.Split('.')[0].Split(", ").Select(name => $"{inside}{name.Trim('\'')} is required."));
        }

        if (error.Exception is UnionException { Told: var fault })
        {
            return $"{(key.Length > 1 ? key[1..].TrimStart('.') : BodyName)} {fault}";
        }

        if (error.Exception is NullMemberException)
        {
            return $"{key[1..].TrimStart('.')} must not be null; leave it out.";
        }

        if (key.StartsWith('$') || error.Exception is not null)
        {
            // A name that the contract does not know is the caller's own text.
            return body is not null && key.StartsWith('$') && IsKnown(json.GetTypeInfo(body.ParameterType), key[1..])
                ? $"{key[1..].TrimStart('.')} must be there once, with a well-formed value of its type."
                : Malformed(body, json);
        }

        // The body has no name of its own; a fault of it is its absence, or that it is too long a list.
        if (key.Length == 0 || key == body?.Name)
        {
            return error.ErrorMessage.StartsWith(BodyName, StringComparison.Ordinal) ? error.ErrorMessage : Malformed(body, json);
        }

        // A message speaks of the member alone, unless it says itself where that is.
        var name = key[(key.LastIndexOf('.') + 1)..];
        var holder = key[..^name.Length].TrimEnd('.');
        return holder.Length == 0 || error.ErrorMessage.Contains(':') ? error.ErrorMessage
            : error.ErrorMessage.StartsWith(name + " ", StringComparison.Ordinal) ? $"{holder}.{error.ErrorMessage}"
            : $"{holder}: {error.ErrorMessage}";
    }

    private static bool TakesForm(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<ConsumesAttribute>()?.ContentTypes.Contains(FormInputFormatter.MediaType) == true;

    private static string Malformed(ParameterDescriptor? body, JsonSerializerOptions json)
    {
        var kind = body is not null && json.GetTypeInfo(body.ParameterType).Kind == JsonTypeInfoKind.Enumerable ? "array" : "object";
        return $"{BodyName} must be one JSON {kind} in UTF-8 without a byte order mark, with each member named once.";
    }

    private static ParameterDescriptor? BodyOf(ActionContext context) =>
        context.ActionDescriptor.Parameters.FirstOrDefault(parameter => parameter.BindingInfo?.BindingSource == BindingSource.Body);

    /// <summary>Whether a path of the serializer, such as <c>.nodes[3].data</c>, leads through the contract's members alone.</summary>
    private static bool IsKnown(JsonTypeInfo? type, string path)
    {
        var steps = Steps().Matches(path);
        foreach (var step in steps.Select(step => step.Value))
        {
            type = step.StartsWith('[')
                ? type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } ? type.Options.GetTypeInfo(element) : null
                : type is { Kind: JsonTypeInfoKind.Object } && type.Properties.FirstOrDefault(property => property.Name == step[1..]) is { } member ? type.Options.GetTypeInfo(member.PropertyType) : null;
            if (type is null)
            {
                return false;
            }
        }

        return steps.Count > 0 && steps.Sum(step => step.Length) == path.Length;
    }

    [GeneratedRegex(@"\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]+\]", RegexOptions.NonBacktracking)]
    private static partial Regex Steps();

    // The handler's own run has no endpoint; the failed one's name is the operationId.
    private static string? OperationOf(HttpContext context) =>
        context.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;

    private static Task WriteAsync(HttpContext context, string message, Endpoint? endpoint)
    {
        var status = context.Response.StatusCode;
        if (status is StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        // The contract declares pages for refusals that a person can do something about.
        return Page.IsWanted(context, endpoint, status)
            ? Page.WriteAsync(context, FailedTitle, message)
            : context.Response.WriteAsJsonAsync(new Error { Message = message }, context.RequestAborted);
    }

    private static string TextOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is malformed.",
        StatusCodes.Status401Unauthorized => "Send one valid credential: a bearer token or an X-Api-Key.",
        StatusCodes.Status403Forbidden => "Your role does not allow this operation.",
        StatusCodes.Status404NotFound => "There is nothing at this path.",
        StatusCodes.Status405MethodNotAllowed => "This path does not have that method; the Allow header lists the ones it has.",
        StatusCodes.Status408RequestTimeout => "The request body arrived too slowly.",
        StatusCodes.Status413PayloadTooLarge => "The request body is too large.",
        StatusCodes.Status415UnsupportedMediaType => "Send the body as application/json in UTF-8 without a content coding.",
        StatusCodes.Status429TooManyRequests => "Too many requests. Try again later.",
        StatusCodes.Status503ServiceUnavailable => GatewayException.UnavailableMessage,
        >= 500 => "Internal error.",
        _ => "The request was refused.",
    };

    // .NET no longer logs what an exception handler has handled.
    [LoggerMessage(EventId = 1101, EventName = "OperationFailed", Level = LogLevel.Error,
        Message = "{Method} {Operation} failed")]
    private partial void LogFailure(string method, string? operation, Exception exception);
}
