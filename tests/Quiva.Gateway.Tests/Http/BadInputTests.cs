using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Http;

/// <summary>
/// Whatever is sent, the answer is one that the contract declares, says one clear thing, repeats nothing of what was
/// sent, and nothing is stored.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class BadInputTests(DatabaseProvider engine)
{
    private static readonly string[] Fields =
    [
        "integration_id", "name", "scopes", "client_id", "client_secret", "auth_url", "token_url", "redirect_url"
    ];
    private static readonly string[] Urls = ["auth_url", "token_url", "redirect_url"];

    private GatewayApp app = null!;
    private HttpClient admin = null!;
    private string key = "";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(engine);
        key = await app.KeyAsync("platform", ["quiva-admin"]);
        admin = app.Client(headers => headers.Add(ApiKeyHandler.HeaderName, key));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        admin.Dispose();
        await app.DisposeAsync();
    }

    [TearDown]
    public async Task Nothing_was_stored_and_nothing_failed()
    {
        var list = await admin.GetFromJsonAsync<OauthConfigList>("/hub/integrations/oauth-config");
        Assert.That(list!.Results, Is.Empty);
        Assert.That(app.Logs, Does.Not.Contain("failed Method="));
        Assert.That(app.Logs, Does.Not.Contain(app.Canary));
    }

    private JsonObject Body() => Configs.Body("bad", app.Canary);

    private static async Task<string> RefusedAsync(Task<HttpResponseMessage> sending, int status = 400)
    {
        using var response = await sending;
        var text = await response.ErrorAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(status), text);
        Assert.That(text, Does.EndWith(".").And.Not
            .Contain("System.").And.Not
            .Contain("Quiva.Gateway").And.Not
            .Contain("LineNumber").And.Not
            .Contain("BytePosition"));
        return text;
    }

    private Task<string> RefusedAsync(string body, int status = 400, string contentType = "application/json") =>
        RefusedAsync(Encoding.UTF8.GetBytes(body), status, contentType);

    private Task<string> RefusedAsync(byte[] body, int status = 400, string? contentType = "application/json")
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return RefusedAsync(admin.PutConfigAsync("bad", content), status);
    }

    [TestCaseSource(nameof(Fields))]
    public async Task A_field_that_is_left_out_or_null_is_required(string field)
    {
        var body = Body();
        body.Remove(field);
        Assert.That(await RefusedAsync(body.ToJsonString()), Is.EqualTo($"{field} is required."));
        body[field] = null;
        Assert.That(await RefusedAsync(body.ToJsonString()), Is.EqualTo($"{field} is required."));
    }

    [Test]
    public async Task A_field_of_a_wrong_type_is_named(
        [ValueSource(nameof(Fields))] string field,
        [Values("5", "1.5", "true", "{}", "[]", "[\"x\"]", "{\"a\":1}")] string value)
    {
        var body = Body();
        body[field] = JsonNode.Parse(value);
        Assert.That(
            await RefusedAsync(body.ToJsonString()),
            Is.EqualTo($"{field} must be there once, with a well-formed value of its type."));
    }

    [TestCaseSource(nameof(Fields))]
    public async Task A_field_is_neither_empty_nor_too_long_nor_has_control_characters(string field)
    {
        // A provider may have no scopes.
        foreach (var value in new[]
        {
            "",
            new string('a', 4001),
            "https://a.example/\u0000",
            "a\nb",
            "a\u007f",
            "https://a.example/\t"
        }.Where(value => value.Length > 0 || field != "scopes"))
        {
            var body = Body();
            body[field] = value;
            Assert.That(
                await RefusedAsync(admin.PutConfigAsync("bad", JsonContent.Create(body))),
                Does.StartWith(field + " must be"));
        }
    }

    [Test]
    public async Task All_faults_are_told_at_once_in_the_contract_s_order()
    {
        var body = Body();
        body.Remove("client_secret");
        body["token_url"] = "x";
        body["scopes"] = "a b";
        Assert.That(await RefusedAsync(body.ToJsonString()), Is.EqualTo(
            "scopes must be scopes of RFC 6749, section 3.3, separated by single commas. client_secret is required. token_url must be an absolute URI (RFC 3986)."));
    }

    [TestCase("read write")]
    [TestCase("read,,write")]
    [TestCase(",read")]
    [TestCase("read,")]
    [TestCase("re\"ad")]
    [TestCase("re\\ad")]
    [TestCase("lecture,écriture")]
    public async Task Scopes_are_a_comma_separated_list_of_scope_tokens(string scopes)
    {
        var body = Body();
        body["scopes"] = scopes;
        Assert.That(await RefusedAsync(body.ToJsonString()), Does.StartWith("scopes must be"));
    }

    [TestCase("/relative")]
    [TestCase("relative")]
    [TestCase("//host.example/path")]
    [TestCase("https://")]
    [TestCase("https:///path")]
    [TestCase("http://host.example/")]
    [TestCase("ftp://host.example/")]
    [TestCase("file:///etc/passwd")]
    [TestCase("javascript:alert(1)")]
    [TestCase("data:text/html,x")]
    [TestCase("https://user@host.example/")]
    [TestCase("https://user:password@host.example/")]
    [TestCase("https://@host.example/")]
    [TestCase("https://host.example/#fragment")]
    [TestCase("https://host.example/#")]
    [TestCase("https://host.example:8443/")]
    [TestCase("https://host.example\\@other.example/")]
    [TestCase("https://host .example/")]
    [TestCase("https://hôst.example/")]
    [TestCase("https://localhost/")]
    [TestCase("https://LOCALHOST./")]
    [TestCase("https://a.localhost/")]
    [TestCase("https://metadata.google.internal/")]
    [TestCase("https://intranet/")]
    [TestCase("https://127.0.0.1/")]
    [TestCase("https://127.1/")]
    [TestCase("https://2130706433/")]
    [TestCase("https://0x7f000001/")]
    [TestCase("https://0177.0.0.1/")]
    [TestCase("https://0/")]
    [TestCase("https://10.0.0.1/")]
    [TestCase("https://172.31.255.255/")]
    [TestCase("https://192.168.1.1./")]
    [TestCase("https://100.64.0.1/")]
    [TestCase("https://169.254.169.254/latest/meta-data")]
    [TestCase("https://224.0.0.1/")]
    [TestCase("https://255.255.255.255/")]
    [TestCase("https://[::]/")]
    [TestCase("https://[::1]/")]
    [TestCase("https://[::127.0.0.1]/")]
    [TestCase("https://[::ffff:127.0.0.1]/")]
    [TestCase("https://[::ffff:8.8.8.8]/")]
    [TestCase("https://[64:ff9b::7f00:1]/")]
    [TestCase("https://[2002:7f00:1::]/")]
    [TestCase("https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/")]
    [TestCase("https://[fe80::1]/")]
    [TestCase("https://[fc00::1]/")]
    [TestCase("https://[fd00:ec2::254]/")]
    [TestCase("https://[ff02::1]/")]
    [TestCase("https://[2001:db8::1]/")]
    public async Task A_URL_is_absolute_https_at_a_public_host(string url)
    {
        foreach (var field in Urls)
        {
            var body = Body();
            body[field] = url;
            Assert.That(await RefusedAsync(body.ToJsonString()), Does.StartWith(field + " must ").And.Not.Contain(url));
        }
    }

    [TestCase("", TestName = "A body that is empty is refused")]
    [TestCase(" ", TestName = "A body of white space is refused")]
    [TestCase("null", TestName = "A body that is null is refused")]
    [TestCase("[]", TestName = "A body that is an array is refused")]
    [TestCase("\"text\"", TestName = "A body that is a string is refused")]
    [TestCase("5", TestName = "A body that is a number is refused")]
    [TestCase("{", TestName = "A truncated body is refused")]
    [TestCase("{\"name\":\"x\"", TestName = "A body without its end is refused")]
    [TestCase("{\"name\":\"x\",}", TestName = "A trailing comma is refused")]
    [TestCase("{/**/}", TestName = "A comment is refused")]
    [TestCase("{'name':'x'}", TestName = "Single quotes are refused")]
    [TestCase("{}{}", TestName = "Two objects are refused")]
    [TestCase("{\"unknown\":NaN}", TestName = "What is no JSON is refused")]
    public async Task Malformed(string body) =>
        Assert.That(
            await RefusedAsync(body),
            Is.EqualTo(
                "The request body must be one JSON object in UTF-8 without a byte order mark, with each member named once."));

    [Test]
    public async Task Too_deep_a_body_is_refused() =>
        Assert.That(
            await RefusedAsync($"{{\"unknown\":{new string('[', 100)}{new string(']', 100)}}}"),
            Does.StartWith("The request body must be"));

    [Test]
    public async Task A_member_that_stands_twice_is_refused() =>
        Assert.That(
            await RefusedAsync(Body().ToJsonString().Insert(1, "\"name\":\"first\",")),
            Is.EqualTo("name must be there once, with a well-formed value of its type."));

    [Test]
    public async Task A_member_in_other_letters_is_another_member() =>
        Assert.That(
            await RefusedAsync(Body().ToJsonString().Replace("\"name\"", "\"NAME\"", StringComparison.Ordinal)),
            Is.EqualTo("name is required."));

    [Test]
    public async Task A_byte_order_mark_is_refused() =>
        Assert.That(
            await RefusedAsync([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Body().ToJsonString())]),
            Does.StartWith("The request body must be"));

    [Test]
    public async Task Text_that_is_no_Unicode_is_refused()
    {
        var body = Body().ToJsonString();
        var invalid = Encoding.Latin1.GetBytes(body.Replace("Slack API", "Sl\u00ffck", StringComparison.Ordinal));
        Assert.That(await RefusedAsync(invalid), Does.StartWith("name must be"));
        Assert.That(
            await RefusedAsync(body.Replace("Slack API", "Sl\\ud800ck", StringComparison.Ordinal)),
            Does.StartWith("name must be"));
        Assert.That(await RefusedAsync(Encoding.Unicode.GetBytes(body)), Does.StartWith("The request body must be"));
    }

    [TestCase("text/plain")]
    [TestCase("application/x-www-form-urlencoded")]
    [TestCase("application/merge-patch+json")]
    [TestCase("application/json; charset=utf-16")]
    [TestCase("application/json; charset=iso-8859-1")]
    [TestCase("application/jsonp")]
    [TestCase("text/json")]
    [TestCase("*/*")]
    public async Task Only_JSON_in_UTF8_is_read(string contentType) =>
        await RefusedAsync(Body().ToJsonString(), 415, contentType);

    [Test]
    public async Task A_body_without_a_content_type_or_with_a_content_coding_is_not_read()
    {
        await RefusedAsync(Encoding.UTF8.GetBytes(Body().ToJsonString()), 415, null);
        var coded = JsonContent.Create(Body());
        coded.Headers.ContentEncoding.Add("gzip");
        await RefusedAsync(admin.PutConfigAsync("bad", coded), 415);
    }

    [Test]
    public async Task A_body_over_the_limit_is_refused([Values] bool chunked)
    {
        var body = Body();
        body["extra"] = new string('x', 65536);
        var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        content.Headers.ContentLength = chunked ? null : content.Headers.ContentLength;
        using var request = new HttpRequestMessage(HttpMethod.Put, Configs.PathOf("bad")) { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        Assert.That(await RefusedAsync(admin.SendAsync(request), 413), Is.EqualTo("The request body is too large."));
    }

    [TestCase("a%2Fb")]
    [TestCase("a%5Cb")]
    [TestCase("%2E%2E%2Fx")]
    [TestCase("a.b")]
    [TestCase("%20")]
    [TestCase("a%0Ab")]
    [TestCase("%F0%9F%98%80")]
    [TestCase("%ED%A0%80")]
    [TestCase("%FF")]
    [TestCase("-a")]
    [TestCase("a*")]
    [TestCase("a>")]
    public async Task An_identifier_has_only_the_characters_of_the_contract(string id)
    {
        foreach (var sending in new[]
        {
            admin.PutConfigAsync(id, JsonContent.Create(Body())), admin.GetConfigAsync(id), admin.DeleteConfigAsync(id),
        })
        {
            Assert.That(
                await RefusedAsync(sending),
                Does.StartWith("integration_id must be").Or.EqualTo("integration_id is required."));
        }
    }

    [Test]
    public async Task An_identifier_of_10000_characters_is_refused() =>
        Assert.That(
            await RefusedAsync(admin.GetConfigAsync(new string('a', 10_000))),
            Is.EqualTo("integration_id must be 1 to 64 characters long."));

    [Test]
    public async Task Dots_that_leave_the_path_lead_nowhere() =>
        Assert.That(
            (await RawConnection.SendAsync(
                app, Encoding.ASCII.GetBytes(Head("GET", "/hub/integrations/%2e%2e/oauth-config") + "\r\n"))).Status,
            Is.EqualTo(404));

    [TestCase("POST", "/hub/integrations/slack/oauth-config", 405)]
    [TestCase("PATCH", "/hub/integrations/slack/oauth-config", 405)]
    [TestCase("PUT", "/hub/integrations/oauth-config", 405)]
    [TestCase("GET", "/hub/integrations/slack", 404)]
    [TestCase("GET", "/hub", 404)]
    public async Task A_path_or_method_that_the_contract_lacks_is_refused(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new(method), path);
        await RefusedAsync(admin.SendAsync(request), status);
    }

    [TestCase("FFFFFFFFFFFFFFFFFF\r\n{}", TestName = "A chunk size that overflows is refused")]
    [TestCase("7FFFFFFF\r\n{}\r\n0\r\n\r\n", TestName = "A chunk size over the limit is refused")]
    [TestCase("-1\r\n{}\r\n0\r\n\r\n", TestName = "A negative chunk size is refused")]
    [TestCase("zz\r\n{}\r\n0\r\n\r\n", TestName = "A chunk size that is no number is refused")]
    [TestCase("2\r\n{}xx0\r\n\r\n", TestName = "A chunk without its end is refused")]
    public async Task BadFraming(string body)
    {
        var (status, text) = await RawConnection.SendAsync(
            app,
            Encoding.ASCII.GetBytes(
                Head("PUT", Configs.PathOf("bad"))
                + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                + body));
        Assert.That(status, Is.EqualTo(400).Or.EqualTo(413).Or.Zero, text);
    }

    [TestCase("GARBAGE\r\n\r\n")]
    [TestCase("GET /hub/integrations/a%00b/oauth-config HTTP/1.1\r\nHost: a\r\n\r\n")]
    [TestCase("PUT / HTTP/9.9\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [TestCase("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}")]
    [TestCase("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task A_broken_request_head_is_refused(string head)
    {
        var (status, text) = await RawConnection.SendAsync(app, Encoding.ASCII.GetBytes(head));
        Assert.That(status, Is.EqualTo(400).Or.EqualTo(505).Or.Zero, text);
    }

    private string Head(string method, string path) =>
        $"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{ApiKeyHandler.HeaderName}: {key}\r\n";
}
