using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Quiva.Gateway.Contract;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Tests.Contract;

namespace Quiva.Gateway.Tests.Http;

/// <summary>
/// Every parameter and every member of every body of the contract, sent as the contract does not allow it: empty,
/// twice, null, blank, of a wrong type, out of bounds. A new operation is in it without a line here.
/// </summary>
public sealed partial class ContractConstraintTests
{
    private static readonly ContractDocument Contract = new(CheckedIn.Contract);

    private GatewayApp app = null!;
    private HttpClient client = null!;

    private static IEnumerable<string> Operations => Contract.Operations.Select(operation => operation.Name);

    private static IEnumerable<string> WithBody =>
        Contract.Operations.Where(operation => Json(operation) is not null).Select(operation => operation.Name);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite, "--Oauth:SweepIntervalSeconds=0");
        client = await app.ClientAsync("acme", [.. OneOfAttribute.TextsOf(typeof(Role))]);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    [TestCaseSource(nameof(Operations))]
    public async Task A_parameter_is_neither_empty_nor_repeated_nor_of_another_type(string name)
    {
        var operation = Find(name);
        using (Assert.EnterMultipleScope())
        {
            foreach (var parameter in operation.Parameters.Select(found => found.Parameter)
                .Where(found => found["in"]!.Text is "query" or "header"))
            {
                await ParameterAsync(operation, parameter);
            }
        }
    }

    [TestCaseSource(nameof(WithBody))]
    public async Task A_member_of_a_body_is_what_its_schema_says(string name)
    {
        var operation = Find(name);
        using (Assert.EnterMultipleScope())
        {
            foreach (var member in Members(Json(operation)!, [], 0))
            {
                await MemberAsync(operation, member);
            }
        }
    }

    private async Task ParameterAsync(Operation operation, YamlValue parameter)
    {
        var name = parameter["name"]!.Text!;
        var schema = Contract.Follow(parameter["schema"]!);
        var valid = Value(parameter, schema);
        if (schema["type"]?.Text is "object" or "array")
        {
            return;
        }

        var isEmptyAllowed = parameter["allowEmptyValue"]?.Text == "true";
        await ExpectAsync(operation, parameter, [""], $"{name} must not be empty.", isExpected: !isEmptyAllowed);
        await ExpectAsync(operation, parameter, [valid], $"{name} must be given once.", isExpected: false);
        if (parameter["in"]!.Text == "query")
        {
            await ExpectAsync(operation, parameter, [valid, valid], $"{name} must be given once.", isExpected: true);
        }

        string[] malformed = schema["type"]?.Text switch
        {
            "integer" => ["0x10", " 1", "+1", "1.5", "1,000", "null", "true", "x"],
            "boolean" => ["True", "1", "null", " true", "yes"],
            _ => [],
        };
        foreach (var text in malformed)
        {
            await ExpectAsync(
                operation, parameter, [text], $"{name} is not a well-formed value of its type.", isExpected: true);
        }
    }

    private async Task ExpectAsync(
        Operation operation, YamlValue parameter, string[] values, string sentence, bool isExpected)
    {
        using var request = Request(operation, parameter, values);
        request.Content = Json(operation) is null
            ? null
            : new StringContent(Example(operation).ToJsonString(), Encoding.UTF8, "application/json");
        var (status, text) = await SendAsync(request);
        Assert.That(
            (status == HttpStatusCode.BadRequest && text.Contains(sentence, StringComparison.Ordinal)) == isExpected,
            $"{operation.Name} {parameter["name"]!.Text}={string.Join('|', values)}: {status} {text}");
    }

    private async Task MemberAsync(Operation operation, (string[] Path, YamlValue Schema, bool IsRequired) member)
    {
        var (path, schema, isRequired) = member;
        var meant = Contract.Follow(schema["allOf"]?.Items is [var only] ? only : schema);
        var takesNull = schema["nullable"]?.Text == "true"
            || meant["nullable"]?.Text == "true"
            || (meant["type"] ?? meant["oneOf"]) is null;
        await ExpectAsync(
            operation, path, null, isRefused: isRequired || !takesNull, isRequired ? null : "must not be null");
        foreach (var (value, isRefused) in Wrong(meant))
        {
            await ExpectAsync(operation, path, value, isRefused, null);
        }
    }

    private static IEnumerable<(JsonNode Value, bool IsRefused)> Wrong(YamlValue schema)
    {
        static int? Number(YamlValue? value) => int.TryParse(
            value?.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
        switch (schema["type"]?.Text)
        {
            case "string" when schema["enum"] is null:
                var isNeeded = Number(schema["minLength"]) > 0;
                var pattern = schema["pattern"]?.Text;
                yield return ("", isNeeded || (pattern is not null && !Regex.IsMatch("", pattern)));
                foreach (var blank in isNeeded
                    ? new[] { " ", "\t \u3000", "\u200B\u200D", "\uFEFF", "\u00AD", "\u3164" }
                    : [])
                {
                    yield return (blank, true);
                }

                yield return (7, true);
                if (Number(schema["maxLength"]) is { } most)
                {
                    yield return (new string('a', most + 1), true);
                }

                break;
            case "string":
                yield return ("", true);
                break;
            case "integer":
                yield return ("1", true);
                yield return (1.5, true);
                if (Number(schema["minimum"]) is { } least)
                {
                    yield return (least - 1, true);
                }

                break;
            case "boolean":
                yield return ("true", true);
                break;
            case "array":
                yield return (new JsonArray((JsonNode?)null), true);
                yield return (new JsonObject(), true);
                break;
            case "object":
                yield return (new JsonArray(), true);
                if (Contract.Follow(schema["additionalProperties"] ?? schema)["type"]?.Text == "string")
                {
                    yield return (new JsonObject { ["a"] = null }, true);
                }

                break;
        }
    }

    private async Task ExpectAsync(
        Operation operation, string[] path, JsonNode? value, bool isRefused, string? sentence)
    {
        var body = Example(operation);
        Put(body, path, value);
        using var request = Request(operation, null, []);
        request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        var (status, text) = await SendAsync(request);
        // A refusal names the member, in its own words where it has some; what is right is not named.
        var isNamed = status == HttpStatusCode.BadRequest
            && (sentence is null || text.Contains(sentence, StringComparison.Ordinal));
        if (isRefused)
        {
            Assert.That(
                isNamed,
                $"{operation.Name} {string.Join('.', path)}={value?.ToJsonString() ?? "null"}: {status} {text}");
        }
        else
        {
            Assert.That(
                text,
                Does.Not.Contain($"{path[^1]} must"),
                $"{operation.Name} {string.Join('.', path)}={value?.ToJsonString() ?? "null"}");
        }
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A request as the contract's examples have it, but for one parameter.</summary>
    private static HttpRequestMessage Request(Operation operation, YamlValue? changed, string[] values)
    {
        var path = Placeholder()
            .Replace(operation.Path, match => Uri.EscapeDataString(Value(Parameter(operation, match.Groups[1].Value))));
        var query = new List<string>();
        var request = new HttpRequestMessage { Method = new(operation.Method.ToUpperInvariant()) };
        foreach (var (parameter, _) in operation.Parameters.Where(found => found.Parameter["in"]!.Text != "path"))
        {
            string[] sent = ReferenceEquals(parameter, changed)
                ? values
                : parameter["required"]?.Text == "true" ? [Value(parameter)] : [];
            query.AddRange(parameter["in"]!.Text == "query" ? sent.Select(
                value => $"{parameter["name"]!.Text}={Uri.EscapeDataString(value)}") : []);
            foreach (var value in parameter["in"]!.Text == "header" ? sent : [])
            {
                request.Headers.TryAddWithoutValidation(parameter["name"]!.Text!, value);
            }
        }

        request.RequestUri = new(query.Count == 0 ? path : $"{path}?{string.Join('&', query)}", UriKind.Relative);
        return request;
    }

    private static YamlValue Parameter(Operation operation, string name) =>
        operation.Parameters.First(found => found.Parameter["name"]!.Text == name).Parameter;

    private static string Value(YamlValue parameter) => Value(parameter, Contract.Follow(parameter["schema"]!));

    private static string Value(YamlValue parameter, YamlValue schema) =>
        (parameter["example"] ?? schema["example"] ?? schema["enum"]?.Items?[0])?.Text
        ?? schema["type"]?.Text switch { "integer" => "1", "boolean" => "true", _ => "0" };

    private static Operation Find(string name) => Contract.Operations.Single(operation => operation.Name == name);

    private static YamlValue? Json(Operation operation) =>
        operation.Body?["content"]?["application/json"]?["schema"] is { } schema ? Contract.Follow(schema) : null;

    private static JsonNode Example(Operation operation)
    {
        var media = operation.Body!["content"]!["application/json"]!;
        return (media["example"] ?? media["examples"]!.Members![0].Value["value"])!.ToJson()!;
    }

    /// <summary>
    /// The members of a schema and of those within it, with what leads to them; 0 stands for an item.
    /// </summary>
    private static IEnumerable<(string[] Path, YamlValue Schema, bool IsRequired)> Members(
        YamlValue schema, string[] path, int depth)
    {
        schema = Contract.Follow(schema["allOf"]?.Items is [var only] ? only : schema);
        if (depth > 8)
        {
            yield break;
        }

        if (schema["items"] is { } item)
        {
            foreach (var found in Members(item, [.. path, "0"], depth + 1))
            {
                yield return found;
            }
        }

        var required = (schema["required"]?.Items ?? []).Select(name => name.Text).ToHashSet();
        foreach (var (name, property) in schema["properties"]?.Members ?? [])
        {
            yield return ([.. path, name], property, required.Contains(name));
            foreach (var found in Members(property, [.. path, name], depth + 1))
            {
                yield return found;
            }
        }
    }

    // Objects and lists that lead to the place are made where the example has none.
    private static void Put(JsonNode body, string[] path, JsonNode? value)
    {
        for (var at = 0; at < path.Length; at++)
        {
            var isLast = at == path.Length - 1;
            if (body is JsonArray list)
            {
                if (list.Count == 0)
                {
                    list.Add(new JsonObject());
                }

                body = list[0]!;
                continue;
            }

            if (isLast)
            {
                body[path[at]] = value?.DeepClone();
                return;
            }

            body = body[path[at]] ??= path[at + 1] == "0" ? new JsonArray() : new JsonObject();
        }
    }

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex Placeholder();
}
