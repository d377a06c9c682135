using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using NJsonSchema;
using NSwag;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests;

/// <summary>
/// Checks each response against the contract: declared status, content type, body (no member that the schema lacks),
/// headers. What the contract can't declare is checked too: 404 for an unknown path and 405 for a method that a path
/// lacks, in the Error shape.
/// </summary>
public sealed class ContractHandler(string? canary) : DelegatingHandler
{
    private static readonly Lazy<OpenApiDocument> Document = new(() =>
        OpenApiYamlDocument.FromYamlAsync(System.Text.Encoding.UTF8.GetString(ServedContract.Bytes))
            .GetAwaiter()
            .GetResult());

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (canary is not null)
        {
            Assert.That(response + body, Does.Not.Contain(canary), "A secret came back.");
        }

        if (request.RequestUri!.AbsolutePath.StartsWith("/hub", StringComparison.Ordinal))
        {
            Check(request, response, body);
        }

        return response;
    }

    private static void Check(HttpRequestMessage request, HttpResponseMessage response, string body)
    {
        var where =
            $"{request.Method} {request.RequestUri!.AbsolutePath[..Math.Min(80, request.RequestUri.AbsolutePath.Length)]} answered {(int)response.StatusCode} {body}";
        var path = Document.Value.Paths.OrderBy(path => path.Key.Count(letter => letter == '{')).FirstOrDefault(path =>
            Regex.IsMatch(request.RequestUri.AbsolutePath, "^" + Regex.Replace(path.Key, @"\{\w+\}", "[^/]+") + "$"));
        OpenApiResponse declared;
        if (path.Key is null)
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), where);
            declared = Document.Value.Responses["NotFound"];
        }
        else if (!path.Value.TryGetValue(
            request.Method == HttpMethod.Head ? "get" : request.Method.Method.ToLowerInvariant(), out var operation))
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed), where);
            Assert.That(
                response.Content.Headers.Allow,
                Is.EquivalentTo(path.Value.Keys.Select(method => method.ToUpperInvariant())),
                where);
            declared = Document.Value.Responses["NotFound"];
        }
        else
        {
            Assert.That(
                operation.ActualResponses.Keys,
                Does.Contain(((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture)),
                where);
            declared = operation.ActualResponses[
                ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture)];
        }

        foreach (var header in declared.Headers.Where(header => header.Value.IsRequired))
        {
            Assert.That(response.Headers.Contains(header.Key), $"{where} without {header.Key}");
        }

        if (declared.Content.Count == 0)
        {
            Assert.That(body, Is.Empty, where);
        }
        else if (request.Method != HttpMethod.Head)
        {
            var isPage = declared.Content.ContainsKey("text/html")
                && request.Headers.Accept.Any(type => type.MediaType == "text/html");
            Assert.That(
                response.Content.Headers.ContentType?.MediaType,
                Is.EqualTo(isPage ? "text/html" : "application/json"),
                where);
            if (isPage)
            {
                return;
            }

            var schema = declared.Content["application/json"].Schema.ActualSchema;
            using var json = JsonDocument.Parse(body);
            Assert.That(schema.Validate(body), Is.Empty, where);
            AssertNothingUndeclared(json.RootElement, schema, where);
        }
    }

    private static void AssertNothingUndeclared(JsonElement value, JsonSchema schema, string where)
    {
        if (schema.OneOf.Count > 0)
        {
            // The object among alternatives; the others have no members.
            schema = schema.OneOf.Select(alternative => alternative.ActualSchema).First(
                alternative => value.ValueKind != JsonValueKind.Object || alternative.ActualProperties.Count > 0);
        }

        switch (value.ValueKind)
        {
            // Any JSON value, or any JSON object.
            case var _ when schema.IsAnyType || schema.IsDictionary:
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Assert.That(schema.ActualProperties.Keys, Does.Contain(member.Name), where);
                    AssertNothingUndeclared(member.Value, schema.ActualProperties[member.Name].ActualSchema, where);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    AssertNothingUndeclared(item, schema.Item!.ActualSchema, where);
                }

                break;
        }
    }
}
