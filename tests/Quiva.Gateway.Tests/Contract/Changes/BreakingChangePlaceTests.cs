using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>
/// How changes are gathered: one for each cause, in each direction, at the place with the fewest words.
/// </summary>
public sealed class BreakingChangePlaceTests
{
    private const string Shared = """
        openapi: 3.0.3
        info: {title: Zoo, version: 1.0.0}
        paths:
          /a:
            put:
              requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Node'}}}}
              responses: {'200': {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Node'}}}}}}
          /bc:
            get:
              responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Node'}}}}}
            post:
              responses: {'200': {content: {application/json: {schema: {additionalProperties: {$ref: '#/components/schemas/Node'}}}}}}
        components:
          schemas:
            Node:
              type: object
              properties:
                parent: {$ref: '#/components/schemas/Node'}
                kids: {type: array, items: {$ref: '#/components/schemas/Node'}}
                size: {$ref: '#/components/schemas/Size'}
            Size:
              type: integer
              maximum: 5

        """;

    [Test]
    public void A_change_in_a_shared_recursive_component_is_told_once_for_each_direction() => Assert.That(
        ChangeCase.Compare(Shared, CheckedIn.Edit(Shared, "", "maximum: 5", "maximum: 4"))
            .Select(change => change.ToString()), Is.EqualTo(new[]
        {
            "new.yaml:23: breaking: PUT /a request body.size: maximum is 4 instead of 5. [request-property-max-decreased]",
            "new.yaml:23: info: GET /bc response 200 body.size (and 2 more places): maximum is 4 instead of 5. [response-property-max-decreased]",
        }));

    [Test]
    public void Every_place_is_kept() => Assert.That(
        ChangeCase.Compare(Shared, CheckedIn.Edit(Shared, "", "maximum: 5", "maximum: 6"))[0].OtherPlaces,
        Is.EqualTo(new[] { "PUT /a response 200 body[].size", "POST /bc response 200 body.*.size" }));

    [TestCase("'404': {description: No}", "4XX: {description: No}", TestName = "A range covers its statuses")]
    [TestCase("'404': {description: No}", "default: {description: No}", TestName = "The default covers every failure")]
    public void A_status_that_is_covered_is_not_gone(string one, string other)
    {
        const string Text =
            "openapi: 3.0.3\ninfo: {title: Zoo, version: 1.0.0}\npaths: {/a: {get: {responses: {'200': {description: Yes}, ";
        Assert.That(ChangeCase.Compare(Text + one + "}}}}", Text + one + ", " + other + "}}}}")
            .Select(change => change.Rule.Id), Is.EqualTo(new[] { "response-non-success-status-added" }));
        Assert.That(
            ChangeCase.Compare(Text + one + "}}}}", Text + other + "}}}}").Select(change => change.Rule.Id),
            Is.EqualTo(new[] { "response-non-success-status-added" }));
        Assert.That(ChangeCase.Compare(Text + other + "}}}}", Text + one + ", " + other + "}}}}"), Is.Empty);
    }

    [Test]
    public void A_whole_path_that_is_gone_is_one_change() => Assert.That(
        ChangeCase.Compare(Shared, CheckedIn.Edit(Shared, "", "  /bc:", "  /new:"))
            .Where(change => change.Rule.Level == Level.Breaking)
            .Select(change => change.ToString()),
        Is.EqualTo(new[]
        {
            "old.yaml:8: breaking: /bc: The path is gone with GET, POST. [api-path-removed-without-deprecation]"
        }));

    [Test]
    public void JSON_is_compared_with_YAML() => Assert.That(
        ChangeCase.Compare(
            Shared, new Quiva.Gateway.ContractChecks.ContractDocument(Shared).Root.ToJson()!.ToJsonString()), Is.Empty);

    [TestCase("", 0)]
    [TestCase(", discriminator: {propertyName: kind, mapping: {c: '#/components/schemas/Cat'}}", 0)]
    [TestCase(", discriminator: {propertyName: kind}", 2)]
    public void Another_name_of_an_alternative_is_a_change_only_where_names_are_sent(string discriminator, int expected)
    {
        var text = """
            openapi: 3.0.3
            info: {title: Zoo, version: 1.0.0}
            paths:
              /a:
                post:
                  requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]NAMES}}}}
                  responses: {}
            components:
              schemas:
                Cat: {type: object, properties: {kind: {type: string}}}
                Dog: {type: object, properties: {kind: {type: string}, barks: {type: boolean}}}

            """.Replace("NAMES", discriminator, StringComparison.Ordinal);
        var renamed = text.Replace("schemas/Dog'}]", "schemas/Hound'}]", StringComparison.Ordinal)
            .Replace("    Dog:", "    Hound:", StringComparison.Ordinal);
        Assert.That(ChangeCase.Compare(text, renamed), Has.Count.EqualTo(expected));
    }
}
