namespace Quiva.Gateway.ContractChecks.Generator;

/// <summary>Parameters: one value each, or lists, objects and maps in the query.</summary>
internal static class ParameterGenerator
{
    private static readonly string[] Known =
    [
        "name", "in", "required", "description", "deprecated", "schema", "style", "explode", "example", "examples",
        "allowEmptyValue", "allowReserved", "content"
    ];

    public static IEnumerable<Fault> Find(ContractDocument contract, Operation operation)
    {
        foreach (var clash in Words.Clashes(
            operation.Parameters.Select(found => found.Parameter),
            parameter => Words.Camel(parameter["name"]?.Text ?? "")))
        {
            yield return Fault.At(
                clash.Value,
                $"The parameters {clash.First["name"]?.Text} and {clash.Value["name"]?.Text} have one name in generated code.",
                "Give one of them another name.");
        }

        foreach (var fault in operation.Parameters.SelectMany(found => One(contract, found.Parameter)))
        {
            yield return fault;
        }
    }

    /// <summary>Whether a schema is one text, number or boolean.</summary>
    public static bool IsScalar(YamlValue schema) =>
        schema["type"]?.Text is "string" or "integer" or "number" or "boolean"
        && schema["format"]?.Text is not ("binary" or "byte");

    private static IEnumerable<Fault> One(ContractDocument contract, YamlValue parameter)
    {
        var (name, place) = (parameter["name"]?.Text ?? "", parameter["in"]?.Text ?? "");
        if (!GeneratorRules.WireName().IsMatch(name) || Words.Keywords.Contains(Words.Camel(name)))
        {
            yield return Fault.At(
                parameter["name"] ?? parameter,
                $"The parameter {name} can't name a variable.",
                "Write letters, digits, - and _, beginning with a letter, and no keyword of C# or TypeScript.");
        }

        if (place is not ("query" or "path" or "header" or "cookie"))
        {
            yield return Fault.At(
                parameter["in"] ?? parameter,
                $"The parameter {name} is in {place}.",
                "Write query, path, header or cookie.");
        }
        else if (place == "header"
            && name.ToLowerInvariant() is "accept" or "content-type" or "authorization" or "cookie")
        {
            yield return Fault.At(
                parameter,
                $"The header {name} is no parameter (OpenAPI 3.0.3, Parameter Object).",
                "Say it by content or security, or take it out.");
        }

        foreach (var (key, value) in (parameter.Members ?? [])
            .Where(member => !Known.Contains(member.Key) && !member.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            yield return Fault.At(value, $"A parameter has no {key}.", "Correct it, or put it into its schema.");
        }

        var ignoredKeys = new[]
        {
            parameter["content"],
            parameter["allowReserved"],
            place == "query" ? null : parameter["allowEmptyValue"]
        };
        foreach (var ignored in ignoredKeys.OfType<YamlValue>().Where(value => value.Text != "false"))
        {
            yield return Fault.At(
                ignored,
                $"{ignored.Path.Split('.')[^1]} of a parameter is not generated.",
                "Take it out; write a schema.");
        }

        if (parameter["schema"] is not { } schema)
        {
            yield return Fault.At(parameter, $"The parameter {name} has no schema.", "Write one.");
            yield break;
        }

        var meant = contract.Follow(schema["allOf"]?.Items is [var only] ? only : schema);
        var style = parameter["style"]?.Text;
        if (place == "query" && style == "deepObject")
        {
            if (!IsFlat(contract, meant))
            {
                yield return Fault.At(
                    schema,
                    $"The parameter {name} is not an object of single values, which deepObject is for.",
                    "Refer to an object whose properties are texts, numbers and booleans, or write a map of those.");
            }
        }
        else if (style is not null && style != (place is "query" or "cookie" ? "form" : "simple"))
        {
            yield return Fault.At(
                parameter["style"]!,
                $"The style {style} of a parameter is not generated.",
                "Leave it out; for an object in the query write deepObject, for a list form.");
        }
        else if (place == "query" && meant["type"]?.Text == "array")
        {
            if (meant["items"] is not { } items || !IsScalar(contract.Follow(items)))
            {
                yield return Fault.At(
                    schema,
                    $"The parameter {name} is a list of something else than single values.",
                    "Write a list of texts, numbers or booleans, or send it in a body.");
            }
        }
        else if (!IsScalar(meant))
        {
            yield return Fault.At(schema, $"The parameter {name} is not one value.", place == "query"
                ? "Write style: deepObject for an object, or send it in a body."
                : "Write a text, a number or a boolean.");
        }

        if (meant["default"] is { } byDefault && (parameter["required"]?.Text == "true"
            || meant["type"]?.Text == "array"
            || meant["format"]?.Text is "date" or "date-time" or "uuid"))
        {
            yield return Fault.At(
                byDefault,
                $"The default of the parameter {name} can't be put into effect.",
                "Take it out; defaults are for optional texts, numbers and booleans.");
        }
    }

    private static bool IsFlat(ContractDocument contract, YamlValue schema) =>
        schema["properties"]?.Members is { Count: > 0 } properties
            ? properties.All(property => IsScalar(contract.Follow(property.Value)))
            : schema["type"]?.Text == "object"
                && schema["additionalProperties"] is { Members: not null } values
                && IsScalar(contract.Follow(values));
}
