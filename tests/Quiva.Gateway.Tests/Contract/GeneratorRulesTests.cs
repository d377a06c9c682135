using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Generator;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>
/// What spec authors write either works, as the kitchen sink shows, or is refused with its line and a remedy. In the
/// fragments #! marks that line, #? a clash with another one.
/// </summary>
public sealed class GeneratorRulesTests
{
    private static readonly string KitchenSink = CheckedIn.Text("tests/KitchenSink/kitchen-sink.yaml");

    private static readonly string[] Properties =
    [
        "{oneOf: [{type: string}, {type: integer}]} #! has alternatives, but no name",
        "{anyOf: [{$ref: '#/components/schemas/Echo'}, {type: string}]} #! has alternatives, but no name",
        "{not: {type: string}} #! not is not generated",
        "{type: number, exclusiveMinimum: true, minimum: 0} #! exclusiveMinimum is not generated",
        "{type: number, multipleOf: 2} #! multipleOf is not generated",
        "{type: array, uniqueItems: true, items: {type: string}} #! uniqueItems is not generated",
        "{type: object, minProperties: 1, additionalProperties: {type: string}} #! minProperties is not generated",
        "{type: string, const: a} #! const is not generated",
        "{type: [string, 'null']} #! is of no type of OpenAPI 3.0",
        "{type: 'null'} #! is of no type of OpenAPI 3.0",
        "{type: string, format: email} #! The format email is not enforced",
        "{type: string, format: password} #! The format password is not enforced",
        "{type: string, enum: [a, b]} #! is an enum without a name",
        "{type: object, properties: {a: {type: string}}} #! is an object without a name",
        "{type: array, items: {type: object, properties: {a: {type: string}}}} #! is an object without a name",
        "{type: array} #! is a list without items",
        "{type: array, items: {type: string, maxLength: 3}} #! limits the items of a list",
        "{type: object, additionalProperties: {type: string, pattern: '^a$'}} #! limits the items of a list or the values of a map",
        "{type: string, format: date, default: '2026-01-01'} #! can't be put into effect",
        "{type: array, items: {type: string}, default: []} #! can't be put into effect",
        "{type: string, pattern: '^(?=a)'} #! can't be matched as ECMA 262 reads it",
        "{type: string, pattern: '(a)\\1'} #! can't be matched as ECMA 262 reads it",
        "{type: string, pattern: '['} #! can't be matched as ECMA 262 reads it",
        "{type: string, x-invalid-message: 'a \" b'} #! has a character that C# takes for something else",
        "{$ref: '#/components/schemas/Nowhere'} #! leads nowhere",
        "{$ref: 'other.yaml#/A'} #! leads out of the components of this file",
        "{$ref: '#/components/schemas/Echo', nullable: true} #! nullable stands beside a $ref",
        "{type: string, description: 'a */ b'} #! holds */",
    ];

    private static readonly string[] Schemas =
    [
        "T: {oneOf: [{$ref: '#/components/schemas/Echo'}]} #! has fewer than two alternatives",
        "T: {oneOf: [{type: string}, {type: string, maxLength: 3}]} #! has the alternative String twice",
        "T: {oneOf: [{type: string}, {type: array, items: {type: string}}]} #! An alternative of components.schemas.T is neither",
        "T: {oneOf: [{type: string}, {$ref: '#/components/schemas/Pet'}]} #! An alternative of components.schemas.T is neither",
        "T: {anyOf: [{type: string}, {$ref: '#/components/schemas/Labels'}]} #! An alternative of components.schemas.T is neither",
        "T: {type: object, oneOf: [{type: string}, {type: integer}]} #! type stands beside alternatives",
        "T: {oneOf: [{type: string}, {type: integer}], anyOf: [{type: string}, {type: integer}]} #! has both oneOf and anyOf",
        "T: {oneOf: [{$ref: '#/components/schemas/Echo'}, {$ref: '#/components/schemas/Cat'}], discriminator: {propertyName: kind}} #! Echo has no required text kind",
        "T: {oneOf: [{$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Cat'}], discriminator: {mapping: {}}} #! has no propertyName",
        "T: {oneOf: [{$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Cat'}], discriminator: {propertyName: kind, mapping: {a: Cow}}} #! which is no alternative",
        "T: {oneOf: [{$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Cat'}], discriminator: {propertyName: kind, mapping: {Dog: Cat}}} #! means several alternatives",
        "lower: {type: object} #! can't name a class",
        "A_b: {type: object} #! can't name a class",
        "Promise: {type: object} #! can't name a class",
        "GatewayCall: {type: object} #! can't name a class",
        "ECHO: {type: object} #?",
        "T: {type: object, properties: {M: {type: string}, m: {type: string}}} #! The properties M and m",
        "T: {type: object, properties: {a_b: {type: string}, a-b: {type: string}}} #! The properties a_b and a-b",
        "T: {type: object, properties: {t: {type: string}}} #! can't name a property of T",
        "T: {type: object, properties: {'@id': {type: string}}} #! The property @id can't name a property",
        "T: {type: object, properties: {a.b: {type: string}}} #! The property a.b can't name a property",
        "T: {type: object, properties: {get_type: {type: string}}} #! The property get_type can't name a property",
        "T: {type: object, properties: {1st: {type: string}}} #! The property 1st can't name a property",
        "T: {type: object, required: [b], properties: {a: {type: string}}} #! b is required",
        "T: {type: object, required: [a], properties: {a: {type: string, default: x}}} #! is required and has a default",
        "T: {type: object, properties: {a: {type: string}}, additionalProperties: {type: string}} #! has both properties and values of any name",
        "T: {type: string, enum: [a-b, a_b]} #! have one name in generated code",
        "T: {type: string, enum: ['>', '<']} #! can't name a constant",
        "T: {type: string, enum: ['', a]} #! can't name a constant",
        "T: {type: string, enum: [unrecognized, a]} #! The clients have a value Unrecognized",
        "T: {type: number, enum: [1.5, 2]} #! is an enum of something else",
        "T: {type: integer, enum: [1, x]} #! can't name a constant",
        "T: {enum: [a, b]} #! is an enum of something else",
        "T: {allOf: [{$ref: '#/components/schemas/Echo'}, {$ref: '#/components/schemas/Error'}]} #! has two references in allOf",
        "T: {allOf: [{$ref: '#/components/schemas/Echo'}, {type: object, properties: {text: {type: string}}}]} #! is there twice",
        "T: {allOf: [{$ref: '#/components/schemas/Color'}, {type: object, properties: {a: {type: string}}}]} #! derives from what is no object",
        "T: {type: object, discriminator: {propertyName: a}, properties: {a: {type: string}}} #! has no alternatives beside it",
    ];

    private static readonly string[] Parameters =
    [
        "{name: q, in: query, style: pipeDelimited, schema: {type: array, items: {type: string}}} #! The style pipeDelimited",
        "{name: q, in: query, style: spaceDelimited, schema: {type: array, items: {type: string}}} #! The style spaceDelimited",
        "{name: q, in: query, schema: {$ref: '#/components/schemas/Filter'}} #! is not one value",
        "{name: q, in: query, schema: {type: array, items: {$ref: '#/components/schemas/Filter'}}} #! is a list of something else",
        "{name: q, in: query, style: deepObject, schema: {type: string}} #! is not an object of single values",
        "{name: q, in: query, style: deepObject, schema: {$ref: '#/components/schemas/Thing'}} #! is not an object of single values",
        "{name: q, in: header, schema: {type: array, items: {type: string}}} #! is not one value",
        "{name: q, in: cookie, schema: {type: array, items: {type: string}}} #! is not one value",
        "{name: Authorization, in: header, schema: {type: string}} #! is no parameter",
        "{name: q, in: query, content: {application/json: {schema: {type: string}}}} #! content of a parameter is not generated",
        "{name: q, in: header, allowEmptyValue: true, schema: {type: string}} #! allowEmptyValue of a parameter is not generated",
        "{name: q, in: query, allowReserved: true, schema: {type: string}} #! allowReserved of a parameter is not generated",
        "{name: q, in: query} #! has no schema",
        "{name: q, in: body, schema: {type: string}} #! is in body",
        "{name: 'ids[]', in: query, schema: {type: string}} #! can't name a variable",
        "{name: event, in: query, schema: {type: string}} #! can't name a variable",
        "{name: options, in: query, schema: {type: string}} #! can't name a variable",
        "{name: x_trace, in: query, schema: {type: string}} #?",
        "{name: q, in: query, type: string, schema: {type: string}} #! A parameter has no type",
        "{name: q, in: query, required: true, schema: {type: string, default: a}} #! The default of the parameter q",
        "{name: q, in: query, schema: {type: string, format: uuid, default: a}} #! can't be put into effect",
    ];

    private static readonly (string From, string To)[] Operations =
    [
        ("      operationId: listSink", "      operationId: list_sink #! The operationId list_sink"),
        ("      operationId: listSink", "      operationId: request #! The operationId request"),
        ("      operationId: listSink", "      operationId: PutThing\n#?"),
        ("      tags: [Sink]", "      tags: [Sink, Other] #! has 2 tags"),
        ("      tags: [Sink]", "      tags: [my tag] #! The tag my tag can't name a controller"),
        ("  /sink/lists:", "  /sink/[lists]: #! can't be a route"),
        ("  /sink/lists:", "  /sink/li sts: #! can't be a route"),
        ("  /sink/lists:", "  /SINK/files/{file}: #?"),
        ("    get:", "    trace: #! MVC has no operations of the method trace"),
        ("      security: []", "      callbacks: {} #! callbacks of an operation are not generated"),
        ("        '204': {description: nothing}", "        '204': {description: a, content: {text/plain: {schema: {type: string}}}} #! is neither JSON nor a file"),
        ("        '204': {description: nothing}", "        20x: {description: a} #! 20x is no status"),
        ("        '202': {description: later, content: {application/json: {schema: {$ref: '#/components/schemas/Echo'}}}}",
            "        '202': {description: later, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}} #! answers with different bodies"),
        ("      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}",
            "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}} #! may be left out"),
        ("      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}",
            "      requestBody: {required: true, content: {application/json: {schema: {type: string}}}} #! is neither an object nor a list"),
        ("      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}",
            "      requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Thing'}}}} #! is not generated"),
        ("      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}",
            "      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Echo'}}, text/xml: {schema: {type: string}}}} #! is not of exactly one media type"),
        ("openapi: 3.0.3", "openapi: 3.1.0 #! The contract is not OpenAPI 3.0"),
    ];

    // The kitchen sink is compiled for server and clients, and its tests call all of it.
    private static readonly string[] Works =
    [
        "schema: {type: array, items: {type: integer, format: int32}, maxItems: 5}",
        "style: form, explode: false, schema: {type: array, items: {type: string}}",
        "schema: {type: array, items: {$ref: '#/components/schemas/Color'}}",
        "style: deepObject, schema: {$ref: '#/components/schemas/Filter'}",
        "style: deepObject, schema: {type: object, additionalProperties: {type: string}}",
        "in: query, schema: {type: string, format: date}",
        "in: query, schema: {type: string, format: uuid}",
        "in: query, schema: {type: string, format: date-time}",
        "schema: {type: integer, format: int64, default: 10, minimum: 1}",
        "schema: {type: number, maximum: 5}",
        "in: query, schema: {$ref: '#/components/schemas/Level'}",
        "allowEmptyValue: true, schema: {type: string, minLength: 1}",
        "in: header, schema: {type: string}",
        "in: header, required: true, schema: {type: integer}",
        "in: cookie, schema: {type: string}",
        "in: path, required: true, schema: {type: string, format: date}",
        "in: path, required: true, schema: {type: string, format: uuid}",
        "'202': {description: later",
        "'204': {description: nothing}",
        "4XX: {description: bad",
        "default: {description: else",
        "application/octet-stream: {schema: {type: string, format: binary}}",
        "multipart/form-data",
        "properties: {file: {type: string, format: binary}, note: {type: string}}",
        "Level: {type: integer, enum: [1, 2, 3]}",
        "Color: {type: string, enum: [red, dark-blue, '1']}",
        "allOf:\n        - $ref: '#/components/schemas/Base'",
        "levels: {type: array, items: {$ref: '#/components/schemas/Level'}}",
        "labels: {$ref: '#/components/schemas/Labels'}",
        "free: {}",
        "note: {type: string, nullable: true}",
        "map: {type: object, additionalProperties: {type: integer}}",
        "objects: {type: object, additionalProperties: {$ref: '#/components/schemas/Echo'}}",
        "size: {type: integer, default: 7}",
        "name: {type: string, default: none, nullable: true}",
        "colors: {type: array, items: {$ref: '#/components/schemas/Color'}}",
        "blob: {type: string, format: byte}",
        "big: {type: integer, format: int64}",
        "ratio: {type: number, format: float}",
        "oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]",
        "discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', kitten: Cat, dog: '#/components/schemas/Dog'}}",
        "Shape: {oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]}",
        "anyOf: [{$ref: '#/components/schemas/Circle'}, {type: integer}, {type: boolean}, {$ref: '#/components/schemas/Color'}, {type: string, maxLength: 5}]",
        "schema: {$ref: '#/components/schemas/Pet'}",
        "pets: {type: array, items: {$ref: '#/components/schemas/Pet'}}",
        "by_name: {type: object, additionalProperties: {$ref: '#/components/schemas/Pet'}}",
        "shape: {nullable: true, allOf: [{$ref: '#/components/schemas/Shape'}]}",
    ];

    [TestCaseSource(nameof(Works))]
    public void A_fragment_works(string fragment) => Assert.That(KitchenSink, Does.Contain(fragment));

    [TestCaseSource(nameof(Properties))]
    public void A_property_is_refused(string fragment) =>
        Refuse(KitchenSink, fragment, "Probe:\n      type: object\n      properties:\n        value: ");

    [TestCaseSource(nameof(Schemas))]
    public void A_schema_is_refused(string fragment) => Refuse(KitchenSink, fragment, "");

    [TestCaseSource(nameof(Parameters))]
    public void A_parameter_is_refused(string fragment) =>
        RefuseEdit(KitchenSink.Replace(
            "      parameters:\n", $"      parameters:\n        - {fragment}\n", StringComparison.Ordinal));

    [TestCaseSource(nameof(Operations))]
    public void An_operation_is_refused((string From, string To) edit)
    {
        var at = KitchenSink.IndexOf(edit.From, StringComparison.Ordinal);
        RefuseEdit(string.Concat(KitchenSink.AsSpan(0, at), edit.To, KitchenSink.AsSpan(at + edit.From.Length)));
    }

    [Test]
    public void What_works_is_not_refused()
    {
        Assert.That(GeneratorRules.Find(new(KitchenSink)), Is.Empty);
        Assert.That(GeneratorRules.Find(new(CheckedIn.Text(ContractDocument.File))), Is.Empty);
    }

    [Test]
    public void A_tag_that_nobody_serves_is_refused()
    {
        var contract = new ContractDocument(KitchenSink);
        var faults = Unserved.Find(contract, Path.Combine(CheckedIn.Root, "src", "Quiva.Gateway")).ToList();
        Assert.That(faults, Has.Count.EqualTo(1));
        Assert.That(faults[0].What, Is.EqualTo("Nobody serves the operations of the tag Sink, such as listSink."));
        Assert.That(Unserved.Find(contract, Path.Combine(CheckedIn.Root, "tests", "KitchenSink", "Server")), Is.Empty);
    }

    private static void Refuse(string contract, string fragment, string before) =>
        RefuseEdit(contract.Replace("  schemas:\n", $"  schemas:\n    {before}{fragment}\n", StringComparison.Ordinal));

    private static void RefuseEdit(string contract)
    {
        var lines = contract.Split('\n');
        var marked = Array.FindIndex(lines, line => line.Contains("#!", StringComparison.Ordinal));
        var faults = GeneratorRules.Find(new(contract));
        if (marked < 0)
        {
            // Two names clash, and the later one is refused.
            Assert.That(contract, Does.Contain("#?"));
            Assert.That(faults, Has.Count.EqualTo(1));
            return;
        }

        var expected = lines[marked][(lines[marked].IndexOf("#!", StringComparison.Ordinal) + 2)..].Trim();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(faults.Where(fault => fault.What.Contains(expected, StringComparison.Ordinal))
                .Select(fault => fault.Line), Has.Some.EqualTo(marked + 1),
                string.Join('\n', faults));
            Assert.That(faults.Select(fault => fault.Remedy), Has.All.Matches(@"^[A-Z].*\.$"));
        }
    }
}
