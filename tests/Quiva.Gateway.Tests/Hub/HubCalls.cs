using System.Text;
using System.Text.Json.Nodes;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>What an operation of the Hub answered.</summary>
/// <param name="Status">The status.</param>
/// <param name="Text">The body as sent.</param>
/// <param name="ETag">The entity tag, or null.</param>
/// <param name="Location">The path of what was made, or null.</param>
/// <param name="Link">Where the next results are, or null.</param>
public sealed record Reply(int Status, string Text, string? ETag, string? Location, string? Link)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Error => (string)Json["error"]!;

    public override string ToString() => $"{Status} {Text}";
}

/// <summary>Calls of the Hub's operations.</summary>
public static class HubCalls
{
    /// <summary>
    /// Bodies of more bytes ask before they are sent: the server closes the connection on what it refuses.
    /// </summary>
    public const int Large = 32 * 1024;

    public static async Task<Reply> CallAsync(
        this HttpClient client, string method, string path, string? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            request.Headers.ExpectContinue = body.Length > Large;
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.ETag?.ToString(),
            response.Headers.Location?.ToString(), response.Headers.TryGetValues(
                "Link", out var links) ? links.Single() : null);
    }

    public static Task<Reply> CreateCollectionAsync(this HttpClient client, string name, string type) =>
        client.CallAsync(
            "POST", "/hub/collections", new JsonObject { ["name"] = name, ["collection_type"] = type }.ToJsonString());

    /// <summary>Makes a collection and returns its topic.</summary>
    public static async Task<string> CollectionAsync(this HttpClient client, string type, string? name = null)
    {
        var reply = await client.CreateCollectionAsync(name ?? Guid.NewGuid().ToString(), type);
        Assert.That(reply.Status, Is.EqualTo(201), reply.ToString());
        return (string)reply.Json["topic"]!;
    }

    public static Task<Reply> CreateNodeAsync(this HttpClient client, string collection, string data) =>
        client.CallAsync(
            "POST",
            "/hub/nodes",
            $$$"""{"collection":"ms.hub.config.collection.node.{{{collection}}}","data":{{{data}}}}""");

    /// <summary>Makes a node template and returns its topic.</summary>
    public static async Task<string> NodeAsync(this HttpClient client, string collection, string name)
    {
        var reply =
            await client.CreateNodeAsync(collection, $$"""{"name":"{{name}}","node_type":"map","payload":{} }""");
        Assert.That(reply.Status, Is.EqualTo(201), reply.ToString());
        return ((string)reply.Json["subject"]!).Split('.')[^1];
    }

    public static Task<Reply> UpdateNodeAsync(
        this HttpClient client, string collection, string topic, string rest, string? ifMatch = null) =>
        client.CallAsync(
            "PATCH",
            $"/hub/nodes/{collection}/{topic}",
            $$"""{"subject":"ms.hub.config.node.{{collection}}.{{topic}}",{{rest}} }""",
            ifMatch);

    public static Task<Reply> CreateWorkflowAsync(
        this HttpClient client, string collection, string name, string? config = null) =>
        client.CallAsync(
            "POST",
            "/hub/workflows",
            $$"""{"name":"{{name}}","collection":"ms.hub.config.collection.workflow.{{collection}}"{{(config is null ? "" : $",\"config\":{config}")}} }""");

    /// <summary>Makes a workflow and returns its topic.</summary>
    public static async Task<string> WorkflowAsync(
        this HttpClient client, string collection, string name, string? config = null)
    {
        var reply = await client.CreateWorkflowAsync(collection, name, config ?? Config("first"));
        Assert.That(reply.Status, Is.EqualTo(201), reply.ToString());
        return ((string)reply.Json["subject"]!).Split('.')[^1];
    }

    public static Task<Reply> UpdateWorkflowAsync(
        this HttpClient client, string collection, string topic, string rest, string? ifMatch = null) =>
        client.CallAsync(
            "PATCH",
            $"/hub/workflows/{collection}/{topic}",
            $$"""{"subject":"ms.hub.config.workflow.draft.{{collection}}.{{topic}}",{{rest}} }""",
            ifMatch);

    public static Task<Reply> PublishAsync(
        this HttpClient client, string collection, string topic, string? ifMatch = null) =>
        client.CallAsync(
            "POST",
            "/hub/workflows/publish",
            $$"""{"subject":"ms.hub.config.workflow.draft.{{collection}}.{{topic}}"}""",
            ifMatch);

    /// <summary>A configuration of one step.</summary>
    public static string Config(string mark) =>
        $$$"""{"nodes":[{"data":{"id":"step","node_type":"map","payload":"{{{mark}}}"}}],"edges":[]}""";
}
