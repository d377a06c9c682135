using Quiva.Gateway.ContractChecks.Document;
using static Quiva.Gateway.Tests.Contract.CheckedIn;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>Check 1, on schemas.</summary>
public sealed class DocumentCheckSchemaTests
{
    private const string Body = ComponentSchemas + "|    IntegrationOauthConfig:|        name:";
    private const string BodyPath = "components.schemas.IntegrationOauthConfig.properties.name";

    private static readonly DriftCase[] InPlace =
    [
        new(ComponentSchemas
            + "|    OauthConfigBasicData:|        name:", "          type: string\n", "          type: object\n",
            (ComponentSchemas
                + "|    OauthConfigBasicData:|        name:", "components.schemas.OauthConfigBasicData.properties.name is an object in place.")),
        new(ComponentSchemas
            + "|    OauthConfigBasicData:|        name:", "          type: string\n", "          type: string\n          enum: [a, b]\n",
            (ComponentSchemas
                + "|    OauthConfigBasicData:|        name:", "components.schemas.OauthConfigBasicData.properties.name is an enum in place.")),
        new(ComponentSchemas
            + "|    OauthConfigList:|          items:", "            $ref: '#/components/schemas/OauthConfigBasicData'", "            type: object",
            (ComponentSchemas
                + "|    OauthConfigList:|          items:", "components.schemas.OauthConfigList.properties.results.items is an object in place.")),
        new("\n    NotFound:", "                $ref: '#/components/schemas/Error'".Trim(), "properties: {}",
            ("\n    NotFound:", "components.responses.NotFound is not application/json with a text named error."),
            ("\n    NotFound:|schema:", "components.responses.NotFound.content.application/json.schema is an object in place.")),
        new("\n    integrationId:", "        maxLength: 64\n", "        maxLength: 64\n        enum: [slack]\n",
            ("\n    integrationId:|      schema:", "components.parameters.integrationId.schema is an enum in place.")),
    ];

    private static readonly DriftCase[] Names =
    [
        Named("Page2", "ends in a digit, as the names do that the generator invents"),
        Named("Anonymous", "is what the generator calls a schema without a name"),
        Named("Nodes", "is a tag too, and the tag's namespace would hide the class"),
    ];

    private static readonly DriftCase[] Texts =
    [
        new(Body, "          maxLength: 200\n", "", (Body, BodyPath + " is text from callers without maxLength.")),
        new("\n    integrationId:", "        maxLength: 64\n", "",
            ("\n    integrationId:|      schema:", "components.parameters.integrationId.schema is text from callers without maxLength.")),
        new(Body, "'^[^\\x00", "'^(?=.)[^\\x00", (Body + "|          pattern", Unmatchable(BodyPath))),
        new(Body, "\\x9F]*$'", "\\x9F*$'", (Body + "|          pattern", Unmatchable(BodyPath))),
        new(
            "\n    ETag:",
            "'^\"[0-9]+\"$'",
            "'^(\"?)[0-9]+\\1$'",
            ("\n    ETag:|        pattern", Unmatchable("components.headers.ETag.schema"))),
        new(Body, "          x-pattern-description: text with a visible character, without control characters\n", "",
            (Body + "|          pattern", $"The pattern of {BodyPath} has no x-pattern-description.")),
        new(Body, "text with a visible character", "text of {letters}",
            (Body
                + "|          x-pattern", $"The x-pattern-description of {BodyPath} has a brace, a double quote or a backslash.")),
        new("\n    integrationId:", "'-' and '_'", "\"-\" and '_'",
            ("\n    integrationId:|        x-pattern", "The x-pattern-description of components.parameters.integrationId.schema has a brace, a double quote or a backslash.")),
    ];

    [TestCaseSource(nameof(InPlace))]
    [TestCaseSource(nameof(Names))]
    [TestCaseSource(nameof(Texts))]
    public void A_fault_is_named_with_its_line(DriftCase drift) => drift.Verify(DocumentCheck.Find);

    private static string Unmatchable(string path) =>
        $"The pattern of {path} can't be matched as ECMA 262 reads it, without backtracking.";

    private static DriftCase Named(string name, string fault) => new(
        "\ncomponents:", "\n  schemas:", $"\n  schemas:\n    {name}:\n      type: object",
        ($"{ComponentSchemas}|    {name}:", $"The name of schema {name} {fault}."),
        ($"{ComponentSchemas}|    {name}:", $"components.schemas.{name} is not used by any operation."));
}
