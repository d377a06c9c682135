using Microsoft.AspNetCore.Builder;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Changes;
using Quiva.Gateway.ContractChecks.Document;
using Quiva.Gateway.ContractChecks.Server;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>Changes of the contract that nobody has to be told about.</summary>
public sealed class HarmlessEditTests
{
    private WebApplication server = null!;

    [OneTimeSetUp]
    public void Build() => server = ServerFixture.Build();

    [OneTimeTearDown]
    public async Task DisposeAsync() => await server.DisposeAsync();

    [TestCase("", "\npaths:", "\n# Where requests go.\npaths:", TestName = "A comment")]
    [TestCase("", "\npaths:", "\n\n\npaths:", TestName = "Empty lines")]
    [TestCase(
        List, "summary: List OAuth configurations", "summary: All OAuth configurations", TestName = "A new summary")]
    [TestCase(
        ComponentSchemas + "|results_total:",
        "How many were found",
        "The number of results",
        TestName = "A new description")]
    [TestCase(
        List, "description: Known configurations", "description: 'Known configurations'", TestName = "Other quotes")]
    [TestCase(Read, "integration_id: github", "integration_id: gitlab", TestName = "A new example")]
    [TestCase(
        ComponentSchemas + "|OauthConfigBasicData:",
        "          example: github\n",
        "          example: {$ref: nowhere, enum: [a], type: object, schema: {pattern: '('}}\n",
        TestName = "An example that looks like a schema")]
    [TestCase(
        "\n    ETag:",
        "      description: Strong entity tag of the stored version (RFC 9110, section 8.8.3)\n      required: true\n",
        "      required: true\n      description: Strong entity tag\n",
        TestName = "Members in another order")]
    [TestCase(
        List,
        "        '400':\n          $ref: '#/components/responses/BadRequest'\n        '401':\n          $ref: '#/components/responses/Unauthorized'\n",
        "        '401':\n          $ref: '#/components/responses/Unauthorized'\n        '400':\n          $ref: '#/components/responses/BadRequest'\n",
        TestName = "Answers in another order")]
    [TestCase(
        "\n    OauthConfigList:",
        "        - results\n        - results_total\n",
        "        - results_total\n        - results\n",
        TestName = "Required properties in another order")]
    [TestCase(
        "\n    Role:",
        "        - root\n        - admin\n",
        "        - admin\n        - root\n",
        TestName = "Enum values in another order")]
    [TestCase(
        "\n    SuccessResponse:|message:",
        "type: string",
        "type: string\n          minLength: 0",
        TestName = "A least length of nothing")]
    [TestCase(
        "\n    OauthConfigList:|results_total:",
        "minimum: 0",
        "minimum: 0.0",
        TestName = "The same number in other digits")]
    [TestCase(
        "\nservers:", "  - url: /\n", "  - url: https://eu.api.quiva.ai\n  - url: /\n", TestName = "Another server")]
    [TestCase("\ntags:", "\npaths:", "\n  - name: Audit\npaths:", TestName = "Another tag")]
    [TestCase(
        List,
        "      tags:",
        "      security:\n        - apiKeyAuth: []\n        - bearerAuth: []\n      tags:",
        TestName = "The inherited security, written out in another order")]
    [TestCase(
        List, "      tags:", "      x-note: for readers\n      tags:", TestName = "An extension that nobody reads")]
    [TestCase(
        "\n  contact:",
        "\n    name: quiva.ai Support\n",
        "\n    name: quiva.ai Support\n    url: https://quiva.ai\n",
        TestName = "Another way to make contact")]
    [TestCase(
        "", "\npaths:", "\nexternalDocs:\n  url: https://docs.quiva.ai\npaths:", TestName = "A link to documents")]
    [TestCase(
        "\n  /hub/collections:",
        "      x-roles:\n        - root\n        - admin\n        - developer\n",
        "      x-roles: [root, admin, developer]\n",
        TestName = "A list in one line")]
    public void Finds_nothing(string where, string from, string to) =>
        AssertHarmless(Edit(CheckedIn.Contract, where, from, to));

    [Test]
    public void Line_endings_of_Windows() => AssertHarmless(CheckedIn.Contract.ReplaceLineEndings("\r\n"));

    private void AssertHarmless(string edited)
    {
        var contract = new ContractDocument(edited);
        Assert.That(DocumentCheck.Find(contract)
            .Concat(SeedCheck.Find(contract, Seed))
            .Concat(ServerCheck.Find(contract, server)), Is.Empty);
        var changes = SpecificationComparison.Compare(new(CheckedIn.Contract), "old", contract, "new");
        Assert.That(changes.Where(change => change.Rule.Level != Level.Info), Is.Empty);
    }
}
