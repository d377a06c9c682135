namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>References lead somewhere, and every component is led to.</summary>
internal static class ReferenceRules
{
    public static IEnumerable<Finding> Find(ContractDocument contract)
    {
        foreach (var reference in Structure.References(contract.Root)
            .Where(reference => contract.Find(reference.Text ?? "") is null))
        {
            yield return DocumentCheck.At(
                reference, $"{reference.Text} does not exist.", "Correct the name, or add the component.");
        }

        var used = Used(contract);
        foreach (var component in (contract.Root["components"]?.Members ?? [])
            .SelectMany(kind => kind.Value.Members ?? []))
        {
            if (!used.Contains(component.Value))
            {
                yield return DocumentCheck.At(
                    component.Value, $"{component.Value.Path} is not used by any operation.", "Use it or take it out.");
            }
        }
    }

    private static HashSet<YamlValue> Used(ContractDocument contract)
    {
        var used = new HashSet<YamlValue>();
        var next = new Stack<YamlValue>(contract.Root["paths"] is { } paths ? [paths] : []);
        while (next.TryPop(out var value))
        {
            foreach (var target in Structure.References(value)
                .Select(reference => contract.Find(reference.Text ?? ""))
                .OfType<YamlValue>()
                .Where(used.Add))
            {
                next.Push(target);
            }
        }

        var schemes = contract.Operations.SelectMany(SecurityRules.Schemes).Select(scheme => scheme.Key);
        used.UnionWith(contract.Components("securitySchemes")
            .Where(scheme => schemes.Contains(scheme.Key))
            .Select(scheme => scheme.Value));
        if (contract.Operations.Any(operation => operation.Value["x-roles"] is not null)
            && contract.Find(SecurityRules.RoleSchema) is { } role)
        {
            used.Add(role);
        }

        return used;
    }
}
