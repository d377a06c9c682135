using Quiva.Gateway.ContractChecks;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>Check 2.</summary>
public sealed class SeedCheckTests
{
    private const string Operation = "paths./hub/integrations/{integration_id}/oauth-config.put";

    private static readonly DriftCase[] Changes =
    [
        new(
            "",
            "title: quiva.ai Gateway",
            "title: Gateway",
            ("  title: Gateway", "info.title is \"Gateway\" instead of \"quiva.ai Gateway\".")),
        new(
            "",
            "  version: 0.1.0",
            "  version: 0.1",
            ("  version: 0.1", "info.version is 0.1, which is no version from 0.1.0 on.")),
        new(
            "",
            "  version: 0.1.0",
            "  version: 0.0.9",
            ("  version: 0.0.9", "info.version is \"0.0.9\", which is no version from 0.1.0 on.")),
        new(Put, "OAuth configuration for a specific\n", "OAuth configuration of a specific\n",
            (Put
                + "|description", $"{Operation}.description is \"[quiva.ai admins only] Update the OAuth configuration of a specific integration - full configuration replacement\""
                + " instead of \"[quiva.ai admins only] Update the OAuth configuration for a specific integration - full configuration replacement\".")),
        new(
            Put,
            "            required: true\n".TrimStart(),
            "required: 'true'\n",
            (Put + "|        required:", $"{Operation}.requestBody.required is \"true\" instead of true.")),
        new(Put
            + "|requestBody:", "                  client_id: '123456789.987654321'", "                  client_id: 123456789.987654321",
            (Put
                + "|                  client_id:", $"{Operation}.requestBody.content.application/json.examples.slack.value.client_id is 123456789.987654321 instead of \"123456789.987654321\".")),
        new(Put + "|requestBody:", "                  name: Slack API\n", "",
            (Put
                + "|requestBody:|                value:", $"{Operation}.requestBody.content.application/json.examples.slack.value.name is missing.")),
        new(
            Put,
            "operationId: putIntegrationsOauthConfig",
            "x-operationId: putIntegrationsOauthConfig",
            (Put, $"{Operation}.operationId is missing.")),
        new(
            ComponentSchemas + "|    IntegrationOauthConfig:|required:",
            "        - client_secret\n",
            "",
            (ComponentSchemas
                + "|    IntegrationOauthConfig:|      required:", "components.schemas.IntegrationOauthConfig.required has 7 items instead of 8.")),
        new(ComponentSchemas
            + "|    IntegrationOauthConfig:|required:", "        - client_secret\n", "        - client_secret\n        - more\n",
            (ComponentSchemas
                + "|    IntegrationOauthConfig:|      required:", "components.schemas.IntegrationOauthConfig.required has 9 items instead of 8.")),
        new("\nservers:", "  - url: https://api.quiva.ai\n", "  - url: https://api.example\n",
            ("\nservers:|  - url", "servers[0].url is \"https://api.example\" instead of \"https://api.quiva.ai\".")),
        new(
            "\ntags:",
            "  - name: Collections",
            "  - name: Folders",
            ("\ntags:|  - name", "tags[0].name is \"Folders\" instead of \"Collections\".")),
        new("\nsecurity:", "  - apiKeyAuth: []\n", "", ("\nsecurity:", "security has 1 items instead of 2.")),
        new("  /hub/integrations/{integration_id}/oauth-config:", "    parameters:\n      - $ref: '#/components/parameters/integrationId'\n", "    parameters: []\n",
            ("  /hub/integrations/{integration_id}/oauth-config:|    parameters", "paths./hub/integrations/{integration_id}/oauth-config.parameters has 0 items instead of 1.")),
        new(
            Put + "|'401':",
            "schema:",
            "x-schema:",
            (Put
                + "|'401':|application/json:", $"{Operation}.responses.401.content.application/json.schema is missing.")),
        new("\n    Error:", "\n        error:\n          type: string", "\n        error: string",
            ("\n    Error:|        error:", "components.schemas.Error.properties.error is \"string\" instead of a mapping.")),
    ];

    [TestCaseSource(nameof(Changes))]
    public void A_change_of_the_seed_is_named_with_its_line(DriftCase drift) =>
        drift.Verify(contract => SeedCheck.Find(contract, Seed));

    [TestCase("0.1.1")]
    [TestCase("1.0.0")]
    public void A_release_may_raise_the_version(string version) =>
        Assert.That(
            SeedCheck.Find(new(Edit(CheckedIn.Contract, "", "  version: 0.1.0", $"  version: {version}")), Seed),
            Is.Empty);

    [Test]
    public void The_seed_stands_in_the_contract() =>
        Assert.That(SeedCheck.Find(new(CheckedIn.Contract), Seed), Is.Empty);

    [Test]
    public void What_the_seed_gains_is_missing_in_the_contract_and_told_with_the_seeds_line()
    {
        var seed = Edit(
            Text(SeedCheck.File),
            "",
            "  version: 0.1.0\n",
            "  version: 0.1.0\n  termsOfService: https://quiva.ai/terms\n");
        Assert.That(SeedCheck.Find(new(CheckedIn.Contract), YamlValue.Parse(seed))
            .Select(finding => finding.ToString()), Is.EqualTo(new[]
        {
            $"openapi/gateway.yaml:{Line(CheckedIn.Contract, "info:")}: info.termsOfService is missing. "
                + $"Put back what openapi/seed.yaml has at line {Line(seed, "  termsOfService")}: the contract may add to the seed, not change it.",
        }));
    }
}
