using System.Net;
using System.Text.RegularExpressions;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests.Http;

public sealed class ClientAddressTests
{
    [TestCase("192.0.2.7", ExpectedResult = "192.0.2.7")]
    [TestCase("::ffff:192.0.2.7", ExpectedResult = "192.0.2.7")]
    [TestCase("2001:db8:1:2:3:4:5:6", ExpectedResult = "2001:db8:1:2::/64")]
    [TestCase("2001:db8:1:2:ffff::9", ExpectedResult = "2001:db8:1:2::/64")]
    [TestCase("2001:db8:1:3::1", ExpectedResult = "2001:db8:1:3::/64")]
    public string A_network_of_IPv6_is_one_sender(string address) => ClientAddress.SenderOf(IPAddress.Parse(address));

    [TestCase("", "203.0.113.9", ExpectedResult = "127.0.0.1")]
    [TestCase("10.0.0.0/8", "203.0.113.9", ExpectedResult = "127.0.0.1")]
    [TestCase("127.0.0.1", "203.0.113.9", ExpectedResult = "203.0.113.9")]
    [TestCase("127.0.0.0/8", "198.51.100.1, 203.0.113.9", ExpectedResult = "203.0.113.9")]
    [TestCase("127.0.0.0/8", "198.51.100.1, 127.0.0.5", ExpectedResult = "198.51.100.1")]
    public async Task<string> Forwarded_addresses_are_believed_from_known_proxies_alone(string known, string forwarded)
    {
        string[] settings = known.Length == 0 ? [] : [$"--Gateway:KnownProxies:0={known}"];
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite, settings);
        using var client = app.Client(headers =>
        {
            headers.Add("X-Forwarded-For", forwarded);
            headers.Add("X-Api-Key", "wrong");
        });
        for (var i = 0; i < 20; i++)
        {
            using var response = await client.GetAsync("/hub/nodes");
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        }

        var lines = Regex.Matches(app.Logs, @"Warning Credentials \(apiKeyAuth\) from (\S+) were refused");
        Assert.That(lines, Has.Count.EqualTo(5), "An attack does not fill the log.");
        return lines[0].Groups[1].Value;
    }

    [TestCase("Production", null, ExpectedResult = 404)]
    [TestCase("Production", "true", ExpectedResult = 200)]
    [TestCase("Development", null, ExpectedResult = 200)]
    [TestCase("Development", "false", ExpectedResult = 404)]
    public async Task<int> Swagger_UI_is_off_in_Production_unless_it_is_switched_on(string environment, string? setting)
    {
        using var database = TestDatabase.Create(DatabaseProvider.Sqlite);
        string[] settings = setting is null ? [] : [$"--Gateway:SwaggerUi={setting}"];
        using var server = await ServerProcess.StartAsync(
            database, [
                $"--environment={environment}",
                "--urls=http://127.0.0.1:0",
                $"--Secrets:MasterKey={new string('A', 43)}=",
                .. settings
            ]);
        using var client = new HttpClient { BaseAddress = server.Address };
        using var contract = await client.GetAsync("/openapi/gateway.yaml");
        Assert.That(contract.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var page = await client.GetAsync("/swagger/index.html");
        return (int)page.StatusCode;
    }
}
