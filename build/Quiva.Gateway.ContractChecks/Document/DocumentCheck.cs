using YamlDotNet.Core;

namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>Check 1: the contract is valid OpenAPI 3.0 and keeps the house rules.</summary>
public static class DocumentCheck
{
    /// <summary>Finds the faults of a contract.</summary>
    /// <param name="contract">The contract.</param>
    public static IReadOnlyList<Finding> Find(ContractDocument contract) =>
    [
        .. new[]
        {
            Validity.Find,
            ReferenceRules.Find,
            OperationRules.Find,
            SecurityRules.Find,
            AnswerRules.Find,
            SchemaRules.Find,
            OwaspRules.Find,
            (Func<ContractDocument, IEnumerable<Finding>>)TextRules.Find
        }
            .SelectMany(rules => rules(contract))
            .OrderBy(finding => finding.Line)
    ];

    /// <summary>The finding for a file that is no YAML at all.</summary>
    /// <param name="exception">What the parser says.</param>
    public static Finding Malformed(YamlException exception) => new(
        "document", ContractDocument.File, (int)exception.Start.Line, $"The contract is malformed YAML: {exception.Message.TrimEnd('.')}.", "Correct it; the other checks wait for that.");

    internal static Finding At(YamlValue value, string drift, string mend) =>
        new("document", ContractDocument.File, value.Line, drift, mend);
}
