using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ModelBinding.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway.ContractChecks.Server;

/// <summary>Writes what a server maps as the OpenAPI document that it would be true to.</summary>
internal static class ServerDocument
{
    private const string ContractPaths = "/hub";

    /// <summary>The document of a server, which need not be started.</summary>
    /// <param name="app">The server.</param>
    public static ContractDocument Of(WebApplication app)
    {
        var schemas =
            new ServerSchemas(app.Services.GetRequiredService<IOptions<JsonOptions>>().Value.JsonSerializerOptions);
        var described = app.Services.GetRequiredService<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items
            .SelectMany(group => group.Items)
            .ToList();
        var paths = new JsonObject();
        foreach (var api in described)
        {
            Add(
                paths,
                "/" + api.RelativePath,
                api.HttpMethod ?? "",
                api.ActionDescriptor.DisplayName ?? "",
                Operation(api, schemas));
        }

        // What MVC was told not to describe, and what is no MVC at all, answers requests all the same.
        var actions = described.Select(api => api.ActionDescriptor).ToHashSet();
        foreach (var endpoint in Endpoints(app).Where(endpoint =>
            endpoint.Metadata.GetMetadata<ActionDescriptor>() is not { } action || !actions.Contains(action)))
        {
            var path = "/" + endpoint.RoutePattern.RawText?.TrimStart('/');
            if (path.StartsWith(ContractPaths, StringComparison.OrdinalIgnoreCase))
            {
                foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["get"])
                {
                    Add(
                        paths,
                        path,
                        method,
                        endpoint.DisplayName ?? path,
                        new() { ["operationId"] = endpoint.DisplayName ?? path, ["security"] = new JsonArray() });
                }
            }
        }

        return new(new JsonObject
        {
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(ServerSchemas.Components.Select(
                type => KeyValuePair.Create(type.Name, (JsonNode?)schemas.Component(type))))
            },
        }.ToJsonString());
    }

    /// <summary>Every endpoint with a route.</summary>
    /// <param name="app">The server.</param>
    public static IEnumerable<RouteEndpoint> Endpoints(WebApplication app) =>
        ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    private static void Add(JsonObject paths, string path, string method, string display, JsonObject operation)
    {
        method = method.ToLowerInvariant();
        if (paths[path]?[method] is not null)
        {
            // Two answer to the same request: the second is an operation of its own, which no contract can have.
            path += $" ({display})";
            operation["operationId"] = display;
        }

        paths[path] ??= new JsonObject();
        paths[path]![method] = operation;
    }

    private static JsonObject Operation(ApiDescription api, ServerSchemas schemas)
    {
        var metadata = api.ActionDescriptor.EndpointMetadata;
        var operation = new JsonObject
        {
            ["operationId"] = api.ActionDescriptor.AttributeRouteInfo?.Name ?? api.ActionDescriptor.DisplayName,
            ["parameters"] =
                new JsonArray([.. api.ParameterDescriptions.Where(parameter => parameter.Source != BindingSource.Body)
                    .Select(parameter => Parameter(parameter, schemas))]),
            ["responses"] = new JsonObject(api.SupportedResponseTypes.Select(response => KeyValuePair.Create(
                response.IsDefaultResponse
                    ? "default"
                    : $"{response.StatusCode}", (JsonNode?)Response(response, schemas)))),
        };
        if (api.ParameterDescriptions.FirstOrDefault(parameter => parameter.Source == BindingSource.Body) is { } body)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = body.IsRequired,
                ["content"] = Content(
                    api.SupportedRequestFormats.Select(format => format.MediaType),
                    () => schemas.Place(body.Type, Rules(body))),
            };
        }

        Authorize(operation, metadata);
        if (metadata.OfType<IRequestSizeLimitMetadata>().LastOrDefault() is { } limit)
        {
            operation["x-max-body-bytes"] =
                limit.MaxRequestBodySize?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no limit";
        }

        return operation;
    }

    private static JsonObject Parameter(ApiParameterDescription parameter, ServerSchemas schemas)
    {
        var rules = Rules(parameter);
        return new()
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.Source.Id.ToLowerInvariant(),
            ["required"] = parameter.IsRequired || rules.OfType<RequiredAttribute>().Any(),
            ["schema"] = schemas.Place(parameter.Type, rules),
        };
    }

    private static List<object> Rules(ApiParameterDescription parameter) =>
        [.. (parameter.ModelMetadata as DefaultModelMetadata)?.ValidationMetadata.ValidatorMetadata ?? []];

    private static JsonObject Response(
        ApiResponseType response, ServerSchemas schemas) => response.Type is null || response.Type == typeof(void)
        ? []
        : new()
        {
            ["content"] = Content(
            response.ApiResponseFormats.Select(format => format.MediaType), () => schemas.Place(response.Type, []))
        };

    // A page is text, whatever it tells of.
    private static JsonObject Content(
        IEnumerable<string> mediaTypes, Func<JsonNode> schema) => new(mediaTypes.Distinct().Select(type =>
        KeyValuePair.Create(type, (JsonNode?)new JsonObject
        {
            ["schema"] = type == "text/html"
            ? new JsonObject { ["type"] = "string" }
            : schema()
        })));

    // ASP.NET tries the schemes of all attributes one after the other, and asks for a role of each attribute.
    private static void Authorize(JsonObject operation, IList<object> metadata)
    {
        var rules = metadata.OfType<IAllowAnonymous>().Any() ? [] : metadata.OfType<IAuthorizeData>().ToList();
        var schemes = rules.SelectMany(
            rule => rule.AuthenticationSchemes?.Split(',', StringSplitOptions.TrimEntries) ?? [])
            .Distinct()
            .ToList();
        var roles = rules.Where(rule => rule.Roles is not null)
            .Select(
                rule => rule.Roles!.Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal).ToArray())
            .ToList();
        var others = rules.Where(rule => rule.Policy is not null).Select(rule => $"policy {rule.Policy}");
        string[] all =
        [
            .. roles.Count == 1 ? roles[0] : roles.Select(list => $"one of {string.Join("/", list)}"),
            .. others
        ];
        operation["security"] = new JsonArray([.. (rules.Count > 0 && schemes.Count == 0
            ? ["the default scheme"]
            : schemes).Select(scheme => new JsonObject { [scheme] = new JsonArray() })]);
        operation["x-roles"] = new JsonArray([.. all.Select(role => JsonValue.Create(role))]);
    }
}
