using System.Text;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Http;

public sealed class SecurityHeaderTests
{
    private GatewayApp app = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);

    [OneTimeTearDown]
    public async Task StopAsync() => await app.DisposeAsync();

    /// <summary>
    /// Answered by a controller, by the status code pages, by an exception that is meant, and by one that is not.
    /// </summary>
    [TestCase("reads")]
    [TestCase("unauthorized")]
    [TestCase("absent")]
    [TestCase("refused")]
    [TestCase("failed")]
    public async Task Every_answer_has_the_security_headers(string kind)
    {
        using var admin = await app.AdminAsync();
        admin.DefaultRequestHeaders.Host = "gateway.example";
        using var anyone = app.Client(headers => headers.Host = "gateway.example");
        if (kind == "failed")
        {
            await app.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(DurabilityTests.BreakChangesSql, null, default), default);
        }

        using var response = await (kind switch
        {
            "reads" => admin.GetAsync("/hub/integrations/oauth-config"),
            "unauthorized" => anyone.GetAsync("/hub/integrations/oauth-config"),
            "absent" => anyone.GetAsync("/hub/nowhere"),
            "refused" => admin.GetConfigAsync("absent"),
            _ => admin.PutConfigAsync(Configs.Body("broken")),
        });
        Assert.That(
            (int)response.StatusCode,
            Is.EqualTo(kind switch { "reads" => 200, "unauthorized" => 401, "failed" => 500, _ => 404 }));
        Assert.That(response.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
        Assert.That(response.Headers.GetValues("Referrer-Policy"), Is.EqualTo(new[] { "no-referrer" }));
        Assert.That(
            response.Headers.GetValues("Strict-Transport-Security"),
            Is.EqualTo(new[] { "max-age=31536000; includeSubDomains" }));
        Assert.That(
            response.Headers.GetValues("Content-Security-Policy").Single(),
            Does.StartWith("default-src 'none'; base-uri 'none'"));
        Assert.That(response.Headers.CacheControl!.NoStore);
    }

    [Test]
    public async Task A_developer_s_own_machine_is_not_pinned_to_HTTPS()
    {
        var (_, text) = await RawConnection.SendAsync(
            app, Encoding.ASCII.GetBytes("GET /health/live HTTP/1.1\r\nHost: localhost:7443\r\n\r\n"));
        Assert.That(text, Does.Contain("200 OK").And.Contain("nosniff").And.Not.Contain("Strict-Transport-Security"));
    }
}
