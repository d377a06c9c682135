using Microsoft.AspNetCore.Builder;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Server;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>
/// Check 4: the server stands still, the contract drifts. <see cref="ServerCheckServerTests"/> has the reverse.
/// </summary>
public sealed class ServerCheckTests
{
    private const string Config = "\n    IntegrationOauthConfig:";
    private const string Id = "\n    integrationId:";
    private const string Page = "\n    OauthConfigList:";

    private static readonly DriftCase[] Operations =
    [
        new("\npaths:", "/oauth-config:", "/oauth-configs:",
            ("\npaths:|/oauth-configs:", "Operation getIntegrationsOauthConfigs, path is /hub/integrations/oauth-configs in the contract and /hub/integrations/oauth-config on the server.")),
        new("  /hub/integrations/{integration_id}/oauth-config:", "    put:", "    post:",
            ("  /hub/integrations/{integration_id}/oauth-config:|    post:", "Operation putIntegrationsOauthConfig, method is post in the contract and put on the server.")),
        new(List, "operationId: getIntegrationsOauthConfigs", "operationId: listOauthConfigs",
            (List, "Operation listOauthConfigs is in the contract, but the server does not have it."),
            ("\npaths:", "Operation getIntegrationsOauthConfigs is on the server, but not in the contract.")),
        new(
            "  /hub/integrations/oauth-config:",
            "    get:",
            "    x-get:",
            ("\npaths:", "Operation getIntegrationsOauthConfigs is on the server, but not in the contract.")),
        new(
            "",
            "\npaths:",
            "\npaths:\n  /hub/ping:\n    get:\n      operationId: ping",
            ("\npaths:|    get:", "Operation ping is in the contract, but the server does not have it.")),
        new(
            Delete,
            "'404':",
            "x-404:",
            (Delete, "Operation deleteIntegrationsOauthConfig, response 404 is on the server, but not in the contract.")),
        new(List, "        '429':", "        '409':\n          $ref: '#/components/responses/BadRequest'\n        '429':",
            (List
                + "|        '409':", "Operation getIntegrationsOauthConfigs, response 409 is in the contract, but the server does not have it.")),
        new(List + "|'200':", "schemas/OauthConfigList", "schemas/SuccessResponse",
            (List
                + "|'200':|schema:", "Operation getIntegrationsOauthConfigs, response 200, application/json, type is SuccessResponse in the contract and OauthConfigList on the server.")),
        new(List + "|'200':", "application/json:", "text/json:",
            (List
                + "|'200':|text/json:", "Operation getIntegrationsOauthConfigs, response 200, text/json is in the contract, but the server does not have it."),
            (List
                + "|'200':", "Operation getIntegrationsOauthConfigs, response 200, application/json is on the server, but not in the contract.")),
    ];

    private static readonly DriftCase[] Requests =
    [
        new(
            Put + "|x-roles:",
            "- quiva-admin",
            "- root",
            (Put
                + "|x-roles:", "Operation putIntegrationsOauthConfig, x-roles is root in the contract and quiva-admin on the server.")),
        new(
            Delete,
            "      x-roles:\n        - quiva-admin\n",
            "",
            (Delete, "Operation deleteIntegrationsOauthConfig, x-roles is none in the contract and quiva-admin on the server.")),
        new(List, "      tags:", "      security: []\n      tags:",
            (List
                + "|      security:", "Operation getIntegrationsOauthConfigs, security is none in the contract and apiKeyAuth or bearerAuth on the server.")),
        new(List, "      tags:", "      security:\n        - bearerAuth: []\n      tags:",
            (List
                + "|      security:", "Operation getIntegrationsOauthConfigs, security is bearerAuth in the contract and apiKeyAuth or bearerAuth on the server.")),
        new(
            Put,
            "x-max-body-bytes: 65536",
            "x-max-body-bytes: 1024",
            (Put
                + "|x-max-body-bytes", "Operation putIntegrationsOauthConfig, x-max-body-bytes is 1024 in the contract and 65536 on the server.")),
        new(
            Put,
            "      x-max-body-bytes: 65536\n",
            "",
            (Put, "Operation putIntegrationsOauthConfig, x-max-body-bytes = 65536 is on the server, but not in the contract.")),
        new(Put + "|requestBody:", "required: true", "required: false",
            (Put
                + "|requestBody:|required", "Operation putIntegrationsOauthConfig, request body, required is false in the contract and true on the server.")),
        new(Put + "|requestBody:", "schemas/IntegrationOauthConfig", "schemas/OauthConfigBasicData",
            (Put
                + "|requestBody:|schema:", "Operation putIntegrationsOauthConfig, request body, application/json, type is OauthConfigBasicData in the contract and IntegrationOauthConfig on the server.")),
        WithId(
            "        maxLength: 64",
            "        maxLength: 32",
            "|maxLength",
            "path parameter integration_id, maxLength is 32 in the contract and 64 on the server."),
        WithId(
            "        minLength: 1\n",
            "",
            "",
            "path parameter integration_id, minLength = 1 is on the server, but not in the contract."),
        WithId(
            "[A-Za-z0-9_-]*$'",
            "[A-Za-z0-9_.-]*$'",
            "|pattern",
            "path parameter integration_id, pattern is ^[A-Za-z0-9][A-Za-z0-9_.-]*$ in the contract and ^[A-Za-z0-9][A-Za-z0-9_-]*$ on the server."),
        WithId(
            "type: string",
            "type: boolean",
            "|schema:",
            "path parameter integration_id, type is boolean in the contract and string on the server."),
    ];

    private static readonly DriftCase[] Schemas =
    [
        new(
            Config,
            "          maxLength: 200\n",
            "          maxLength: 100\n",
            (Config
                + "|maxLength: 100", "Schema IntegrationOauthConfig, property name, maxLength is 100 in the contract and 200 on the server.")),
        new(Config, "'^[ -~]*[!-~][ -~]*$'", "'^[ -~]*$'",
            (Config
                + "|        client_id:|pattern", "Schema IntegrationOauthConfig, property client_id, pattern is ^[ -~]*$ in the contract and ^[ -~]*[!-~][ -~]*$ on the server.")),
        new("\n    OauthConfigBasicData:", "        subject:", "        identifier:",
            ("        identifier:", "Schema OauthConfigBasicData, property identifier is in the contract, but the server does not have it."),
            ("\n    OauthConfigBasicData:", "Schema OauthConfigBasicData, property subject is on the server, but not in the contract.")),
        new(
            Page + "|results_total:",
            "type: integer",
            "type: number",
            (Page
                + "|        results_total:", "Schema OauthConfigList, property results_total, type is number in the contract and integer on the server.")),
        new(
            Page + "|results_total:",
            "format: int32",
            "format: int64",
            (Page
                + "|        results_total:|format", "Schema OauthConfigList, property results_total, format is int64 in the contract and int32 on the server.")),
        new(
            Page + "|results_total:",
            "minimum: 0",
            "minimum: 1",
            (Page
                + "|        results_total:|minimum", "Schema OauthConfigList, property results_total, minimum is 1 in the contract and 0 on the server.")),
        new(Page + "|results_total:", "          minimum: 0\n", "          minimum: 0\n          maximum: 9\n",
            (Page
                + "|        results_total:|maximum", "Schema OauthConfigList, property results_total, maximum = 9 is in the contract, but the server does not have it.")),
        new(Page + "|items:", "schemas/OauthConfigBasicData", "schemas/SuccessResponse",
            (Page
                + "|          items:", "Schema OauthConfigList, property results, items, type is SuccessResponse in the contract and OauthConfigBasicData on the server.")),
        new(Page, "          type: array\n", "          type: array\n          uniqueItems: true\n",
            (Page
                + "|uniqueItems", "Schema OauthConfigList, property results, uniqueItems = true is in the contract, but the server does not have it.")),
        new(
            Config,
            "        - client_secret\n",
            "",
            (Config
                + "|        client_secret:", "Schema IntegrationOauthConfig, property client_secret, required is false in the contract and true on the server.")),
        new("\n    SuccessResponse:", "      properties:", "      required:\n        - message\n      properties:",
            ("\n    SuccessResponse:|        - message", "Schema SuccessResponse, property message, required is true in the contract and false on the server.")),
        new(Config, "          description: Name of", "          nullable: true\n          description: Name of",
            (Config
                + "|nullable", "Schema IntegrationOauthConfig, property name, nullable = true is in the contract, but the server does not have it.")),
        new(
            Config + "|        auth_url:",
            "          format: uri\n",
            "",
            (Config
                + "|        auth_url:", "Schema IntegrationOauthConfig, property auth_url, format = uri is on the server, but not in the contract.")),
        new(Config + "|        auth_url:", "format: uri", "format: email",
            (Config
                + "|        auth_url:|format", "Schema IntegrationOauthConfig, property auth_url, format is email in the contract and uri on the server.")),
        new("\n    SuccessResponse:", "      properties:", "      properties:\n        more:\n          type: string",
            ("\n    SuccessResponse:|        more:", "Schema SuccessResponse, property more is in the contract, but the server does not have it.")),
        new("\n    Role:", "        - root\n", "        - root\n        - janitor\n",
            ("\n    Role:|enum:", "Schema Role, enum is admin, billing, client, developer, janitor, monitor, quiva-admin, root in the contract and admin, billing, client, developer, monitor, quiva-admin, root on the server.")),
        new(
            "\ncomponents:",
            "\n  schemas:",
            "\n  schemas:\n    Note:\n      type: object",
            ("    Note:", "Schema Note is in the contract, but the server does not have it.")),
        new("", "\n    OauthConfigList:\n", "\n    x-OauthConfigList:\n",
            ("    x-OauthConfigList:", "Schema x-OauthConfigList is in the contract, but the server does not have it."),
            ("\npaths:", "Schema OauthConfigList is on the server, but not in the contract."),
            (List
                + "|'200':|schema:", "Operation getIntegrationsOauthConfigs, response 200, application/json, type is any in the contract and OauthConfigList on the server.")),
    ];

    private WebApplication server = null!;

    [OneTimeSetUp]
    public void Build() => server = ServerFixture.Build();

    [OneTimeTearDown]
    public async Task DisposeAsync() => await server.DisposeAsync();

    [TestCaseSource(nameof(Operations))]
    [TestCaseSource(nameof(Requests))]
    [TestCaseSource(nameof(Schemas))]
    public void A_contract_that_drifts_from_the_server_is_told_with_its_line(DriftCase drift) =>
        drift.Verify(contract => ServerCheck.Find(contract, server));

    [Test]
    public void A_renamed_parameter_is_missing_under_one_name_and_extra_under_the_other()
    {
        var contract = new ContractDocument(Edit(CheckedIn.Contract, Id, "name: integration_id", "name: id"));
        var drift = ServerCheck.Find(contract, server).Select(finding => finding.Drift).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                drift,
                Does.Contain(
                    "Operation getIntegrationOauthConfig, path parameter id is in the contract, but the server does not have it."));
            Assert.That(
                drift,
                Does.Contain(
                    "Operation getIntegrationOauthConfig, path parameter integration_id is on the server, but not in the contract."));
        }
    }

    [Test]
    public void The_server_is_what_the_contract_says() =>
        Assert.That(ServerCheck.Find(new(CheckedIn.Contract), server), Is.Empty);

    // Several operations share the parameter.
    private static DriftCase WithId(string from, string to, string at, string drift) => new(Id, from, to,
    [
        .. new ContractDocument(CheckedIn.Contract).Operations
            .Where(operation =>
                operation.Parameters.Any(found => found.Parameter.Path == "components.parameters.integrationId"))
            .Select(operation => (Id + at, $"Operation {operation.Name}, {drift}")),
    ]);
}
