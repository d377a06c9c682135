using System.Text.RegularExpressions;

namespace Quiva.Gateway.ContractChecks.Generator;

/// <summary>
/// What the generator makes of a contract is known for what these rules let through; everything else is refused with
/// its line, so that nothing ends as a compiler error in generated code or is left out in silence. openapi/README.md
/// lists both.
/// </summary>
public static partial class GeneratorRules
{
    private static readonly string[] Texts = ["description", "summary", "title"];

    /// <summary>Finds what can't be generated.</summary>
    /// <param name="contract">The contract.</param>
    public static IReadOnlyList<Fault> Find(ContractDocument contract) =>
    [
        .. Document(contract)
            .Concat(References(contract))
            .Concat(TextFaults(contract))
            .Concat(OperationGenerator.Find(contract))
            .Concat(SchemaGenerator.Find(contract))
            .DistinctBy(fault => (fault.Line, fault.What))
            .OrderBy(fault => fault.Line)
    ];

    private static IEnumerable<Fault> Document(ContractDocument contract)
    {
        if (contract.Root["openapi"]?.Text is not { } version || !version.StartsWith("3.0.", StringComparison.Ordinal))
        {
            yield return Fault.At(
                contract.Root["openapi"] ?? contract.Root,
                "The contract is not OpenAPI 3.0.",
                "Write openapi: 3.0.3: the generators are built for it.");
        }

        foreach (var clash in Words.Clashes(contract.Components("schemas"), component => component.Key))
        {
            yield return Fault.At(
                clash.Value.Value,
                $"The schemas {clash.First.Key} and {clash.Value.Key} differ in case alone.",
                "Give one of them another name.");
        }
    }

    private static IEnumerable<Fault> References(ContractDocument contract)
    {
        foreach (var (holder, reference) in Holders(contract.Root))
        {
            if (reference.Text is not { } pointer || !pointer.StartsWith("#/components/", StringComparison.Ordinal))
            {
                yield return Fault.At(
                    reference,
                    $"The reference {reference.Text} leads out of the components of this file.",
                    "Copy its target into components, and refer to that.");
            }
            else if (contract.Find(pointer) is null)
            {
                yield return Fault.At(
                    reference, $"The reference {pointer} leads nowhere.", "Correct it, or add the component.");
            }
            else if (holder.Members!.FirstOrDefault(member => member.Key != "$ref"
                && !member.Key.StartsWith("x-", StringComparison.Ordinal)) is { Key: { } beside })
            {
                yield return Fault.At(
                    holder[
                        beside]!, $"{beside} stands beside a $ref, where OpenAPI 3.0 ignores it.", "Put the reference into allOf: [{$ref: …}] and write this beside that.");
            }
        }
    }

    private static IEnumerable<(YamlValue Holder, YamlValue Reference)> Holders(YamlValue value)
    {
        if (value["$ref"] is { Text: not null } reference)
        {
            yield return (value, reference);
        }

        foreach (var found in (value.Items ?? []).Concat((value.Members ?? [])
            .Where(member => member.Key is not ("example" or "examples" or "default" or "enum")
                && !member.Key.StartsWith("x-", StringComparison.Ordinal))
            .Select(member => member.Value)).SelectMany(Holders))
        {
            yield return found;
        }
    }

    // Texts become comments, and a comment in TypeScript ends with these.
    private static IEnumerable<Fault> TextFaults(ContractDocument contract) => Structure.Keywords(contract.Root)
        .Where(found => Texts.Contains(found.Keyword)
            && found.Value.Text?.Contains("*/", StringComparison.Ordinal) == true)
        .Select(found => Fault.At(
            found.Value,
            $"The {found.Keyword} holds */, which would end the comment that it becomes.",
            "Write it apart: * /."));

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*$", RegexOptions.NonBacktracking)]
    internal static partial Regex Name();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_-]*$", RegexOptions.NonBacktracking)]
    internal static partial Regex WireName();
}
