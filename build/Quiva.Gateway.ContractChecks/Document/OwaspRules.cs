using System.Text.RegularExpressions;

namespace Quiva.Gateway.ContractChecks.Document;

/// <summary>
/// What the OWASP API Security Top 10 (2023, https://owasp.org/API-Security) asks of a document, as far as the other
/// rules do not. A place may be exempt: <c>x-lint-ignore: {rule: reason}</c> beside it.
/// </summary>
internal static partial class OwaspRules
{
    private const string Exemption = "x-lint-ignore";

    private static readonly string[] WeakSchemes = ["basic", "digest", "negotiate", "oauth"];

    private static readonly string[] Numbers = ["integer", "number"];

    public static IEnumerable<Finding> Find(ContractDocument contract)
    {
        var used = new HashSet<YamlValue>();
        foreach (var fault in Faults(contract))
        {
            if (fault.At[Exemption]?[fault.Rule] is { } exemption)
            {
                used.Add(exemption);
            }
            else
            {
                yield return DocumentCheck.At(fault.At, $"{fault.Drift} ({fault.Rule})", fault.Mend);
            }
        }

        foreach (var exemption in Exemptions(contract.Root))
        {
            if (!used.Contains(exemption))
            {
                yield return DocumentCheck.At(
                    exemption,
                    $"{exemption.Path} exempts from nothing.",
                    "Take it out, or correct the name of its rule.");
            }
            else if (string.IsNullOrWhiteSpace(exemption.Text))
            {
                yield return DocumentCheck.At(
                    exemption, $"{exemption.Path} has no reason.", "Say why the place is exempt.");
            }
        }
    }

    private static IEnumerable<Fault> Faults(ContractDocument contract) =>
        contract.Operations.SelectMany(operation => Open(operation).Concat(Refusal(operation)))
            // Operations share parameters: one fault is told once.
            .Concat(contract.Operations.SelectMany(operation => operation.Parameters.Select(found => found.Parameter))
                .Distinct()
                .SelectMany(parameter => Parameter(parameter, contract)))
            .Concat(Schemas.OfRequests(contract).SelectMany(Bounds))
            .Concat(Schemas.OfRequests(contract).SelectMany(BlankTexts.Find))
            .Concat(contract.Components("securitySchemes")
                .SelectMany(scheme => Scheme(contract.Follow(scheme.Value), scheme.Key)))
            .Concat((contract.Root["servers"]?.Items ?? []).SelectMany(Server));

    // API2: an alternative without a scheme opens the operation, and looks like a list of credentials.
    private static IEnumerable<Fault> Open(Operation operation) => (operation.Security?.Items ?? [])
        .Where(alternative => alternative.Members is { Count: 0 })
        .Select(alternative => new Fault(
            "optional-security",
            alternative,
            $"Operation {operation.Name} takes no credentials as well as some.",
            "Ask for credentials, or open it with an empty list."));

    // API8: whoever sends nonsense learns so.
    private static IEnumerable<Fault> Refusal(Operation operation) =>
        (operation.Parameters.Any() || operation.Body is not null)
        && operation.Responses.All(found => found.Status is not ("400" or "422" or "4XX"))
            ? [new(
                "validation-answer",
                operation.Value,
                $"Operation {operation.Name} takes input and does not declare 400.",
                "Add it, by $ref to the shared response.")]
            : [];

    private static IEnumerable<Fault> Parameter(YamlValue parameter, ContractDocument contract)
    {
        var (name, place) = (parameter["name"]?.Text ?? "", parameter["in"]?.Text);
        // API2: URLs end up in logs, histories and Referer headers.
        if (place is "query" or "path" && Credential().IsMatch(name))
        {
            yield return new(
                "credentials-in-url",
                parameter,
                $"The {place} parameter {name} carries a credential in the URL.",
                "Send it in a header or in the body.");
        }

        // API1: numbers in sequence let callers guess the identifiers of others.
        if (Identifier().IsMatch(name)
            && parameter["schema"] is { } schema
            && Numbers.Contains(contract.Follow(schema)["type"]?.Text))
        {
            yield return new(
                "numeric-id",
                parameter,
                $"The {place} parameter {name} is a number.",
                "Identify by text that can't be guessed.");
        }
    }

    // API4: what is not bounded can exhaust the server.
    private static IEnumerable<Fault> Bounds(YamlValue schema)
    {
        var type = schema["type"]?.Text;
        if (type == "array" && schema["maxItems"] is null)
        {
            yield return new(
                "array-limit",
                schema,
                $"{schema.Path} is a list from callers without maxItems.",
                "Say how many items it may have.");
        }

        if (Numbers.Contains(type)
            && schema["enum"] is null
            && (schema["minimum"] is null || schema["maximum"] is null))
        {
            yield return new(
                "number-limit",
                schema,
                $"{schema.Path} is a number from callers without minimum and maximum.",
                "Say how small and how large it may be.");
        }

        if (type == "integer" && schema["format"] is null)
        {
            yield return new(
                "integer-format", schema, $"{schema.Path} is an integer without a format.", "Write int32 or int64.");
        }
    }

    // API2 again.
    private static IEnumerable<Fault> Scheme(YamlValue scheme, string name)
    {
        if (scheme["type"]?.Text == "http" && WeakSchemes.Contains(scheme["scheme"]?.Text?.ToLowerInvariant()))
        {
            yield return new(
                "weak-scheme",
                scheme,
                $"The security scheme {name} is HTTP {scheme["scheme"]!.Text}.",
                "Use a bearer token or a key in a header.");
        }

        if (scheme["type"]?.Text == "apiKey" && scheme["in"]?.Text == "query")
        {
            yield return new(
                "credentials-in-url",
                scheme,
                $"The security scheme {name} carries its key in the URL.",
                "Send it in a header.");
        }

        var flows = (scheme["flows"]?.Members ?? [])
            .SelectMany(flow => flow.Value.Members ?? [])
            .Select(member => member.Value);
        foreach (var url in flows.Append(scheme["openIdConnectUrl"]).OfType<YamlValue>().Where(IsPlain))
        {
            yield return new("plain-http", url, $"The security scheme {name} leads to {url.Text}.", "Use https.");
        }
    }

    // API8: a relative URL is as safe as the one that the document came from.
    private static IEnumerable<Fault> Server(YamlValue server) => server["url"] is { } url && IsPlain(url)
        ? [new("plain-http", server, $"The server {url.Text} is reached in the clear.", "Use https.")]
        : [];

    private static bool IsPlain(YamlValue url) => url.Text is { } text
        && text.Contains("://", StringComparison.Ordinal)
        && !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<YamlValue> Exemptions(YamlValue value) => (value.Items ?? []).SelectMany(Exemptions)
        .Concat((value.Members ?? []).SelectMany(member => member.Key == Exemption
            ? (member.Value.Members ?? []).Select(rule => rule.Value)
            : Exemptions(member.Value)));

    [GeneratedRegex(
        "(^|[_-])(token|secret|password|passwd|pwd|credentials?|api[_-]?key)$|[a-z](Token|Secret|Password|ApiKey)$|^apikey$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Credential();

    [GeneratedRegex("^id$|[_-]id$|[a-z]Id$")]
    private static partial Regex Identifier();

    /// <param name="Rule">What an exemption names.</param>
    /// <param name="At">The place, where an exemption may stand.</param>
    /// <param name="Drift">The fault, a sentence.</param>
    /// <param name="Mend">How to mend it, a sentence.</param>
    internal sealed record Fault(string Rule, YamlValue At, string Drift, string Mend);
}
