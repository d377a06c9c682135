using System.Text.RegularExpressions;

namespace Quiva.Gateway.ContractChecks.Generator;

/// <summary>Operations: their names, paths, bodies and answers.</summary>
internal static partial class OperationGenerator
{
    private static readonly string[] Ignored = ["callbacks", "servers"];

    public static IEnumerable<Fault> Find(ContractDocument contract) => contract.Operations
        .SelectMany(operation => Names(operation)
            .Concat(ParameterGenerator.Find(contract, operation))
            .Concat(Body(contract, operation))
            .Concat(Answers(contract, operation)))
        .Concat(Words.Clashes(contract.Operations, operation => operation.Name)
            .Select(clash => Fault.At(
                clash.Value.Value,
                $"The operationId {clash.Value.Name} is given twice, in this case or another.",
                "Give each operation a name of its own: methods are named after it.")))
        .Concat(Words.Clashes(
            contract.Operations, operation => $"{operation.Method} {Placeholder().Replace(operation.Path, "{}")}")
            .Select(clash => Fault.At(
                clash.Value.Value,
                $"{clash.Value.Path} and {clash.First.Path} are the same to a router.",
                "Give them paths that differ in more than case and the names of parameters.")));

    private static IEnumerable<Fault> Names(Operation operation)
    {
        if (operation.Value["operationId"] is not { Text: { } id } named)
        {
            yield return Fault.At(
                operation.Value,
                $"{operation.Method} {operation.Path} has no operationId.",
                "Write one: methods are named after it.");
        }
        else if (!GeneratorRules.Name().IsMatch(id) || Words.ControllerMembers.Contains(Words.Pascal(id)))
        {
            yield return Fault.At(
                named,
                $"The operationId {id} can't name a method of a controller.",
                "Write letters and digits, beginning with a letter, and no name that MVC's ControllerBase has.");
        }

        var tags = operation.Value["tags"]?.Items ?? [];
        if (tags is not [{ Text: { } tag }])
        {
            yield return Fault.At(
                operation.Value["tags"] ?? operation.Value,
                $"Operation {operation.Name} has {tags.Count} tags.",
                "Give it exactly one: it decides the controller and the client.");
        }
        else if (!GeneratorRules.Name().IsMatch(tag) || char.IsLower(tag[0]))
        {
            yield return Fault.At(
                tags[0],
                $"The tag {tag} can't name a controller.",
                "Write letters and digits, beginning with a capital.");
        }

        if (operation.Method == "trace")
        {
            yield return Fault.At(operation.Value, "MVC has no operations of the method trace.", "Take it out.");
        }

        if (!PathTemplate().IsMatch(operation.Path))
        {
            yield return Fault.At(
                operation.PathItem,
                $"The path {operation.Path} can't be a route.",
                "Write letters, digits, - . _ ~ : and parameters as {name}, whose names are letters, digits and _.");
        }

        foreach (var ignored in Ignored.Select(key => operation.Value[key] ?? operation.PathItem[key])
            .OfType<YamlValue>())
        {
            yield return Fault.At(
                ignored, $"{ignored.Path.Split('.')[^1]} of an operation are not generated.", "Take them out.");
        }
    }

    private static IEnumerable<Fault> Body(ContractDocument contract, Operation operation)
    {
        if (operation.Body is not { } body)
        {
            yield break;
        }

        if (operation.Method is "get" or "head" or "delete")
        {
            yield return Fault.At(
                body,
                $"A {operation.Method} has no body (RFC 9110, section 9.3).",
                "Use parameters, or another method.");
        }

        if (body["required"]?.Text != "true")
        {
            yield return Fault.At(
                body,
                $"The body of operation {operation.Name} may be left out, which the server can't tell from an empty one.",
                "Write required: true.");
        }

        if (body["content"]?.Members is not [var (type, media)])
        {
            yield return Fault.At(
                body["content"] ?? body,
                $"The body of operation {operation.Name} is not of exactly one media type.",
                "Write one.");
            yield break;
        }

        var schema = media["schema"];
        var meant = schema is null ? null : contract.Follow(schema);
        if (media["encoding"] is { } encoding)
        {
            yield return Fault.At(encoding, "encoding is not generated.", "Take it out.");
        }

        if (schema is null || meant is null)
        {
            yield return Fault.At(media, $"The body of operation {operation.Name} has no schema.", "Write one.");
        }
        else if (type == "multipart/form-data")
        {
            foreach (var fault in Form(contract, meant))
            {
                yield return fault;
            }
        }
        else if (type == "application/x-www-form-urlencoded"
            && meant["properties"]?.Members?.All(
                property => ParameterGenerator.IsScalar(contract.Follow(property.Value))) == true)
        {
            yield break;
        }
        else if (type != "application/json" && !IsBinary(meant))
        {
            yield return Fault.At(
                media,
                $"The media type {type} of a body is not generated.",
                "Write application/json, a form of single values, multipart/form-data, or a schema of type string and format binary.");
        }
        else if (type == "application/json" && (meant["type"]?.Text is not ("object" or "array")
            && meant["allOf"] is null
            && meant["properties"] is null
            && Unions.Of(meant) is null))
        {
            yield return Fault.At(
                schema,
                $"The body of operation {operation.Name} is neither an object nor a list.",
                "Put the value into an object.");
        }
    }

    private static IEnumerable<Fault> Form(ContractDocument contract, YamlValue form)
    {
        foreach (var (name, property) in form["properties"]?.Members ?? [])
        {
            var meant = contract.Follow(property);
            if (!IsBinary(meant) && !ParameterGenerator.IsScalar(meant))
            {
                yield return Fault.At(
                    property,
                    $"The part {name} of a form is neither a file nor one value.",
                    "Write string with format binary, or a text, number or boolean.");
            }
            else if (Words.Keywords.Contains(Words.Camel(name)))
            {
                yield return Fault.At(
                    property, $"The part {name} of a form can't name a variable.", "Give it another name.");
            }
        }

        if (form["properties"] is null)
        {
            yield return Fault.At(form, "A form has no properties.", "Write a schema with properties.");
        }
    }

    private static IEnumerable<Fault> Answers(ContractDocument contract, Operation operation)
    {
        var bodies = new List<(string Type, YamlValue Place)>();
        foreach (var (status, response, listed) in operation.Responses)
        {
            if (!Status().IsMatch(status))
            {
                yield return Fault.At(
                    listed, $"{status} is no status.", "Write a number, a range such as 4XX, or default.");
            }

            var content = (response["content"]?.Members ?? [])
                .Where(media => media.Key != "text/html" || response["x-page"]?.Text != "true")
                .ToList();
            foreach (var (type, media) in content)
            {
                var schema = media["schema"];
                if (content.Count > 1
                    || schema is null
                    || (type != "application/json" && !IsBinary(contract.Follow(schema))))
                {
                    yield return Fault.At(
                        media,
                        $"The answer {status} of operation {operation.Name} is neither JSON nor a file.",
                        "Write application/json alone, or one media type with a schema of type string and format binary.");
                }
                else if (status.StartsWith('2'))
                {
                    bodies.Add((type == "application/json" ? contract.Follow(schema).Path : "binary", schema));
                }
            }
        }

        if (operation.Responses.All(
            found => !found.Status.StartsWith('2') || found.Status.EndsWith("XX", StringComparison.Ordinal))
            && operation.Responses.All(found => !found.Status.StartsWith('3')))
        {
            yield return Fault.At(
                operation.Value["responses"] ?? operation.Value,
                $"Operation {operation.Name} declares no success.",
                "Add an answer with a status of 200 to 299.");
        }

        foreach (var other in bodies.Where(body => body.Type != bodies[0].Type))
        {
            yield return Fault.At(
                other.Place,
                $"Operation {operation.Name} answers with different bodies when it succeeds.",
                "Refer to one schema from all of them: methods return one type.");
        }
    }

    internal static bool IsBinary(YamlValue schema) =>
        schema["type"]?.Text == "string" && schema["format"]?.Text == "binary";

    [GeneratedRegex(@"^[1-5]([0-9][0-9]|XX)$|^default$", RegexOptions.NonBacktracking)]
    private static partial Regex Status();

    [GeneratedRegex(@"^(/([A-Za-z0-9._~:-]|\{[A-Za-z_][A-Za-z0-9_]*\})+)+$", RegexOptions.NonBacktracking)]
    private static partial Regex PathTemplate();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.NonBacktracking)]
    private static partial Regex Placeholder();
}
