using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>A document that can't be read whole is not compared: nothing may look unchanged because it was not looked at.</summary>
public sealed class SpecificationTests
{
    [TestCase("schemas: {A: {$ref: 'other.yaml#/A'}}", "old.yaml:3: The reference other.yaml#/A leads to another file")]
    [TestCase("schemas: {A: {$ref: './other.yaml'}}", "old.yaml:3: The reference ./other.yaml leads to another file")]
    [TestCase("responses: {A: {$ref: 'https://example.com/a.yaml'}}", "old.yaml:3: The reference https://example.com/a.yaml leads to another file")]
    [TestCase("schemas: {A: {properties: {a: {$ref: '#/components/schemas/B'}}}}", "old.yaml:3: The reference #/components/schemas/B leads nowhere")]
    [TestCase("schemas: {A: &a {type: object}, B: {<<: *a, properties: {}}}", "old.yaml:3: The merge key << is not read")]
    public void What_would_be_passed_over_is_an_error(string components, string message) => Assert.That(
        () => Specification.Parse("old.yaml", $"openapi: 3.0.3\ncomponents:\n  {components}"),
        Throws.TypeOf<IOException>().With.Message.StartsWith(message));

    [TestCase("schemas: {A: {example: {$ref: 'other.yaml'}}}")]
    [TestCase("schemas: {A: {$ref: '#/components/schemas/B'}, B: {type: string}}")]
    [TestCase("schemas: {A: &a {type: string}, B: *a}")]
    public void What_can_be_read_is_read(string components) => Assert.That(
        () => Specification.Parse("old.yaml", $"openapi: 3.0.3\ncomponents:\n  {components}"), Throws.Nothing);
}
