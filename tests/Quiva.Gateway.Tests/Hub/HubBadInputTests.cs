using System.Net.Http.Headers;
using System.Text;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>
/// Whatever is sent to the Hub, the answer is a declared refusal that says one clear thing, and nothing is stored.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HubBadInputTests(DatabaseProvider engine) : HubFixture(engine)
{
    private const string Mark = "MARK-6c1f";

    // Bodies that are right but for the mark, which each case replaces.
    private static readonly (string Method, string Path, string Body)[] Bodies =
    [
        ("POST", "/hub/collections", $$"""{"name":{{Mark}},"collection_type":"node"}"""),
        (
            "PATCH",
            "/hub/collections/node/1",
            $$"""{"subject":"ms.hub.config.collection.node.1","description":{{Mark}} }"""),
        (
            "POST",
            "/hub/nodes",
            $$$"""{"collection":"ms.hub.config.collection.node.1","data":{"name":{{{Mark}}},"payload":1}}"""),
        ("PATCH", "/hub/nodes/1/1", $$$"""{"subject":"ms.hub.config.node.1.1","data":{"name":{{{Mark}}}}}"""),
        ("PATCH", "/hub/nodes/batch", $$$"""[{"subject":"ms.hub.config.node.1.1","data":{"name":{{{Mark}}}}}]"""),
        ("POST", "/hub/workflows", $$"""{"name":{{Mark}},"collection":"ms.hub.config.collection.workflow.1"}"""),
        ("PATCH", "/hub/workflows/1/1", $$"""{"subject":"ms.hub.config.workflow.draft.1.1","name":{{Mark}} }"""),
        ("POST", "/hub/workflows/publish", $$"""{"subject":{{Mark}} }"""),
    ];

    [TearDown]
    public async Task Nothing_was_stored() =>
        Assert.That(await App.Database.FindAsync<int>(
            "select count(*) from changes where account = @account and subject like 'ms.hub.%'",
            new { account = Account }), Is.Zero);

    [Test]
    public async Task Text_of_a_wrong_type_or_with_what_no_text_has_is_refused(
        [Values(
            "5",
            "1e5",
            "true",
            "[]",
            "[\"a\"]",
            "{}",
            "{\"a\":1}",
            "\"\\u0000\"",
            "\"\\u0007\"",
            "\"\\u007f\"",
            "\"\\ud800\"",
            "\"\\udc00x\"")] string value)
    {
        foreach (var (method, path, body) in Bodies)
        {
            await RefusedAsync(method, path, body.Replace(Mark, value, StringComparison.Ordinal));
        }
    }

    [Test]
    public async Task Text_that_is_too_long_is_refused_in_code_points()
    {
        foreach (var (method, path, body) in Bodies)
        {
            await RefusedAsync(
                method, path, body.Replace(Mark, $"\"{new string('a', 4001)}\"", StringComparison.Ordinal));
            await RefusedAsync(
                method,
                path,
                body.Replace(Mark, $"\"{string.Concat(Enumerable.Repeat("😀", 4001))}\"", StringComparison.Ordinal));
        }
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("null")]
    [TestCase("5")]
    [TestCase("\"text\"")]
    [TestCase("{")]
    [TestCase("{}{}")]
    [TestCase("{} x")]
    [TestCase("{'name':1}")]
    [TestCase("{\"name\":\"a\",}")]
    [TestCase("// comment\n{}")]
    [TestCase("{\"name\":NaN}")]
    [TestCase("\ufeff{}")]
    public async Task What_is_no_JSON_object_is_refused(string body)
    {
        foreach (var (method, path, _) in Bodies)
        {
            await RefusedAsync(method, path, body);
        }
    }

    [Test]
    public async Task Members_that_are_named_twice_are_refused()
    {
        foreach (var (method, path, body) in Bodies)
        {
            var member = body.TrimStart('[').Split(':')[0].TrimStart('{');
            await RefusedAsync(method, path, body.Replace(
                "{" + member,
                "{" + member + ":\"a\"," + member,
                StringComparison.Ordinal).Replace(Mark, "\"a\"", StringComparison.Ordinal));
        }
    }

    [Test]
    public async Task What_is_not_UTF_8_is_refused()
    {
        foreach (var (method, path, body) in Bodies)
        {
            var (before, after) = (body[..body.IndexOf(Mark, StringComparison.Ordinal)], body[
                (body.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]);
            await RefusedAsync(method, path, [
                .. Encoding.UTF8.GetBytes(before),
                (byte)'"',
                0xC3,
                0x28,
                (byte)'"',
                .. Encoding.UTF8.GetBytes(after)
            ]);
            await RefusedAsync(
                method, path, Encoding.Unicode.GetBytes(body.Replace(Mark, "\"a\"", StringComparison.Ordinal)));
        }
    }

    [TestCase("/hub/nodes", """{"collection":"ms.hub.config.collection.node.1","data":{"name":"a","payload":"~"}}""")]
    [TestCase(
        "/hub/nodes",
        """{"collection":"ms.hub.config.collection.node.1","data":{"name":"a","payload":1,"response_map":{"~":1}}}""")]
    [TestCase(
        "/hub/workflows",
        """{"name":"a","collection":"ms.hub.config.collection.workflow.1","config":{"static":{"a":["~"]}}}""")]
    [TestCase(
        "/hub/workflows",
        """{"name":"a","collection":"ms.hub.config.collection.workflow.1","config":{"static":{"~":1}}}""")]
    public async Task What_is_not_UTF_8_is_refused_in_free_form_values_too(string path, string body)
    {
        foreach (var bytes in new byte[][] { [0xC3, 0x28], [0xFF], [0xED, 0xA0, 0x80], [0xC0, 0xAF] })
        {
            var parts = body.Split('~');
            await RefusedAsync(
                "POST", path, [.. Encoding.UTF8.GetBytes(parts[0]), .. bytes, .. Encoding.UTF8.GetBytes(parts[1])]);
        }
    }

    [TestCase(null)]
    [TestCase("text/plain")]
    [TestCase("application/merge-patch+json")]
    [TestCase("application/json; charset=utf-16")]
    public async Task Another_media_type_is_refused(string? type)
    {
        foreach (var (method, path, body) in Bodies)
        {
            await RefusedAsync(
                method, path, Encoding.UTF8.GetBytes(body.Replace(Mark, "\"a\"", StringComparison.Ordinal)), 415, type);
        }
    }

    [Test]
    public async Task A_body_that_is_too_large_is_refused()
    {
        foreach (var (method, path, limit) in new[]
        {
            ("POST", "/hub/collections", 65536), (
                "PATCH",
                "/hub/collections/node/1",
                65536), ("POST", "/hub/nodes", 1048576), ("PATCH", "/hub/nodes/1/1", 1048576),
            ("PATCH", "/hub/nodes/batch", 4194304), (
                "POST",
                "/hub/workflows",
                4194304), ("PATCH", "/hub/workflows/1/1", 4194304), ("POST", "/hub/workflows/publish", 65536),
        })
        {
            await RefusedAsync(method, path, Encoding.UTF8.GetBytes("{\"x\":\"" + new string('x', limit) + "\"}"), 413);
        }
    }

    [TestCase("/hub/collections?limit=-1")]
    [TestCase("/hub/collections?limit=1001")]
    [TestCase("/hub/collections?limit=1.5")]
    [TestCase("/hub/collections?limit=99999999999999999999")]
    [TestCase("/hub/collections?limit=abc")]
    [TestCase("/hub/collections?cursor=abc%3D")]
    [TestCase("/hub/collections?cursor=a")]
    [TestCase("/hub/collections?cursor=_w")]
    [TestCase("/hub/collections?cursor=YWJj")]
    [TestCase("/hub/collections?cursor=bXMuaHViLmNvbmZpZy5ub2RlLjEuMg")]
    [TestCase("/hub/workflows?filter=draft&cursor=bXMuaHViLmNvbmZpZy53b3JrZmxvdy4xLjI")]
    [TestCase("/hub/collections?collection_type=1")]
    [TestCase("/hub/collections?collection_type=NODE")]
    [TestCase("/hub/collections/0/1")]
    [TestCase("/hub/collections/node/1%20")]
    [TestCase("/hub/collections/node/%C3%97")]
    [TestCase("/hub/collections/node/12345678901")]
    [TestCase("/hub/nodes?collection_topic=-1")]
    [TestCase("/hub/nodes/1/'")]
    [TestCase("/hub/workflows?filter=Draft")]
    [TestCase("/hub/workflows?filter=0")]
    [TestCase("/hub/workflows/1/1?draft=yes")]
    [TestCase("/hub/workflows/1/1/history?limit=0")]
    [TestCase("/hub/workflows/1/1/history?cursor=YQ")]
    [TestCase("/hub/workflows/1/01")]
    public async Task A_parameter_that_breaks_the_contract_is_refused(string path)
    {
        var reply = await Client.CallAsync("GET", path);
        Assert.That(reply.Status, Is.EqualTo(400), reply.Text);
        AssertClear(reply.Error);
    }

    private Task RefusedAsync(string method, string path, string body) =>
        RefusedAsync(method, path, Encoding.UTF8.GetBytes(body));

    private async Task RefusedAsync(
        string method, string path, byte[] body, int status = 400, string? contentType = "application/json")
    {
        using var request =
            new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(body) };
        request.Headers.ExpectContinue = body.Length > HubCalls.Large;
        request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(status), $"{method} {path} {text}");
        AssertClear((string)System.Text.Json.Nodes.JsonNode.Parse(text)!["error"]!);
    }

    private static void AssertClear(string error) =>
        Assert.That(error, Is.Not.Empty.And.Not.Contain("System.").And.Not
            .Contain("Quiva.Gateway").And.Not
            .Contain("LineNumber").And.Not
            .Contain("BytePosition").And.Not
            .Contain("aaaa").And.Not
            .Contain("The value '"));
}
