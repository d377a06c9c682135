using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Document;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>Check 1, on what the OWASP API Security Top 10 asks for.</summary>
public sealed class DocumentCheckOwaspTests
{
    private const string Connections = "  /hub/integrations/oauth-connections:|    get:";
    private const string Parameters = "      parameters:";
    private const string Responses = "      responses:";
    private const string Known =
        "x-lint-ignore: {credentials-in-url: Published with it; oauth-token does the same without}";

    private static readonly DriftCase[] Faults =
    [
        Parameter(
            "{name: access_token, in: query, schema: {type: string, maxLength: 9}}",
            "The query parameter access_token carries a credential in the URL. (credentials-in-url)"),
        Parameter(
            "{name: api_key, in: query, schema: {type: string, maxLength: 9}}",
            "The query parameter api_key carries a credential in the URL. (credentials-in-url)"),
        Parameter(
            "{name: userPassword, in: query, schema: {type: string, maxLength: 9}}",
            "The query parameter userPassword carries a credential in the URL. (credentials-in-url)"),
        Parameter(
            "{name: user_id, in: query, schema: {type: integer, format: int64, minimum: 1, maximum: 9}}",
            "The query parameter user_id is a number. (numeric-id)"),
        Parameter("{name: tags, in: query, schema: {type: array, items: {type: string, maxLength: 9}}}",
            "paths./hub/integrations/oauth-connections.get.parameters[0].schema is a list from callers without maxItems. (array-limit)"),
        Parameter("{name: page, in: query, schema: {type: integer, format: int32, minimum: 1}}",
            "paths./hub/integrations/oauth-connections.get.parameters[0].schema is a number from callers without minimum and maximum. (number-limit)"),
        Parameter(
            "{name: page, in: query, schema: {type: integer, minimum: 1, maximum: 9}}",
            "paths./hub/integrations/oauth-connections.get.parameters[0].schema is an integer without a format. (integer-format)"),
        new(Connections, Responses, "      security: [{bearerAuth: []}, {}]\n" + Responses,
            (Connections
                + "|      security:", "Operation getIntegrationsOauthConnections takes no credentials as well as some. (optional-security)")),
        new(
            Read,
            "'400':",
            "x-400:",
            (Read, "Operation getIntegrationOauthConfig takes input and does not declare 400. (validation-answer)")),
        new(
            "\n    bearerAuth:",
            "scheme: bearer",
            "scheme: Basic",
            ("\n    bearerAuth:", "The security scheme bearerAuth is HTTP Basic. (weak-scheme)")),
        new(
            "\n    apiKeyAuth:",
            "in: header",
            "in: query",
            ("\n    apiKeyAuth:", "The security scheme apiKeyAuth carries its key in the URL. (credentials-in-url)")),
        new("\n    bearerAuth:", "      type: http\n      scheme: bearer\n      bearerFormat: JWT\n", "      type: openIdConnect\n      openIdConnectUrl: http://id.example\n",
            ("\n    bearerAuth:|openIdConnectUrl", "The security scheme bearerAuth leads to http://id.example. (plain-http)")),
        new(
            "\nservers:",
            "url: https:",
            "url: http:",
            ("\nservers:|  - url", "The server http://api.quiva.ai is reached in the clear. (plain-http)")),
    ];

    private static readonly DriftCase[] Exemptions =
    [
        new(
            "",
            "          " + Known + "\n",
            "",
            ("refreshIntegrationsOauthToken|        - name: refresh_token", "The query parameter refresh_token carries a credential in the URL. (credentials-in-url)")),
        new("", Known, "x-lint-ignore: {credentials-in-url: ''}",
            ("x-lint-ignore", "paths./hub/integrations/{integration_id}/oauth-refresh-token/{connection_id}.get.parameters[0].x-lint-ignore.credentials-in-url has no reason.")),
        new("", Known, Known.Replace("}", ", numeric-id: It is text}", StringComparison.Ordinal),
            ("x-lint-ignore", "paths./hub/integrations/{integration_id}/oauth-refresh-token/{connection_id}.get.parameters[0].x-lint-ignore.numeric-id exempts from nothing.")),
        new(
            "\nservers:",
            "  - url: /\n",
            "  - url: /\n    x-lint-ignore: {plain-http: It is relative}\n",
            ("\nservers:|x-lint-ignore", "servers[1].x-lint-ignore.plain-http exempts from nothing.")),
    ];

    [TestCaseSource(nameof(Faults))]
    [TestCaseSource(nameof(Exemptions))]
    public void A_fault_is_named_with_its_line(DriftCase drift) =>
        drift.Verify(contract => [.. OwaspRules.Find(contract)]);

    [TestCase("{name: token_type, in: query, schema: {type: string, maxLength: 9}}")]
    [TestCase("{name: X-Secret, in: header, schema: {type: string, maxLength: 9}}")]
    [TestCase("{name: size, in: query, schema: {type: integer, format: int32, enum: [1, 2]}}")]
    [TestCase("{name: valid, in: query, schema: {type: array, maxItems: 3, items: {type: boolean}}}")]
    public void What_is_no_fault_is_not_named(string parameter) =>
        Assert.That(OwaspRules.Find(new ContractDocument(
            Edit(CheckedIn.Contract, Connections, Parameters, $"{Parameters}\n        - {parameter}"))), Is.Empty);

    // A parameter's schema stands on the parameter's own line here.
    private static DriftCase Parameter(string parameter, string drift) =>
        new(
            Connections,
            Parameters,
            $"{Parameters}\n        - {parameter}",
            (Connections + "|      parameters:|        - {", drift));
}
