namespace Quiva.Gateway.ContractChecks.Server;

/// <summary>Reads operations: how they are called, with what, by whom, and what they answer.</summary>
internal static class OperationFeatures
{
    public static IEnumerable<Feature> Of(ContractDocument document) => document.Operations.Select(operation => new Feature($"operation {operation.Name}", null, operation.Line,
    [
        new("path", operation.Path, operation.PathItem.Line, []),
        new("method", operation.Method, operation.Line, []),
        Security(operation),
        Roles(operation),
        .. Feature.Of("x-max-body-bytes", operation.Value["x-max-body-bytes"]),
        .. operation.Parameters.Select(found => Parameter(document, found.Parameter)),
        .. Body(operation),
        .. operation.Responses.Select(found =>
            new Feature($"response {found.Status}", null, found.Listed.Line, [.. Content(document, found.Response)])),
    ]));

    private static Feature Security(Operation operation)
    {
        var requirements = (operation.Security?.Items ?? [])
            .Select(requirement => requirement.Members is { Count: > 0 } schemes
                ? string.Join(" and ", schemes.Select(scheme => scheme.Key))
                : "nobody in particular")
            .Order(StringComparer.Ordinal);
        return new(
            "security",
            operation.Security?.Items is { Count: > 0 } ? string.Join(" or ", requirements) : "none",
            (operation.Value["security"] ?? operation.Value).Line,
            []);
    }

    private static Feature Roles(Operation operation)
    {
        var roles = operation.Value["x-roles"];
        return new("x-roles", roles?.Items is { Count: > 0 } items ? string.Join(", ", items.Select(role => role.Text)
            .Order(StringComparer.Ordinal)) : "none", (roles ?? operation.Value).Line, []);
    }

    private static Feature Parameter(
        ContractDocument document,
        YamlValue parameter) => new($"{parameter["in"]?.Text} parameter {parameter["name"]?.Text}", null, parameter.Line,
    [
        new("required", parameter["required"]?.Text ?? "false", (parameter["required"] ?? parameter).Line, []),
        .. SchemaFeatures.Of(document, parameter["schema"]),
    ]);

    private static IEnumerable<Feature> Body(Operation operation) => operation.Body is { } body
        ? [new("request body", null, body.Line, [
            new("required", body["required"]?.Text ?? "false", (body["required"] ?? body).Line, []),
            .. Content(operation.Document, body)
        ])]
        : [];

    private static IEnumerable<Feature> Content(
        ContractDocument document, YamlValue holder) => (holder["content"]?.Members ?? [])
        .Select(media =>
            new Feature(media.Key, null, media.Value.Line, [.. SchemaFeatures.Of(document, media.Value["schema"])]));
}
