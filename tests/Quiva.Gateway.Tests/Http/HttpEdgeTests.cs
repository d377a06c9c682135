using System.IO.Compression;
using System.Net;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Http;

/// <summary>What clients of an HTTP API expect besides its operations.</summary>
public sealed class HttpEdgeTests
{
    private GatewayApp app = null!;
    private HttpClient admin = null!, anyone = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        admin = await app.AdminAsync();
        anyone = app.Client();
        using var put = await admin.PutConfigAsync(Configs.Body("edge"));
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        admin.Dispose();
        anyone.Dispose();
        await app.DisposeAsync();
    }

    [Test]
    public async Task HEAD_answers_as_GET_without_content(
        [Values(1, 2)] int version,
        [Values(
            "/hub/integrations/edge/oauth-config", "/hub/integrations/absent/oauth-config", "/hub/integrations/oauth-config", "/hub/nodes",
            "/hub/nowhere", "/openapi/gateway.yaml", "/health/live", "/health/ready", "/")] string path)
    {
        using var get = await SendAsync(admin, HttpMethod.Get, path, version);
        using var head = await SendAsync(admin, HttpMethod.Head, path, version);
        Assert.That(head.StatusCode, Is.EqualTo(get.StatusCode));
        Assert.That(head.Version.Major, Is.EqualTo(version));
        Assert.That(head.Headers.ETag, Is.EqualTo(get.Headers.ETag));
        Assert.That(head.Content.Headers.ContentType, Is.EqualTo(get.Content.Headers.ContentType));
        Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [Test]
    public async Task HEAD_is_refused_as_GET_is([Values(1, 2)] int version)
    {
        using var unauthorized = await SendAsync(anyone, HttpMethod.Head, "/hub/nodes", version);
        using var noGet = await SendAsync(admin, HttpMethod.Head, "/hub/workflows/publish", version);
        Assert.That(
            (unauthorized.StatusCode, noGet.StatusCode),
            Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.MethodNotAllowed)));
    }

    [TestCase("/hub/Nodes")]
    [TestCase("/HUB/nodes")]
    [TestCase("/hub/nodes/")]
    [TestCase("/hub//nodes")]
    [TestCase("/hub/integrations/edge/OAUTH-config")]
    [TestCase("/openapi/Gateway.yaml")]
    public async Task A_path_matches_letter_by_letter(string path)
    {
        using var response = await SendAsync(admin, HttpMethod.Get, path, 2);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task The_root_leads_to_Swagger_UI()
    {
        using var response = await anyone.GetAsync("/");
        Assert.That(
            (response.StatusCode, response.Headers.Location?.ToString()),
            Is.EqualTo((HttpStatusCode.Redirect, "/swagger")));
    }

    [TestCase("/openapi/gateway.yaml", ExpectedResult = "br")]
    [TestCase("/hub/nodes", ExpectedResult = "br")]
    [TestCase("/hub/integrations/oauth-config", ExpectedResult = "")]
    public async Task<string> What_may_be_large_and_holds_no_secret_is_compressed(string path)
    {
        using var client = await app.UncheckedClientAsync("acme", "developer");
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br");
        using var response = await client.GetAsync(path);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var coding = string.Join(',', response.Content.Headers.ContentEncoding);
        if (path.EndsWith(".yaml", StringComparison.Ordinal))
        {
            await using var plain =
                new BrotliStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
            using var bytes = new MemoryStream();
            await plain.CopyToAsync(bytes);
            Assert.That(bytes.ToArray(), Is.EqualTo(ServedContract.Bytes));
        }

        return coding;
    }

    [Test]
    public async Task While_the_authority_can_t_be_reached_a_token_is_neither_good_nor_bad()
    {
        await using var down = await GatewayApp.StartAsync(
            DatabaseProvider.Sqlite, "--Authentication:Schemes:Bearer:JwksFile=", "--Authentication:Schemes:Bearer:Authority=https://127.0.0.1:1");
        using var byToken = down.Client(headers => headers.Authorization = new("Bearer", Tokens.Make()));
        using var byKey = await down.ClientAsync("acme", "developer");
        using var token = await byToken.GetAsync("/hub/nodes");
        using var key = await byKey.GetAsync("/hub/nodes");
        using var nothing = await down.Client().GetAsync("/hub/nodes");
        Assert.That(
            (token.StatusCode, key.StatusCode, nothing.StatusCode),
            Is.EqualTo((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.Unauthorized)));
        Assert.That(token.Headers.RetryAfter, Is.Not.Null);
        Assert.That(token.Headers.WwwAuthenticate, Is.Empty);
        Assert.That(down.Logs, Does.Contain("can't be reached"));
    }

    private static Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, int version) =>
        client.SendAsync(new HttpRequestMessage(method, path)
        {
            Version = new(version, version == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact
        });
}
