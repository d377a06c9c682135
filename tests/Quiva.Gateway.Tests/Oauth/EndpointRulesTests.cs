using System.Net;
using Microsoft.Extensions.Options;
using Moq;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>
/// What the rules make of names; what they make of the text of a URL stands with the other bad input.
/// </summary>
public sealed class EndpointRulesTests
{
    private static readonly Dictionary<string, string[]> Names = new()
    {
        ["public.example"] = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
        ["inside.example"] = ["10.1.2.3"],
        ["mixed.example"] = ["93.184.215.14", "127.0.0.1"],
        ["mapped.example"] = ["::ffff:10.1.2.3"],
    };

    private static async Task<string?> FaultOfAsync(string url, string? redirectUrl = null, params string[] allowed)
    {
        var resolver = new Mock<IHostResolver>();
        resolver.Setup(mock => mock.ResolveAsync(It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(
                (string host, CancellationToken _) => [.. Names.GetValueOrDefault(host, []).Select(IPAddress.Parse)]);
        var rules = new EndpointRules(
            resolver.Object,
            Options.Create(new OauthOptions { AllowedNetworks = allowed }),
            Options.Create(new GatewayOptions()));
        try
        {
            await rules.CheckAsync(
                new IntegrationOauthConfig
                {
                    Integration_id = "x",
                    Name = "x",
                    Scopes = "x",
                    Client_id = "x",
                    Client_secret = "x",
                    Auth_url = "https://public.example/auth",
                    Token_url = url,
                    Redirect_url = redirectUrl ?? "https://public.example/callback",
                },
                default);
            return null;
        }
        catch (GatewayException exception)
        {
            return exception.Message;
        }
    }

    [TestCase("https://public.example/token", ExpectedResult = null)]
    [TestCase("https://public.example:443/token?tenant=1", ExpectedResult = null)]
    [TestCase("https://public.example./token", ExpectedResult = null)]
    [TestCase("https://8.8.8.8/token", ExpectedResult = null)]
    [TestCase("https://[2606:4700:4700::1111]/token", ExpectedResult = null)]
    [TestCase("https://not-resolved-now.example/token", ExpectedResult = null)]
    [TestCase(
        "https://inside.example/token", ExpectedResult = "token_url must not point to a private or reserved address.")]
    [TestCase(
        "https://mixed.example/token", ExpectedResult = "token_url must not point to a private or reserved address.")]
    [TestCase(
        "https://mapped.example/token", ExpectedResult = "token_url must not point to a private or reserved address.")]
    public Task<string?> A_name_is_judged_by_every_address_it_has(string url) => FaultOfAsync(url);

    [TestCase("https://inside.example/token", ExpectedResult = null)]
    [TestCase("http://inside.example:8080/token", ExpectedResult = null)]
    [TestCase("http://10.9.9.9/token", ExpectedResult = null)]
    [TestCase("https://11.0.0.1:8080/token", ExpectedResult = "token_url must use port 443.")]
    [TestCase("https://127.0.0.1/token", ExpectedResult = "token_url must not point to a private or reserved address.")]
    [TestCase(
        "https://mixed.example/token", ExpectedResult = "token_url must not point to a private or reserved address.")]
    [TestCase(
        "https://mapped.example/token", ExpectedResult = "token_url must not point to a private or reserved address.")]
    [TestCase("http://user@10.9.9.9/token", ExpectedResult = "token_url must not have user information.")]
    public Task<string?> An_allowed_network_may_be_reached_on_any_port_and_without_TLS(string url) =>
        FaultOfAsync(url, null, "10.0.0.0/8");

    [TestCase("https://localhost:7443/hub/integrations/oauth-callback", ExpectedResult = null)]
    [TestCase("https://localhost:7443/hub/integrations/x/oauth-callback", ExpectedResult = null)]
    [TestCase(
        "https://localhost:7443/hub/integrations/github/oauth-callback",
        ExpectedResult = "redirect_url must use port 443.")]
    [TestCase("https://localhost:7443/other", ExpectedResult = "redirect_url must use port 443.")]
    public Task<string?> The_gateway_s_own_callback_is_where_the_gateway_is(string redirectUrl) =>
        FaultOfAsync("https://public.example/token", redirectUrl);

    [Test]
    public async Task All_refused_URLs_are_told() => Assert.That(
        await FaultOfAsync("https://inside.example/", "https://user@public.example/"),
        Is.EqualTo(
            "token_url must not point to a private or reserved address. redirect_url must not have user information."));
}
