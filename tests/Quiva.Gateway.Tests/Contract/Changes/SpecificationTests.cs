using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>
/// A document that can't be read whole is not compared: nothing may look unchanged because it was not looked at.
/// </summary>
public sealed class SpecificationTests
{
    [TestCase(
        "schemas: {A: {$ref: 'other.yaml#/A'}}",
        "old.yaml:3: The reference other.yaml#/A leads to other.yaml, which can't be read")]
    [TestCase(
        "schemas: {A: {$ref: './a/../other.yaml'}}",
        "old.yaml:3: The reference ./a/../other.yaml leads to other.yaml, which can't be read")]
    [TestCase(
        "schemas: {A: {$ref: '/etc/other.yaml'}}",
        "old.yaml:3: The reference /etc/other.yaml leads out of the repository")]
    [TestCase(
        "responses: {A: {$ref: 'https://example.com/a.yaml'}}",
        "old.yaml:3: The reference https://example.com/a.yaml leads out of the repository")]
    [TestCase(
        "schemas: {A: {properties: {a: {$ref: '#/components/schemas/B'}}}}",
        "old.yaml:3: The reference #/components/schemas/B leads nowhere")]
    [TestCase("schemas: {A: {<<: text}}", "old.yaml:3: The merge key << is for mappings")]
    [TestCase(
        "schemas: {A: &a {properties: {a: *a}}}", "old.yaml:3: It is nested too deeply, or an alias holds itself")]
    public void What_would_be_passed_over_is_an_error(string components, string message) => Assert.That(
        () => Specification.Parse("old.yaml", $"openapi: 3.0.3\ncomponents:\n  {components}"),
        Throws.TypeOf<IOException>().With.Message.StartsWith(message));

    [TestCase("schemas: {A: {example: {$ref: 'other.yaml'}}}")]
    [TestCase("schemas: {A: {$ref: '#/components/schemas/B'}, B: {type: string}}")]
    [TestCase("schemas: {A: &a {type: string}, B: *a}")]
    [TestCase("schemas: {A: &a {type: object}, B: {<<: *a, properties: {}}}")]
    public void What_can_be_read_is_read(string components) => Assert.That(
        () => Specification.Parse("old.yaml", $"openapi: 3.0.3\ncomponents:\n  {components}"), Throws.Nothing);
}
