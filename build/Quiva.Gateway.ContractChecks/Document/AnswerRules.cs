using System.Globalization;

namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>Each operation declares the refusals that a real server gives, and every error has the one shape.</summary>
internal static class AnswerRules
{
    private static readonly Dictionary<string, string> HeaderOf =
        new() { ["401"] = "WWW-Authenticate", ["429"] = "Retry-After", ["503"] = "Retry-After" };

    public static IEnumerable<Finding> Find(ContractDocument contract) => contract.Operations.SelectMany(Missing)
        // Operations share responses: one fault is told once.
        .Concat(contract.Operations.SelectMany(operation => operation.Responses)
            .DistinctBy(found => (found.Status, found.Response))
            // What leads nowhere is told by ReferenceRules.
            .Where(found => found.Response["$ref"] is null)
                .SelectMany(found => Faults(contract, found.Status, found.Response)));

    private static IEnumerable<Finding> Missing(Operation operation)
    {
        string[] needed =
        [
            .. operation.IsSecured ? ["401"] : Array.Empty<string>(),
            .. operation.Value["x-roles"] is not null ? ["403"] : Array.Empty<string>(),
            .. operation.Body is not null ? ["413", "415"] : Array.Empty<string>(),
            "429", "500", "503",
        ];
        return needed.Except(operation.Responses.Select(found => found.Status)).Select(status => DocumentCheck.At(
            operation.Value["responses"]
            ?? operation.Value, $"Operation {operation.Name} does not declare {status}, which the server can answer.", "Add it, by $ref to the shared response."));
    }

    private static IEnumerable<Finding> Faults(ContractDocument contract, string status, YamlValue response)
    {
        // "default" and "4XX" are errors too, as far as this document goes.
        var isError = !int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            || code >= 400;
        if (isError && !(response["content"]?["application/json"]?["schema"] is { } schema
            && contract.Follow(schema)["properties"]?["error"]?["type"]?.Text == "string"))
        {
            yield return DocumentCheck.At(
                response,
                $"{response.Path} is not application/json with a text named error.",
                "Refer to the schema Error or ErrorResponse: every error has the one shape.");
        }

        if (HeaderOf.TryGetValue(status, out var header) && (response["headers"]?.Members ?? [])
            .All(member => !member.Key.Equals(header, StringComparison.OrdinalIgnoreCase)))
        {
            yield return DocumentCheck.At(
                response,
                $"{response.Path} answers {status} and does not declare the header {header}.",
                $"Refer to #/components/headers/{header} under its headers.");
        }
    }
}
