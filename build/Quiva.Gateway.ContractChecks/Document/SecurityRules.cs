namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>Who may call an operation is said, in words that the document declares.</summary>
internal static class SecurityRules
{
    public const string RoleSchema = "#/components/schemas/Role";

    public static IEnumerable<Finding> Find(ContractDocument contract)
    {
        var declared = contract.Components("securitySchemes").Select(scheme => scheme.Key).ToHashSet();
        var roles = (contract.Find(RoleSchema)?["enum"]?.Items ?? []).Select(role => role.Text).ToHashSet();
        foreach (var operation in contract.Operations.Where(operation => operation.Security?.Items is null))
        {
            yield return DocumentCheck.At(
                operation.Value,
                $"Operation {operation.Name} does not say who may call it.",
                "Give it or the document a list 'security'; an empty one opens the operation to everyone.");
        }

        // Operations share the document's own list.
        foreach (var scheme in contract.Operations.SelectMany(Schemes)
            .Where(scheme => !declared.Contains(scheme.Key))
            .DistinctBy(scheme => scheme.Value))
        {
            yield return DocumentCheck.At(
                scheme.Value,
                $"The security scheme {scheme.Key} is not declared.",
                "Correct the name, or declare it under components.securitySchemes.");
        }

        foreach (var role in contract.Operations.SelectMany(operation => operation.Value["x-roles"]?.Items ?? [])
            .Where(role => !roles.Contains(role.Text)))
        {
            yield return DocumentCheck.At(
                role,
                $"The role {role.Text} is not in components.schemas.Role.",
                "Correct the name, or add the role to the enum: nobody can have one that is not in it.");
        }
    }

    /// <summary>The schemes that an operation names.</summary>
    public static IEnumerable<KeyValuePair<string, YamlValue>> Schemes(Operation operation) =>
        (operation.Security?.Items ?? []).SelectMany(requirement => requirement.Members ?? []);
}
