using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Quiva.Gateway.Contract;
using Quiva.Gateway.ContractChecks.Server;
using Quiva.Gateway.Http;
using RangeAttribute = System.ComponentModel.DataAnnotations.RangeAttribute;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>What check 4 makes of types, those included that the contract does not use today.</summary>
public sealed class ServerSchemasTests
{
    private static readonly ServerSchemas Schemas = new(new JsonSerializerOptions(
        JsonSerializerOptions.Strict)
    { TypeInfoResolver = new DefaultJsonTypeInfoResolver() });

    [TestCase(typeof(string), """{"type":"string"}""")]
    [TestCase(typeof(bool?), """{"type":"boolean"}""")]
    [TestCase(typeof(int?), """{"type":"integer","format":"int32"}""")]
    [TestCase(typeof(long), """{"type":"integer","format":"int64"}""")]
    [TestCase(typeof(double), """{"type":"number","format":"double"}""")]
    [TestCase(typeof(DateTimeOffset?), """{"type":"string","format":"date-time"}""")]
    [TestCase(typeof(DateOnly), """{"type":"string","format":"date"}""")]
    [TestCase(typeof(Guid), """{"type":"string","format":"uuid"}""")]
    [TestCase(typeof(byte[]), """{"type":"string","format":"byte"}""")]
    [TestCase(typeof(JsonElement), "{}")]
    [TestCase(typeof(List<string>), """{"type":"array","items":{"type":"string"}}""")]
    [TestCase(typeof(ICollection<Error>), """{"type":"array","items":{"$ref":"#/components/schemas/Error"}}""")]
    [TestCase(
        typeof(IDictionary<string, int>),
        """{"type":"object","additionalProperties":{"type":"integer","format":"int32"}}""")]
    [TestCase(
        typeof(IDictionary<string, Error>),
        """{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Error"}}""")]
    [TestCase(typeof(Error), """{"$ref":"#/components/schemas/Error"}""")]
    public void A_type_is_written_as_OpenAPI(Type type, string schema) => AssertSame(Schemas.Place(type, []), schema);

    [Test]
    public void An_enum_is_text_that_says_which_texts_it_may_be()
    {
        AssertSame(
            Schemas.Place(typeof(string), [new OneOfAttribute(typeof(CollectionType))]),
            """{"$ref":"#/components/schemas/CollectionType"}""");
        AssertSame(Schemas.Component(typeof(CollectionType)), """{"type":"string","enum":["node","workflow"]}""");
    }

    [Test]
    public void Text_that_has_to_be_there_is_not_empty() => AssertSame(
        Schemas.Place(typeof(string), [
            new RequiredTextAttribute("a name is required"),
            new TextLengthAttribute(0, 5)
        ]), """{"type":"string","minLength":1,"maxLength":5}""");

    [Test]
    public void The_bounds_of_a_type_are_no_constraints()
    {
        AssertSame(
            Schemas.Place(typeof(int), [new RangeAttribute(1, int.MaxValue)]),
            """{"type":"integer","format":"int32","minimum":1}""");
        AssertSame(
            Schemas.Place(typeof(long), [new RangeAttribute(1L, long.MaxValue)]),
            """{"type":"integer","format":"int64","minimum":1}""");
        AssertSame(
            Schemas.Place(typeof(double), [new RangeAttribute(double.MinValue, 9.5)]),
            """{"type":"number","format":"double","maximum":9.5}""");
        AssertSame(
            Schemas.Place(typeof(string), [new TextLengthAttribute(1, int.MaxValue)]),
            """{"type":"string","minLength":1}""");
    }

    [Test]
    public void Lengths_of_lists_are_constraints() => AssertSame(
        Schemas.Place(typeof(List<bool>), [new MinLengthAttribute(1), new MaxLengthAttribute(5)]),
        """{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":5}""");

    private static void AssertSame(JsonNode actual, string expected) =>
        Assert.That(
            JsonNode.DeepEquals(actual, JsonNode.Parse(expected)), $"{actual.ToJsonString()} instead of {expected}");
}
