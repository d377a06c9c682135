using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>Each rule that stands alone; <see cref="BreakingChangeSchemaTests"/> has those for schemas.</summary>
public sealed class BreakingChangeRuleTests
{
    private static readonly ChangeCase[] Operations =
    [
        new(
            "api-path-removed-without-deprecation",
            "endpoint-added",
            "  /visits:",
            "  /visits:\n    post:\n      operationId: postVisit\n      responses:\n        '201': {description: Made}\n",
            "",
            "    post:"),
        new(
            "api-removed-without-deprecation",
            "endpoint-added",
            "    put:",
            "    put:\n      operationId: putAnimal\n",
            "    x-put:\n      operationId: putAnimal\n"),
        new("api-removed-with-deprecation", "endpoint-added", "    delete:", "    delete:\n", "    x-delete:\n"),
        new(
            "endpoint-deprecated",
            "endpoint-reactivated",
            "deprecated: true\n      responses:||    post:",
            "      operationId: postVisit\n",
            "      operationId: postVisit\n      deprecated: true\n"),
        new(
            "api-operation-id-removed",
            "api-operation-id-removed",
            "operationId: makeVisit||operationId: postVisit",
            "postVisit",
            "makeVisit"),
    ];

    private static readonly ChangeCase[] Servers =
    [
        new(
            "server-added",
            "server-removed",
            "  - url: https://b.example",
            "  - url: /\n",
            "  - url: /\n  - url: https://b.example\n"),
        new("server-variables-changed", "server-variables-changed", "    variables: {a: {default: '2'}}||    variables: {a: {default: '1'}}",
            "{a: {default: '1'}}", "{a: {default: '2'}}"),
        new("server-added", "server-removed", "      servers:|        - url: https://v.example", "      operationId: postVisit\n",
            "      operationId: postVisit\n      servers:\n        - url: /\n        - url: https://{a}.example\n          variables: {a: {default: '1'}}\n        - url: https://v.example\n"),
        new("not-compared-changed", "not-compared-changed", "      callbacks:", "      operationId: postVisit\n",
            "      operationId: postVisit\n      callbacks: {done: {'{$request.body#/url}': {post: {responses: {}}}}}\n"),
        new(
            "not-compared-changed",
            "not-compared-changed",
            "webhooks:",
            "paths:\n",
            "webhooks: {born: {post: {responses: {}}}}\npaths:\n"),
    ];

    private static readonly ChangeCase[] Callers =
    [
        new("api-security-removed", "api-security-added", "  - key: []", "  - key: []\n", ""),
        new("api-security-scope-added", "api-security-scope-removed", "  - login: [read", "[read]", "[read, write]"),
        new(
            "api-became-secured",
            "api-became-open",
            "      security:",
            "      security: []\n",
            "      security: [{key: []}]\n"),
        new(
            "api-security-component-added",
            "api-security-component-removed",
            "    other:",
            "  securitySchemes:\n",
            "  securitySchemes:\n    other: {type: http, scheme: bearer}\n"),
        new(
            "api-security-component-type-changed",
            "api-security-component-type-changed",
            "      in: cookie||      in: header",
            "      in: header\n      name: X-Key",
            "      in: cookie\n      name: X-Key"),
        new(
            "api-security-component-oauth-url-changed",
            "api-security-component-oauth-url-changed",
            "tokenUrl",
            "zoo.example/token",
            "zoo.example/tokens"),
        new(
            "api-security-component-oauth-scope-removed",
            "api-security-component-oauth-scope-added",
            "write: Write",
            "            write: Write\n",
            ""),
        new(
            "x-roles-set",
            "x-roles-unset",
            "      x-roles: [guide]",
            "      operationId: postVisit\n",
            "      operationId: postVisit\n      x-roles: [guide]\n"),
        new(
            "x-roles-role-added",
            "x-roles-role-removed",
            "        - vet",
            "        - keeper\n",
            "        - keeper\n        - vet\n"),
    ];

    private static readonly ChangeCase[] Parameters =
    [
        new(
            "new-required-request-parameter",
            "request-parameter-removed",
            "        - {name: why",
            "      parameters:\n",
            "      parameters:\n        - {name: why, in: query, required: true}\n"),
        new(
            "new-optional-request-parameter",
            "request-parameter-removed",
            "        - {name: why",
            "      parameters:\n",
            "      parameters:\n        - {name: why, in: query}\n"),
        new(
            "request-parameter-became-required",
            "request-parameter-became-optional",
            "          required: true\n          schema: {type: boolean}||        - name: dry",
            "          schema: {type: boolean}\n",
            "          required: true\n          schema: {type: boolean}\n"),
        new(
            "request-parameter-location-changed",
            "request-parameter-location-changed",
            "          in: header",
            "dry\n          in: query",
            "dry\n          in: header",
            "name: dry|in: query"),
        new(
            "request-parameter-style-changed",
            "request-parameter-style-changed",
            "explode: false||        - name: tags",
            "          schema: {type: array, items: {type: string}}\n",
            "          explode: false\n          schema: {type: array, items: {type: string}}\n"),
        new(
            "request-parameter-style-changed",
            "request-parameter-style-changed",
            "style: pipeDelimited||        - name: tags",
            "          schema: {type: array, items: {type: string}}\n",
            "          style: pipeDelimited\n          schema: {type: array, items: {type: string}}\n"),
    ];

    private static readonly ChangeCase[] Bodies =
    [
        new(
            "request-body-added-required",
            "request-body-removed",
            "      requestBody: {required",
            "      operationId: postVisit\n",
            "      operationId: postVisit\n      requestBody: {required: true, content: {text/plain: {}}}\n"),
        new(
            "request-body-added-optional",
            "request-body-removed",
            "      requestBody: {content",
            "      operationId: postVisit\n",
            "      operationId: postVisit\n      requestBody: {content: {text/plain: {}}}\n"),
        new(
            "request-body-became-optional",
            "request-body-became-required",
            "        required: false||requestBody:|        required: true",
            "        required: true\n        content:",
            "        required: false\n        content:"),
        new(
            "request-body-media-type-removed",
            "request-body-media-type-added",
            "          text/csv:",
            "          text/csv:\n            schema: {type: string}\n",
            ""),
        new(
            "x-max-body-bytes-decreased",
            "x-max-body-bytes-increased",
            "      x-max-body-bytes",
            "bytes: 100\n",
            "bytes: 99\n"),
        new(
            "x-max-body-bytes-unset",
            "x-max-body-bytes-set",
            "      x-max-body-bytes",
            "      x-max-body-bytes: 100\n",
            ""),
    ];

    private static readonly ChangeCase[] Answers =
    [
        new(
            "response-success-status-added",
            "response-success-status-removed",
            "        '202'",
            "        '404':",
            "        '202': {description: Later}\n        '404':"),
        new(
            "response-non-success-status-added",
            "response-non-success-status-removed",
            "        '409'",
            "        '404':",
            "        '409': {description: Taken}\n        '404':"),
        new(
            "response-media-type-removed",
            "response-media-type-added",
            "            text/plain:",
            "            text/plain:\n              schema: {type: string}\n",
            ""),
        new(
            "required-response-header-removed",
            "response-header-added",
            "            ETag:",
            "            ETag:\n              required: true\n              schema: {type: string}\n",
            ""),
        new(
            "optional-response-header-removed",
            "response-header-added",
            "            Link:",
            "            Link:\n              schema: {type: string}\n",
            ""),
        new(
            "response-header-became-optional",
            "response-header-became-required",
            "              required: false||              required: true",
            "              required: true",
            "              required: false"),
    ];

    private static readonly ChangeCase[] Properties =
    [
        new("new-required-request-property", "request-property-removed", "        kind:",
            "        - born\n      properties:\n", "        - born\n        - kind\n      properties:\n        kind: {type: string}\n"),
        new(
            "new-optional-request-property",
            "request-property-removed",
            "        kind:",
            "        nick: {type: string}\n",
            "        nick: {type: string}\n        kind: {type: string}\n"),
        new(
            "request-property-forbidden",
            "new-optional-request-property",
            "            maker:",
            "            maker: {type: string}\n",
            ""),
        new(
            "request-property-became-required",
            "request-property-became-optional",
            "        - nick",
            "        - born\n",
            "        - born\n        - nick\n"),
        new(
            "request-required-property-became-read-only",
            "request-required-property-became-not-read-only",
            "          readOnly: true",
            "        born:\n",
            "        born:\n          readOnly: true\n"),
        new(
            "request-optional-property-became-read-only",
            "request-optional-property-became-not-read-only",
            "          readOnly: true",
            "        died:\n",
            "        died:\n          readOnly: true\n"),
        new("response-required-property-removed", "response-required-property-added", "        id:",
            "        - id\n        - at\n      properties:\n        id: {type: string}\n", "        - at\n      properties:\n"),
        new(
            "response-optional-property-removed",
            "response-optional-property-added",
            "        note:",
            "        note: {type: string}\n",
            ""),
        new(
            "response-property-became-optional",
            "response-property-became-required",
            "        - id",
            "        - id\n",
            ""),
        new(
            "response-required-property-became-write-only",
            "response-required-property-became-not-write-only",
            "          writeOnly: true",
            "        at:\n",
            "        at:\n          writeOnly: true\n"),
        new(
            "response-optional-property-became-write-only",
            "response-optional-property-became-not-write-only",
            "          writeOnly: true",
            "        by:\n",
            "        by:\n          writeOnly: true\n"),
    ];

    private static readonly ChangeCase[] Harmless =
    [
        new(null, null, "", "description: Done", "description: It is done"),
        new(
            null,
            null,
            "",
            "      operationId: postVisit\n",
            "      operationId: postVisit\n      tags: [Visits]\n      summary: Visit\n"),
        new(null, null, "", "  - key: []\n  - login: [read]\n", "  - login: [read]\n  - key: []\n"),
        new(
            null,
            null,
            "",
            "      operationId: postVisit\n",
            "      operationId: postVisit\n      security: [{login: [read]}, {key: []}]\n"),
        new(null, null, "", "text/csv:", "text/csv; charset=utf-8:"),
        new(null, null, "", "            ETag:", "            Etag:"),
        new(
            null,
            null,
            "",
            "          in: query\n          schema: {type: boolean}",
            "          in: query\n          style: form\n          required: false\n          explode: true\n          schema: {type: boolean, nullable: false}"),
        new(
            null,
            null,
            "",
            "      parameters:\n",
            "      parameters:\n        - {name: Authorization, in: header, required: true, schema: {type: string}}\n"),
        new(
            null,
            null,
            "",
            "      type: object\n      required:\n        - id\n",
            "      allOf: [{type: object}, {required: [at]}]\n      required:\n        - id\n"),
        new(
            null,
            null,
            "",
            "            code: {type: string}",
            "            code: {type: string, minLength: 0, format: password, description: Engraved}"),
        new(
            null,
            null,
            "",
            "  securitySchemes:\n    key:\n      type: apiKey",
            "  securitySchemes:\n    key:\n      description: A key\n      type: apiKey"),
    ];

    /// <summary>The rules that have a case here.</summary>
    public static IEnumerable<string> Covered => new[]
    {
        Operations,
        Servers,
        Callers,
        Parameters,
        Bodies,
        Answers,
        Properties
    }.SelectMany(cases => cases)
        .SelectMany(found => new[] { found.Rule!, found.Reverse! });

    [TestCaseSource(nameof(Operations))]
    [TestCaseSource(nameof(Servers))]
    [TestCaseSource(nameof(Callers))]
    [TestCaseSource(nameof(Parameters))]
    [TestCaseSource(nameof(Bodies))]
    [TestCaseSource(nameof(Answers))]
    [TestCaseSource(nameof(Properties))]
    public void An_edit_is_that_one_rule_at_that_line_and_taking_it_back_is_its_reverse(ChangeCase change) =>
        change.Verify(SmallSpecification.Text);

    [TestCaseSource(nameof(Harmless))]
    public void An_edit_that_callers_do_not_notice_is_no_change(ChangeCase change) =>
        change.Verify(SmallSpecification.Text);

    [Test]
    public void A_path_is_the_same_whatever_its_parameters_are_called() => Assert.That(
        ChangeCase.Compare(SmallSpecification.Text, SmallSpecification.Text.Replace(
            "{animal}",
            "{id}",
            StringComparison.Ordinal).Replace("name: animal", "name: id", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Every_rule_has_a_case() =>
        Assert.That(Rules.ById.Keys, Is.EquivalentTo(Covered.Concat(BreakingChangeSchemaTests.Covered).Distinct()));
}
