using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>
/// Pairs of documents in several files, with merge keys, of OpenAPI 3.1, and with alternatives that were renamed: what
/// is the same in other words is no change, and what differs is found wherever it stands.
/// </summary>
public sealed class SpecificationPairTests
{
    private const string V30 = "3.0.3";
    private const string V31 = "3.1.0";

    private const string Pet = """
        A: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: k, mapping: {c: '#/components/schemas/Cat', d: Dog}}}
        Cat: {type: object, properties: {k: {type: string}, lives: {type: integer}}}
        Dog: {type: object, properties: {k: {type: string}}}
        """;

    /// <param name="Name">What differs.</param>
    /// <param name="Old">
    /// The old schemas; <c>A</c> is what the operation takes. Files follow, each after a line <c>--- name</c>.
    /// </param>
    /// <param name="New">The new ones.</param>
    /// <param name="Expected">
    /// The rules for what is sent, without their prefixes; the rest of the rules is not looked at.
    /// </param>
    /// <param name="OldVersion">The old version of OpenAPI.</param>
    /// <param name="NewVersion">The new one.</param>
    public sealed record Pair(
        string Name, string Old, string New, string[] Expected, string OldVersion = V30, string NewVersion = V30)
    {
        public override string ToString() => Name;
    }

    private static readonly Pair[] Files =
    [
        new("a schema moved into a file", "A: {type: string}", "A: {$ref: 'a.yaml'}\n--- a.yaml\ntype: string", []),
        new(
            "a schema moved into a file and narrowed",
            "A: {type: string}",
            "A: {$ref: 'a.yaml'}\n--- a.yaml\ntype: string\nmaxLength: 3",
            ["max-length-set"]),
        new(
            "a file changed",
            "A: {$ref: 'a.yaml'}\n--- a.yaml\ntype: string",
            "A: {$ref: 'a.yaml'}\n--- a.yaml\ntype: boolean",
            ["type-changed"]),
        new(
            "a pointer into a file",
            "A: {$ref: 'a.yaml#/X'}\n--- a.yaml\nX: {type: string}",
            "A: {$ref: 'a.yaml#/X'}\n--- a.yaml\nX: {type: string, enum: [b]}",
            ["became-enum"]),
        new(
            "a file refers to itself",
            "A: {$ref: 'a.yaml#/X'}\n--- a.yaml\nX: {$ref: '#/Y'}\nY: {type: string}",
            "A: {$ref: 'a.yaml#/X'}\n--- a.yaml\nX: {$ref: '#/Y'}\nY: {type: boolean}",
            ["type-changed"]),
        new(
            "a file refers back to the document",
            "A: {$ref: 'a.yaml#/X'}\nB: {type: string}\n--- a.yaml\nX: {$ref: 'spec.yaml#/components/schemas/B'}",
            "A: {$ref: 'a.yaml#/X'}\nB: {type: boolean}\n--- a.yaml\nX: {$ref: 'spec.yaml#/components/schemas/B'}",
            ["type-changed"]),
        new(
            "a file in a directory refers to another",
            "A: {$ref: 'd/a.yaml'}\n--- d/a.yaml\n$ref: '../b.yaml'\n--- b.yaml\ntype: string",
            "A: {$ref: 'd/a.yaml'}\n--- d/a.yaml\n$ref: '../b.yaml'\n--- b.yaml\ntype: integer",
            ["type-changed"]),
        new(
            "a property in a file became required",
            "A: {$ref: 'a.json'}\n--- a.json\n{\"type\":\"object\",\"properties\":{\"p\":{}}}",
            "A: {$ref: 'a.json'}\n--- a.json\n{\"type\":\"object\",\"required\":[\"p\"],\"properties\":{\"p\":{}}}",
            ["became-required"]),
        new(
            "the same file from another place",
            "A: {$ref: './a.yaml'}\n--- a.yaml\ntype: string",
            "A: {$ref: 'a.yaml#'}\n--- a.yaml\ntype: string",
            []),
    ];

    private static readonly Pair[] Merges =
    [
        new(
            "a merge key in place of its members",
            "A: {type: object, properties: {p: {type: string}}}",
            "X: &x {type: object, properties: {p: {type: string}}}\nA: {<<: *x}",
            []),
        new(
            "a member goes before what is merged",
            "A: {type: object, minProperties: 1}",
            "X: &x {type: string, minProperties: 1}\nA: {<<: *x, type: object}",
            []),
        new(
            "a merge of several",
            "A: {type: string, maxLength: 3}",
            "X: &x {type: string}\nY: &y {type: boolean, maxLength: 3}\nA: {<<: [*x, *y]}",
            []),
        new(
            "what is merged changed",
            "X: &x {type: string}\nA: {<<: *x}",
            "X: &x {type: boolean}\nA: {<<: *x}",
            ["type-changed"]),
        new(
            "a quoted << is a name",
            "A: {properties: {'<<': {type: string}}}",
            "A: {properties: {'<<': {type: boolean}}}",
            ["type-changed"]),
    ];

    private static readonly Pair[] Alternatives =
    [
        new("a schema renamed with its mapping", Pet, Pet.Replace("Cat", "Feline", StringComparison.Ordinal), []),
        new(
            "a schema renamed with its mapping, and widened",
            Pet,
            Pet.Replace("Cat", "Feline", StringComparison.Ordinal)
                .Replace("lives: {type: integer}", "lives: {type: number}", StringComparison.Ordinal),
            ["type-generalized"]),
        new(
            "a schema renamed, and sent by its name",
            Pet.Replace(", mapping: {c: '#/components/schemas/Cat', d: Dog}", "", StringComparison.Ordinal),
            Pet.Replace(", mapping: {c: '#/components/schemas/Cat', d: Dog}", "", StringComparison.Ordinal)
                .Replace("Cat", "Feline", StringComparison.Ordinal),
            ["one-of-removed", "one-of-added"]),
        new(
            "a mapping to another schema",
            Pet,
            Pet.Replace("d: Dog", "d: Cat", StringComparison.Ordinal),
            ["discriminator-mapping-changed"]),
        new(
            "a value of the mapping renamed",
            Pet,
            Pet.Replace("d: Dog", "dog: Dog", StringComparison.Ordinal),
            ["discriminator-mapping-deleted", "discriminator-mapping-added"]),
        new(
            "an enum moved behind a reference with a title",
            "A: {oneOf: [{type: string, enum: [a]}, {type: integer}]}",
            "A: {oneOf: [{$ref: '#/components/schemas/E'}, {type: integer}]}\nE: {title: An enum, type: string, enum: [a]}",
            []),
        new(
            "an enum moved behind a reference, and gained a value",
            "A: {oneOf: [{type: string, enum: [a]}, {type: integer}]}",
            "A: {oneOf: [{$ref: '#/components/schemas/E'}, {type: integer}]}\nE: {type: string, enum: [a, b]}",
            ["enum-value-added"]),
        new(
            "a property's enum moved behind a reference with a title",
            "A: {properties: {p: {type: string, enum: [a]}}}",
            "A: {properties: {p: {$ref: '#/components/schemas/E'}}}\nE: {title: E, type: string, enum: [a]}",
            []),
        new(
            "an item's enum moved behind a reference with a title",
            "A: {type: array, items: {type: string, enum: [a]}}",
            "A: {type: array, items: {allOf: [{$ref: '#/components/schemas/E'}], title: I}}\nE: {title: E, type: string, enum: [a]}",
            []),
        new(
            "an alternative in place got a name",
            "A: {anyOf: [{type: object, properties: {a: {type: string}}}, {type: string}]}",
            "A: {anyOf: [{$ref: '#/components/schemas/O'}, {type: string}]}\nO: {type: object, description: New, properties: {a: {type: string}}}",
            []),
    ];

    private static readonly Pair[] Dialect =
    [
        new("3.1 and nothing else", "A: {type: string}", "A: {type: string}", [], V30, V31),
        new("nullable became a type", "A: {type: string, nullable: true}", "A: {type: [string, 'null']}", [], V30, V31),
        new("null became possible", "A: {type: string}", "A: {type: [string, 'null']}", ["became-nullable"], V31, V31),
        new(
            "null is an alternative",
            "A: {nullable: true, anyOf: [{type: string}, {type: integer}]}",
            "A: {anyOf: [{type: string}, {type: integer}, {type: 'null'}]}",
            [],
            V30,
            V31),
        new("a type more", "A: {type: string}", "A: {type: [integer, string]}", ["type-generalized"], V31, V31),
        new("a type less", "A: {type: [integer, string]}", "A: {type: string}", ["type-specialized"], V31, V31),
        new("types in another order", "A: {type: [integer, string]}", "A: {type: [string, integer]}", [], V31, V31),
        new("an enum of one became const", "A: {type: string, enum: [a]}", "A: {type: string, const: a}", [], V30, V31),
        new("const changed", "A: {const: a}", "A: {const: b}", ["enum-value-added", "enum-value-removed"], V31, V31),
        new(
            "an exclusive minimum in numbers",
            "A: {type: number, minimum: 1, exclusiveMinimum: true}",
            "A: {type: number, exclusiveMinimum: 1}",
            [],
            V30,
            V31),
        new(
            "an exclusive minimum rose",
            "A: {type: number, exclusiveMinimum: 1}",
            "A: {type: number, exclusiveMinimum: 2}",
            ["min-increased"],
            V31,
            V31),
        new(
            "a keyword beside a reference",
            "A: {$ref: '#/components/schemas/S'}\nS: {type: string}",
            "A: {$ref: '#/components/schemas/S', maxLength: 3}\nS: {type: string}",
            ["max-length-set"],
            V31,
            V31),
        new(
            "a text beside a reference",
            "A: {$ref: '#/components/schemas/S'}\nS: {type: string}",
            "A: {$ref: '#/components/schemas/S', description: An S}\nS: {type: string}",
            [],
            V31,
            V31),
        new(
            "prefixItems changed",
            "A: {type: array, prefixItems: [{type: string}]}",
            "A: {type: array, prefixItems: [{type: integer}]}",
            ["keyword-changed"],
            V31,
            V31),
        new(
            "prefixItems changed behind a reference",
            "A: {type: array, prefixItems: [{$ref: '#/components/schemas/S'}]}\nS: {type: string}",
            "A: {type: array, prefixItems: [{$ref: '#/components/schemas/S'}]}\nS: {type: integer}",
            ["keyword-changed"],
            V31,
            V31),
        new(
            "a condition changed",
            "A: {type: object, if: {required: [a]}, then: {required: [b]}}",
            "A: {type: object, if: {required: [a]}, then: {required: [c]}}",
            ["keyword-changed"],
            V31,
            V31),
        new(
            "patternProperties changed",
            "A: {type: object, patternProperties: {'^a': {type: string}}}",
            "A: {type: object, patternProperties: {'^b': {type: string}}}",
            ["keyword-changed"],
            V31,
            V31),
        new(
            "unevaluatedProperties changed",
            "A: {type: object}",
            "A: {type: object, unevaluatedProperties: false}",
            ["keyword-changed"],
            V31,
            V31),
        new(
            "a definition within a schema",
            "A: {$ref: '#/components/schemas/S/$defs/T'}\nS: {$defs: {T: {type: string}}}",
            "A: {$ref: '#/components/schemas/S/$defs/T'}\nS: {$defs: {T: {type: integer}}}",
            ["type-changed"],
            V31,
            V31),
        new(
            "a property named const",
            "A: {properties: {const: {type: string}, type: {type: string}}}",
            "A: {properties: {const: {type: boolean}, type: {type: string}}}",
            ["type-changed"],
            V31,
            V31),
    ];

    private static IEnumerable<Pair> All => [.. Files, .. Merges, .. Alternatives, .. Dialect];

    [TestCaseSource(nameof(All))]
    public void A_pair_has_the_expected_changes(Pair pair)
    {
        var changes = SpecificationComparison.Compare(
            Read(pair.Old, pair.OldVersion), "old", Read(pair.New, pair.NewVersion), "new");
        Assert.That(
            changes.Where(change => change.Place.Contains("request body", StringComparison.Ordinal))
                .Select(change => change.Rule.Id.Replace("request-body-", "", StringComparison.Ordinal)
                    .Replace("request-property-", "", StringComparison.Ordinal)),
            Is.EquivalentTo(pair.Expected),
            string.Join('\n', changes));
    }

    [Test]
    public void A_change_in_another_file_is_shown_there()
    {
        var changes = SpecificationComparison.Compare(Read(Files[2].Old, V30), "old", Read(Files[2].New, V30), "new");
        Assert.That(
            changes.Select(change => $"{change.File}:{change.Line}").Distinct(), Is.EqualTo(new[] { "a.yaml:1" }));
    }

    [Test]
    public void A_path_may_stand_in_another_file()
    {
        const string spec = "openapi: 3.0.3\npaths:\n  /a: {$ref: 'a.yaml'}\n";
        Specification Of(string item) => Specification.Parse("spec.yaml", spec, _ => item);
        var changes = SpecificationComparison.Compare(
            Of("get: {responses: {}}\nput: {responses: {}}").Document,
            "old",
            Of("get: {responses: {}}").Document,
            "new");
        Assert.That(
            changes.Select(change => change.ToString()),
            Is.EqualTo(new[] { "a.yaml:2: breaking: PUT /a: PUT /a is gone. [api-removed-without-deprecation]" }));
    }

    private static Quiva.Gateway.ContractChecks.ContractDocument Read(string text, string version)
    {
        var files = text.Split("\n--- ");
        var others = files[1..].Select(file => file.Split('\n', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
        var schemas = string.Join('\n', files[0].Split('\n').Select(line => "    " + line));
        const string schema = "content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}";
        var spec = $"openapi: {version}\npaths:\n  /a:\n    post:\n      requestBody: {{{schema}}}\n      responses: {{'200': {{description: ok, {schema}}}}}\n"
            + "components:\n  schemas:\n" + schemas;
        return Specification.Parse(
            "spec.yaml",
            spec,
            name => others.GetValueOrDefault(name) ?? throw new IOException("There is no such file.")).Document;
    }
}
