using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>Each rule for schemas, in each of their uses.</summary>
public sealed class BreakingChangeSchemaTests
{
    /// <param name="Change">The end of the rule's id.</param>
    /// <param name="Reverse">The end of the id of the rule for the edit the other way round.</param>
    /// <param name="Old">The schema.</param>
    /// <param name="New">The edited schema.</param>
    /// <param name="At">The line to point at, in the new schema or else in the old one.</param>
    /// <param name="ReverseAt">The same for the other way round, when it differs.</param>
    public sealed record SchemaCase(
        string Change, string Reverse, string Old, string New, string At, string? ReverseAt = null)
    {
        public override string ToString() => $"{Change}: {Old} → {New}".Replace('\n', ' ');
    }

    private const string Choice =
        "oneOf:\n  - $ref: '#/components/schemas/Cat'\n  - $ref: '#/components/schemas/Dog'\n";

    private static readonly SchemaCase[] Types =
    [
        new("type-changed", "type-changed", "type: string", "type: boolean", "type: boolean", "type: string"),
        new(
            "type-changed",
            "type-changed",
            "type: string\nformat: date",
            "type: string\nformat: uuid",
            "format: uuid",
            "format: date"),
        new("type-generalized", "type-specialized", "type: integer", "type: number", "type: number", "type: integer"),
        new(
            "type-generalized",
            "type-specialized",
            "type: integer\nformat: int32",
            "type: integer\nformat: int64",
            "format: int64",
            "format: int32"),
        new(
            "type-specialized",
            "type-generalized",
            "type: string",
            "type: string\nformat: uuid",
            "format: uuid",
            "type: string"),
        new("type-specialized", "type-generalized", "description: any", "type: string", "type: string"),
        new("became-nullable", "became-not-nullable", "type: string", "type: string\nnullable: true", "nullable: true"),
        new(
            "became-nullable",
            "became-not-nullable",
            "allOf:\n  - $ref: '#/components/schemas/Cat'",
            "nullable: true\nallOf:\n  - $ref: '#/components/schemas/Cat'",
            "nullable: true"),
    ];

    private static readonly SchemaCase[] Values =
    [
        new("became-enum", "became-not-enum", "type: string", "type: string\nenum: [a]", "enum: [a]"),
        new(
            "became-enum",
            "became-not-enum",
            "type: string\nmaxLength: 9\npattern: ^a$",
            "type: string\nenum: [a]",
            "enum: [a]"),
        new("enum-value-added", "enum-value-removed", "enum:\n  - a", "enum:\n  - a\n  - b", "- b"),
        new("pattern-added", "pattern-removed", "type: string", "type: string\npattern: ^a$", "pattern: ^a$"),
        new("pattern-changed", "pattern-changed", "pattern: ^a$", "pattern: ^b$", "pattern: ^b$", "pattern: ^a$"),
        new(
            "multiple-of-narrowed",
            "multiple-of-widened",
            "type: integer",
            "type: integer\nmultipleOf: 5",
            "multipleOf: 5"),
        new(
            "multiple-of-narrowed",
            "multiple-of-widened",
            "multipleOf: 5",
            "multipleOf: 10",
            "multipleOf: 10",
            "multipleOf: 5"),
        new(
            "multiple-of-changed",
            "multiple-of-changed",
            "multipleOf: 5",
            "multipleOf: 7",
            "multipleOf: 7",
            "multipleOf: 5"),
        new(
            "unique-items-set",
            "unique-items-unset",
            "type: array",
            "type: array\nuniqueItems: true",
            "uniqueItems: true"),
        new("default-value-added", "default-value-removed", "type: string", "type: string\ndefault: a", "default: a"),
        new("default-value-changed", "default-value-changed", "default: a", "default: b", "default: b", "default: a"),
        new(
            "additional-properties-forbidden",
            "additional-properties-allowed",
            "type: object",
            "type: object\nadditionalProperties: false",
            "additionalProperties: false"),
        new("not-changed", "not-changed", "type: string", "type: string\nnot: {enum: [a]}", "not: {enum: [a]}"),
        new(
            "keyword-changed",
            "keyword-changed",
            "type: array",
            "type: array\nprefixItems: [{type: string}]",
            "prefixItems: [{type: string}]"),
        new("deprecated", "reactivated", "type: string", "type: string\ndeprecated: true", "deprecated: true"),
    ];

    private static readonly SchemaCase[] Alternatives =
    [
        new(
            "one-of-added",
            "one-of-removed",
            Choice,
            Choice + "  - $ref: '#/components/schemas/Owl'",
            "- $ref: '#/components/schemas/Owl'"),
        new(
            "one-of-added",
            "one-of-removed",
            "$ref: '#/components/schemas/Cat'",
            "oneOf:\n  - $ref: '#/components/schemas/Cat'\n  - type: string",
            "- type: string"),
        new(
            "any-of-added",
            "any-of-removed",
            "anyOf:\n  - type: string\n  - type: boolean",
            "anyOf:\n  - type: boolean\n  - type: string\n  - type: integer",
            "- type: integer"),
        new(
            "discriminator-added",
            "discriminator-removed",
            Choice,
            Choice + "discriminator: {propertyName: kind}",
            "discriminator: {propertyName: kind}"),
        new("discriminator-property-name-changed", "discriminator-property-name-changed", Choice
            + "discriminator: {propertyName: kind}", Choice + "discriminator: {propertyName: sort}",
            "discriminator: {propertyName: sort}", "discriminator: {propertyName: kind}"),
        new(
            "discriminator-mapping-added",
            "discriminator-mapping-deleted",
            Choice + "discriminator:\n  propertyName: kind\n  mapping:\n    c: Cat",
            Choice + "discriminator:\n  propertyName: kind\n  mapping:\n    c: Cat\n    d: Dog",
            "d: Dog"),
        new("discriminator-mapping-changed", "discriminator-mapping-changed", Choice
            + "discriminator:\n  propertyName: kind\n  mapping:\n    c: Cat", Choice
            + "discriminator:\n  propertyName: kind\n  mapping:\n    c: '#/components/schemas/Dog'",
            "c: '#/components/schemas/Dog'", "c: Cat"),
    ];

    private static readonly (string Keyword, string Name)[] Bounds =
    [
        ("maxLength", "max-length"), ("minLength", "min-length"), ("maximum", "max"), ("minimum", "min"),
        ("maxItems", "max-items"), ("minItems", "min-items"), ("maxProperties", "max-properties"), ("minProperties", "min-properties"),
    ];

    private static readonly SchemaCase[] BoundCases =
    [
        .. Bounds.SelectMany(bound => new SchemaCase[]
        {
            new(
                $"{bound.Name}-set",
                $"{bound.Name}-unset",
                "description: any",
                $"description: any\n{bound.Keyword}: 5",
                $"{bound.Keyword}: 5"),
            new(
                $"{bound.Name}-increased",
                $"{bound.Name}-decreased",
                $"{bound.Keyword}: 5",
                $"{bound.Keyword}: 60",
                $"{bound.Keyword}: 60",
                $"{bound.Keyword}: 5"),
        }),
        new("max-decreased", "max-increased", "maximum: 5", "maximum: 5\nexclusiveMaximum: true", "maximum: 5"),
        new("min-increased", "min-decreased", "minimum: 5", "minimum: 5\nexclusiveMinimum: true", "minimum: 5"),
        new(
            "max-length-decreased",
            "max-length-increased",
            "maxLength: 9",
            "maxLength: 9\nallOf:\n  - maxLength: 4",
            "- maxLength: 4",
            "maxLength: 9"),
    ];

    private static readonly SchemaCase[] Harmless =
    [
        new("", "", Choice, "oneOf:\n  - $ref: '#/components/schemas/Dog'\n  - $ref: '#/components/schemas/Cat'", ""),
        new("", "", "$ref: '#/components/schemas/Cat'", "anyOf:\n  - $ref: '#/components/schemas/Cat'", ""),
        new(
            "",
            "",
            "$ref: '#/components/schemas/Cat'",
            "description: A cat\nallOf:\n  - $ref: '#/components/schemas/Cat'",
            ""),
        new("", "", "prefixItems: [{type: string}]", "prefixItems: [{type: string, title: A}]", ""),
        new("", "", "enum: [a, b]", "type: string\nenum: [b, a]", ""),
        new(
            "",
            "",
            "properties: {a: {type: string}}",
            "type: object\nadditionalProperties: true\nproperties: {a: {type: string, title: A}}",
            ""),
        new("", "", "maximum: 5", "maximum: 5.0", ""),
        new("", "", "multipleOf: 5", "multipleOf: 5.0", ""),
        new("", "", "type: array\nitems: {type: string}", "type: array\nminItems: 0\nitems: {type: string}", ""),
    ];

    private static readonly Dictionary<string, SchemaCase[]> All =
        new() { ["types"] = Types, ["values"] = Values, ["alternatives"] = Alternatives, ["bounds"] = BoundCases };

    private static IEnumerable<string> Groups => All.Keys;

    /// <summary>The rules that have a case here.</summary>
    public static IEnumerable<string> Covered => All.Values.SelectMany(cases => cases)
        .SelectMany(found => new[] { found.Change, found.Reverse })
        .Distinct()
        .SelectMany(change => Enum.GetValues<SchemaUse>().Select(use => $"{Prefixes[use]}-{change}"));

    private static readonly Dictionary<SchemaUse, string> Prefixes = new()
    {
        [SchemaUse.RequestBody] = "request-body",
        [SchemaUse.RequestProperty] = "request-property",
        [SchemaUse.RequestParameter] = "request-parameter",
        [SchemaUse.ResponseBody] = "response-body",
        [SchemaUse.ResponseProperty] = "response-property",
        [SchemaUse.ResponseHeader] = "response-header",
    };

    [Test]
    public void An_edit_is_that_one_rule_at_that_line_and_taking_it_back_is_its_reverse(
        [ValueSource(nameof(Groups))] string group, [Values] SchemaUse use) => Assert.Multiple(() =>
    {
        foreach (var edit in All[group])
        {
            Verify(edit.Old, edit.New, edit.At, $"{Prefixes[use]}-{edit.Change}", use);
            Verify(edit.New, edit.Old, edit.ReverseAt ?? edit.At, $"{Prefixes[use]}-{edit.Reverse}", use);
        }
    });

    [Test]
    public void An_edit_that_says_the_same_is_no_change(
        [ValueSource(nameof(Harmless))] SchemaCase edit, [Values] SchemaUse use)
    {
        Assert.That(
            ChangeCase.Compare(SchemaSpecification.With(edit.Old, use), SchemaSpecification.With(edit.New, use)),
            Is.Empty);
        Assert.That(
            ChangeCase.Compare(SchemaSpecification.With(edit.New, use), SchemaSpecification.With(edit.Old, use)),
            Is.Empty);
    }

    private static void Verify(string before, string after, string at, string rule, SchemaUse use)
    {
        var (old, now) = (SchemaSpecification.With(before, use), SchemaSpecification.With(after, use));
        var file = SchemaSpecification.Has(now, at) ? ChangeCase.New : ChangeCase.Old;
        Assert.That(
            ChangeCase.Compare(old, now)
                .Select(change => $"{change.File}:{change.Line}: {change.Rule.Id} at {change.Place}"),
            Is.EqualTo(
                new[]
                {
                    $"{file}:{SchemaSpecification.Line(file == ChangeCase.New ? now : old, at)}: {rule} at {SchemaSpecification.Place(use)}"
                }),
            $"{before} → {after}");
    }
}
