using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>What OpenAPI itself asks of a document.</summary>
internal static partial class Validity
{
    public static IEnumerable<Finding> Find(ContractDocument contract)
    {
        ReadResult result;
        try
        {
            result = OpenApiDocument.Parse(contract.Root.ToJson()?.ToJsonString() ?? "null", OpenApiConstants.Json);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or InvalidOperationException or ArgumentException or InvalidCastException
            or OpenApiException)
        {
            // The reader gives up at a value of the wrong type, and does not say where.
            return [DocumentCheck.At(
                contract.Root,
                $"The contract can't be read as OpenAPI: {exception.Message.TrimEnd('.')}.",
                "Look for a value of the wrong type, such as text where a number belongs.")];
        }

        var faults = result.Diagnostic!.Errors
            // ReferenceRules names these, whatever they refer to.
            .Concat(result.Diagnostic.Warnings.Where(
                warning => warning.Pointer?.EndsWith("$ref", StringComparison.Ordinal) != true))
            .Select(error => Fault(contract, error));
        return result.Diagnostic.SpecificationVersion == OpenApiSpecVersion.OpenApi3_0
            ? faults
            : faults.Prepend(DocumentCheck.At(
                contract.Root["openapi"] ?? contract.Root,
                $"The version of OpenAPI is {contract.Root["openapi"]?.Text ?? "not given"}.",
                "Write 3.0.x: the generators and the clients are built for it."));
    }

    private static Finding Fault(ContractDocument contract, OpenApiError error)
    {
        var told = error.Pointer is { Length: > 0 } given ? given : Pointer().Match(error.Message).Value;
        var pointer = Corrected(contract, told);
        var message = told.Length == 0 ? error.Message : error.Message.Replace(told, pointer, StringComparison.Ordinal);
        return DocumentCheck.At(
            contract.Nearest(pointer),
            $"This is not valid OpenAPI: {message.TrimEnd('.')}.",
            "Correct it as OpenAPI 3.0 says (https://spec.openapis.org/oas/v3.0.4).");
    }

    // After a request body the reader puts the body's own path before the paths of what follows.
    private static string Corrected(ContractDocument contract, string pointer)
    {
        if (contract.Find(pointer) is not null)
        {
            return pointer;
        }

        var section = Math.Max(
            pointer.LastIndexOf("/components/", StringComparison.Ordinal),
            pointer.LastIndexOf("/paths/", StringComparison.Ordinal));
        var path = pointer.LastIndexOf("/~1", StringComparison.Ordinal);
        return path > section ? "#/paths" + pointer[path..] : section > 1 ? "#" + pointer[section..] : pointer;
    }

    [GeneratedRegex(@"#/\S*")]
    private static partial Regex Pointer();
}
