using System.Net;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Http;

public sealed class CrossOriginTests
{
    private const string Page = "https://app.example.com";

    [TestCase(true, Page, ExpectedResult = Page)]
    [TestCase(true, "https://app.example.com:444", ExpectedResult = null)]
    [TestCase(true, "https://evil.example", ExpectedResult = null)]
    [TestCase(true, "null", ExpectedResult = null)]
    [TestCase(false, Page, ExpectedResult = null)]
    public async Task<string?> A_page_may_call_when_its_origin_is_allowed(bool isSet, string origin)
    {
        string[] settings = isSet ? [$"--Gateway:AllowedOrigins:0={Page}"] : [];
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite, settings);
        using var admin = await app.AdminAsync();
        admin.DefaultRequestHeaders.Add("Origin", origin);
        using var read = await admin.GetAsync("/hub/integrations/oauth-config");
        using var absent = await admin.GetAsync("/hub/integrations/absent/oauth-config");
        using var refused =
            await app.Client(headers => headers.Add("Origin", origin)).GetAsync("/hub/integrations/oauth-config");
        Assert.That(
            (read.StatusCode, absent.StatusCode, refused.StatusCode),
            Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Unauthorized)));
        var allowed = AllowedBy(read);
        // A page reads errors too, also those of exceptions.
        Assert.That((AllowedBy(absent), AllowedBy(refused)), Is.EqualTo((allowed, allowed)));
        Assert.That(read.Headers.Contains("Access-Control-Allow-Credentials"), Is.False);

        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/hub/integrations/x/oauth-config");
        preflight.Headers.Add("Access-Control-Request-Method", "PUT");
        preflight.Headers.Add("Access-Control-Request-Headers", "content-type,if-match,x-api-key");
        using var anyone = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => app.IsOwn(presented) }
        })
        { BaseAddress = app.Address };
        preflight.Headers.Add("Origin", origin);
        using var answer = await anyone.SendAsync(preflight);
        Assert.That(answer.StatusCode, Is.EqualTo(isSet ? HttpStatusCode.NoContent : HttpStatusCode.MethodNotAllowed));
        Assert.That(AllowedBy(answer), Is.EqualTo(allowed));
        return allowed;
    }

    private static string? AllowedBy(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
}
