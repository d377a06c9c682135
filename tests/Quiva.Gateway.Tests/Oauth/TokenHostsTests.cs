using Quiva.Gateway.Contract;
using Quiva.Gateway.Oauth.Configurations;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>Where a workflow may send a connection's token.</summary>
public sealed class TokenHostsTests
{
    private static readonly OauthVariable[] Variables =
    [
        new() { Name = "subdomain", In = VariablePlace.Login, Pattern = ".*" },
        new() { Name = "instance_url", In = VariablePlace.Token },
    ];

    [TestCase(null, "https://login.acme.example/v2", true)]
    [TestCase(null, "https://LOGIN.acme.example./v2", true)]
    [TestCase(null, "https://api.login.acme.example/v2", true)]
    [TestCase(null, "https://acme.example/v2", false)]
    [TestCase(null, "https://evillogin.acme.example/v2", false)]
    [TestCase("api.acme.example", "https://api.acme.example/v2", true)]
    [TestCase("API.acme.example", "https://api.acme.example/v2", true)]
    [TestCase("api.acme.example", "https://login.acme.example/token", false)]
    [TestCase("api.acme.example", "https://x.api.acme.example/", false)]
    [TestCase(".acme.example", "https://x.y.acme.example/", true)]
    [TestCase(".acme.example", "https://acme.example/", false)]
    [TestCase(".acme.example", "https://evilacme.example/", false)]
    [TestCase("$(subdomain).acme.example", "https://team.acme.example/", true)]
    [TestCase("$(subdomain).acme.example", "https://other.acme.example/", false)]
    [TestCase("$(instance_url)", "https://na1.force.example/services", true)]
    [TestCase("$(instance_url)", "https://na2.force.example/services", false)]
    [TestCase("$(unknown).acme.example", "https://.acme.example/", false)]
    public void A_token_goes_to_the_hosts_of_its_configuration_only(string? entry, string url, bool allowed)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var target))
        {
            Assert.That(allowed, Is.False);
            return;
        }

        Assert.That(TokenHosts.Allow(
            ClientOf(entry),
            new Dictionary<string, string> { ["subdomain"] = "team", ["instance_url"] = "https://na1.force.example" },
            target), Is.EqualTo(allowed));
    }

    [TestCase("https://evil.example/")]
    [TestCase("evil.example/")]
    [TestCase("evil.example#")]
    [TestCase("evil.example\\")]
    public void What_a_user_types_chooses_no_other_host(string typed)
    {
        var values =
            new Dictionary<string, string> { ["subdomain"] = typed, ["instance_url"] = "https://na1.force.example" };
        Assert.That(
            TokenHosts.Allow(ClientOf("$(subdomain).acme.example"), values, new("https://evil.example/")), Is.False);
    }

    private static OauthClient ClientOf(string? entry) => new()
    {
        Integration = "acme",
        Scopes = "read",
        ClientId = "id",
        ClientSecret = "secret",
        AuthUrl = "https://login.acme.example/authorize",
        TokenUrl = "https://login.acme.example/token",
        RedirectUrl = "https://gateway.example/hub/integrations/oauth-callback",
        Options = new() { Variables = Variables, AllowedHosts = entry is null ? null : [entry] },
        Version = 1,
    };
}
