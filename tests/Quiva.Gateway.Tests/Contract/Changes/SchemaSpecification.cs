using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>Specifications that use one schema in one way.</summary>
internal static class SchemaSpecification
{
    private const string Components = """

        components:
          schemas:
            Cat:
              type: object
              properties: {kind: {type: string}}
            Dog:
              type: object
              properties: {kind: {type: string}}
            Owl:
              type: object
              properties: {kind: {type: string}}
        """;

    private const string Start = "openapi: 3.0.3\ninfo: {title: Zoo, version: 1.0.0}\npaths:\n  /a:\n    post:\n";

    /// <summary>A specification with the schema, one keyword a line.</summary>
    public static string With(string schema, SchemaUse use)
    {
        var (head, tail) = Frame(use);
        var indent = new string(' ', 20);
        return Start
            + head
            + indent
            + schema.TrimEnd().Replace("\n", "\n" + indent, StringComparison.Ordinal)
            + tail
            + Components;
    }

    /// <summary>Where callers meet the schema.</summary>
    public static string Place(SchemaUse use) => use switch
    {
        SchemaUse.RequestBody => "POST /a request body",
        SchemaUse.RequestProperty => "POST /a request body.p",
        SchemaUse.RequestParameter => "POST /a query parameter p",
        SchemaUse.ResponseBody => "POST /a response 200 body",
        SchemaUse.ResponseProperty => "POST /a response 200 body.p",
        _ => "POST /a response 200 header P",
    };

    public static bool Has(string text, string line) =>
        Array.FindIndex(text.Split('\n'), candidate => candidate.Trim() == line) >= 0;

    public static int Line(string text, string line) =>
        Array.FindIndex(text.Split('\n'), candidate => candidate.Trim() == line) + 1;

    private static (string Head, string Tail) Frame(SchemaUse use)
    {
        const string Responses = "\n      responses: {}";
        return use switch
        {
            SchemaUse.RequestBody =>
                ("      requestBody:\n        content:\n          application/json:\n            schema:\n", Responses),
            SchemaUse.RequestProperty =>
                ("      requestBody:\n        content:\n          application/json:\n            schema:\n              properties:\n                p:\n", Responses),
            SchemaUse.RequestParameter =>
                ("      parameters:\n        - name: p\n          in: query\n          schema:\n", Responses),
            SchemaUse.ResponseBody =>
                ("      responses:\n        '200':\n          content:\n            application/json:\n              schema:\n", ""),
            SchemaUse.ResponseProperty =>
                ("      responses:\n        '200':\n          content:\n            application/json:\n              schema:\n                properties:\n                  p:\n", ""),
            _ => ("      responses:\n        '200':\n          headers:\n            P:\n              schema:\n", ""),
        };
    }
}
