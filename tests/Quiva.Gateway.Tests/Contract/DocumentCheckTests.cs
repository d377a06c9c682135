using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Document;
using YamlDotNet.Core;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>
/// Check 1, on OpenAPI itself and on operations. <see cref="DocumentCheckSchemaTests"/> has the rules for schemas.
/// </summary>
public sealed class DocumentCheckTests
{
    private static readonly DriftCase[] OpenApi =
    [
        new("", "openapi: 3.0.0", "openapi: 3.1.0", ("openapi:", "The version of OpenAPI is 3.1.0.")),
        new(
            "",
            "  title: quiva.ai Gateway\n",
            "",
            ("info:", "This is not valid OpenAPI: The field 'title' in 'info' object is REQUIRED.")),
        new(List, "      summary:", "      sumary:",
            (List, "This is not valid OpenAPI: sumary is not a valid property at #/paths/~1hub~1integrations~1oauth-config/get."),
            (List, "Operation getIntegrationsOauthConfigs has no summary.")),
        new(ComponentSchemas + "|    OauthConfigBasicData:", "type: object", "type: thing",
            (ComponentSchemas
                + "|    OauthConfigBasicData:|type: thing", "This is not valid OpenAPI: Invalid schema type identifier: thing.")),
        new("\n    integrationId:", "maxLength: 64", "maxLength: many",
            ("openapi:", "The contract can't be read as OpenAPI: The input string 'many' was not in a correct format.")),
        new(
            Read + "|'404':",
            "responses/NotFound",
            "responses/Missing",
            (Read + "|'404':|$ref", "#/components/responses/Missing does not exist.")),
        new(
            "\ncomponents:",
            "\n  schemas:",
            "\n  schemas:\n    Note:\n      type: string",
            (ComponentSchemas + "|    Note:", "components.schemas.Note is not used by any operation.")),
    ];

    private static readonly DriftCase[] Operations =
    [
        new(
            List,
            "        - Oauth\n",
            "        - Oauth\n        - Nodes\n",
            (List + "|      tags:", "Operation getIntegrationsOauthConfigs has 2 tags.")),
        new(List, "        - Oauth\n", "        - Auth\n",
            (List
                + "|        - Auth", "The tag Auth of operation getIntegrationsOauthConfigs is not among the document's tags.")),
        new(
            List,
            "      operationId: getIntegrationsOauthConfigs\n",
            "",
            (List, "Operation get /hub/integrations/oauth-config has no operationId.")),
        new(Read, "operationId: getIntegrationOauthConfig\n", "operationId: getIntegrationsOauthConfigs\n",
            (Read + "|operationId", "The operationId getIntegrationsOauthConfigs is given twice.")),
        new(
            Read,
            "      summary: Read one OAuth configuration\n",
            "",
            (Read, "Operation getIntegrationOauthConfig has no summary.")),
        new(Delete, "      description: >-\n        [quiva.ai admins only] Deletes an integration's configuration, its\n        client secret included.\n", "",
            (Delete, "Operation deleteIntegrationsOauthConfig has no description.")),
        new(
            Put,
            "      x-max-body-bytes: 65536\n",
            "",
            (Put, "Operation putIntegrationsOauthConfig has a body and no x-max-body-bytes.")),
        new("\npaths:", "/integrations/oauth-config:", "/{page}/oauth-config:",
            ("\npaths:|/{page}/", "The path of operation getIntegrationsOauthConfigs has {page}, which is not declared.")),
        new(List, "      parameters:", "      parameters:\n        - $ref: '#/components/parameters/integrationId'",
            (List
                + "|        - $ref", "Operation getIntegrationsOauthConfigs declares the path parameter integration_id, which is not in its path.")),
    ];

    private static readonly DriftCase[] Security =
    [
        new(
            Put + "|x-roles:",
            "- quiva-admin",
            "- janitor",
            (Put + "|- janitor", "The role janitor is not in components.schemas.Role.")),
        new("\nsecurity:", "apiKeyAuth", "apiKey",
            ("\nsecurity:|  - apiKey", "The security scheme apiKey is not declared."),
            ("securitySchemes:|    apiKeyAuth:", "components.securitySchemes.apiKeyAuth is not used by any operation.")),
        new(
            List,
            "      tags:",
            "      security:\n        - basic: []\n      tags:",
            (List + "|        - basic", "The security scheme basic is not declared.")),
    ];

    private static readonly DriftCase[] Answers =
    [
        .. new[] { "401", "429", "500", "503" }.Select(status => Without(List, "getIntegrationsOauthConfigs", status)),
        Without(Delete, "deleteIntegrationsOauthConfig", "403"),
        Without(Put, "putIntegrationsOauthConfig", "413"),
        Without(Put, "putIntegrationsOauthConfig", "415"),
        new("\n    NotFound:", "schemas/Error", "schemas/SuccessResponse",
            ("\n    NotFound:", "components.responses.NotFound is not application/json with a text named error.")),
        new("\n    NotFound:", "application/json", "application/problem+json",
            ("\n    NotFound:", "components.responses.NotFound is not application/json with a text named error.")),
        new("\n    Unauthorized:|headers:", "WWW-Authenticate:", "Authenticate:",
            ("\n    Unauthorized:", "components.responses.Unauthorized answers 401 and does not declare the header WWW-Authenticate.")),
        new("\n    TooManyRequests:|headers:", "Retry-After:", "Retry:",
            ("\n    TooManyRequests:", "components.responses.TooManyRequests answers 429 and does not declare the header Retry-After.")),
        new("\n    Unavailable:|headers:", "Retry-After:", "Retry:",
            ("\n    Unavailable:", "components.responses.Unavailable answers 503 and does not declare the header Retry-After.")),
    ];

    [TestCaseSource(nameof(OpenApi))]
    [TestCaseSource(nameof(Operations))]
    [TestCaseSource(nameof(Security))]
    [TestCaseSource(nameof(Answers))]
    public void A_fault_is_named_with_its_line(DriftCase drift) => drift.Verify(DocumentCheck.Find);

    [Test]
    public void The_contract_has_none() => Assert.That(DocumentCheck.Find(new(CheckedIn.Contract)), Is.Empty);

    [Test]
    public void Without_security_nobody_is_named()
    {
        var contract = new ContractDocument(Edit(CheckedIn.Contract, "", "\nsecurity:", "\nx-security:"));
        Assert.That(
            DocumentCheck.Find(contract).Select(finding => finding.Drift),
            Is.SupersetOf(contract.Operations.Where(operation => operation.Value["security"] is null)
                .Select(operation => $"Operation {operation.Name} does not say who may call it.")));
    }

    [TestCase(
        "  title: quiva.ai Gateway", "  title: 'quiva.ai Gateway", TestName = "An open quote is told with its line")]
    [TestCase("  version: 0.1.0", "  title: another", TestName = "A key given twice is told with its line")]
    public void Malformed_YAML_is_told_with_its_line(string from, string to)
    {
        var text = Edit(CheckedIn.Contract, "", from, to);
        var finding = DocumentCheck.Malformed(Assert.Catch<YamlException>(() => _ = new ContractDocument(text)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(finding.Line, Is.GreaterThanOrEqualTo(Line(text, to)));
            Assert.That(finding.Drift, Does.StartWith("The contract is malformed YAML: "));
        }
    }

    private static DriftCase Without(string operation, string name, string status) => new(
        $"{operation}|responses:", $"'{status}':", $"x-{status}:", ($"{operation}|responses:", $"Operation {name} does not declare {status}, which the server can answer."));
}
