using System.Text;
using Microsoft.Extensions.Logging;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Tests.Http;

namespace Quiva.Gateway.Tests.Security;

/// <summary>
/// With every category at Trace, nothing that a caller sends is logged: neither what is well-formed nor what Kestrel
/// rejects.
/// </summary>
public sealed class LogTests
{
    private GatewayApp app = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);

    [OneTimeTearDown]
    public async Task StopAsync() => await app.DisposeAsync();

    [TestCase("GET /hub/integrations/x/oauth-refresh-token/c?refresh_token=CANARY HTTP/9.9\r\nHost: localhost\r\n\r\n")]
    [TestCase("GET /hub/nodes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: CANARY\r\nBroken header\r\n\r\n")]
    [TestCase("GET /hub/nodes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key CANARY\r\n\r\n")]
    [TestCase("GET /hub/nodes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: \u0001CANARY\r\n\r\n")]
    [TestCase("GET /hub/nodes HTTP/1.1\r\nHost: CANARY/x\r\n\r\n")]
    [TestCase("GET /hub/nodes HTTP/1.1\r\nHost: localhost\r\nContent-Length: CANARY\r\n\r\n")]
    [TestCase("POST /hub/nodes HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nCANARY\r\n")]
    [TestCase("CANARY /hub/nodes HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [TestCase("CANARY\r\n\r\n")]
    [TestCase("GET http://CANARY HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [TestCase("GET /%CANARY?%zz HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [TestCase(
        "GET /hub/CANARY?x=CANARY HTTP/1.1\r\nHost: localhost\r\nCookie: CANARY\r\nOrigin: https://CANARY\r\nAccept: CANARY\r\n\r\n")]
    [TestCase("GET /hub/nodes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer CANARY\r\n\r\n")]
    [TestCase("GET /hub/nodes HTTP/1.1\r\nHost: localhost\r\nAuthorization: CANARY\r\nIf-Match: CANARY\r\n\r\n")]
    public async Task A_request_is_not_logged(string request)
    {
        await RawConnection.SendAsync(
            app, Encoding.Latin1.GetBytes(request.Replace("CANARY", app.Canary, StringComparison.Ordinal)));
        Assert.That(
            app.Logs.Split('\n').Where(line => line.Contains(app.Canary, StringComparison.OrdinalIgnoreCase)),
            Is.Empty);
    }

    [TestCase("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Critical, ExpectedResult = false)]
    [TestCase("Microsoft.AspNetCore.Routing.Matching.DfaMatcher", LogLevel.Information, ExpectedResult = false)]
    [TestCase("Microsoft.AspNetCore.Routing.Matching.DfaMatcher", LogLevel.Warning, ExpectedResult = true)]
    [TestCase("Microsoft.AspNetCoreX", LogLevel.Trace, ExpectedResult = true)]
    [TestCase("System.Net.Http.HttpClient.x", LogLevel.Debug, ExpectedResult = false)]
    [TestCase(
        "Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Information, ExpectedResult = true)]
    [TestCase(
        "Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Debug, ExpectedResult = false)]
    [TestCase("Quiva.Gateway.Startup", LogLevel.Trace, ExpectedResult = true)]
    public bool A_category_is_suppressed_by_its_name(string category, LogLevel level) =>
        LogFilters.IsAllowed(category, level);
}
