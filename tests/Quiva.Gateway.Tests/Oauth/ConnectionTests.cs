using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Security;

namespace Quiva.Gateway.Tests.Oauth;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ConnectionTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    [Test]
    public async Task A_sign_in_asks_the_provider_as_RFC_9700_wants_it()
    {
        var parameters = await SignInAsync(User, "maria");
        Assert.That(parameters["tenant"], Is.EqualTo("1"), "What the address has already stays.");
        Assert.That(parameters["response_type"], Is.EqualTo("code"));
        Assert.That(parameters["client_id"], Is.EqualTo("123456789.987654321"));
        Assert.That(parameters["redirect_uri"], Is.EqualTo("https://api.quiva.ai/hub/integrations/oauth-callback"));
        Assert.That(parameters["scope"], Is.EqualTo("channels:read chat:write"));
        Assert.That(parameters["code_challenge_method"], Is.EqualTo("S256"));
        Assert.That(parameters["state"], Has.Length.EqualTo(43));

        using var answer = await CallBackAsync(parameters["state"]);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var request = Provider.TokenRequests.Single();
        Assert.That(
            Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(request["code_verifier"]))),
            Is.EqualTo(parameters["code_challenge"]));
        Assert.That(
            (request["grant_type"], request["code"], request["redirect_uri"]),
            Is.EqualTo(("authorization_code", "the-code", parameters["redirect_uri"])));
        Assert.That(
            request["authorization"], Is.EqualTo("Basic " + Convert.ToBase64String("123456789.987654321:s3cret"u8)));
    }

    [Test]
    public async Task Scopes_are_at_most_those_of_the_configuration()
    {
        Assert.That((await SignInAsync(User, "maria", "chat:write"))["scope"], Is.EqualTo("chat:write"));
        using var more = await User.GetAsync(Path("oauth-login", "maria") + "?scopes=chat:write,admin");
        using var malformed = await User.GetAsync(Path("oauth-login", "maria") + "?scopes=chat:write admin");
        Assert.That(
            (more.StatusCode, malformed.StatusCode),
            Is.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest)));
        Assert.That(
            await more.ErrorAsync(),
            Is.EqualTo("scopes must be among those of the integration's OAuth configuration."));
    }

    [Test]
    public async Task A_connection_is_stored_listed_read_and_removed()
    {
        var parameters = await SignInAsync(User, "maria");
        using var stored = await CallBackAsync(parameters["state"]);
        var told = await stored.Content.ReadFromJsonAsync<OauthConnection>();
        Assert.That(
            (told!.Subject, told.Access_token, told.Refresh_token),
            Is.EqualTo(("ms.integration.oauth.acme.fake.maria", (string?)null, (string?)null)));

        var read = await ReadAsync("maria");
        Assert.That(
            (read.Access_token, read.Refresh_token, read.Token_type, read.Sequence),
            Is.EqualTo(("access-1", "refresh-1", "Bearer", told.Sequence)));
        Assert.That(read.Expires_in, Is.InRange(3500, 3600));
        Assert.That(read.Expiry, Is.EqualTo(DateTimeOffset.UtcNow.AddHours(1)).Within(TimeSpan.FromMinutes(1)));
        Assert.That(read.Modified, Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(60));

        foreach (var path in new[] { "/hub/integrations/oauth-connections", Path("oauth-connections") })
        {
            var list = await User.GetFromJsonAsync<OauthConnectionsList>(path);
            Assert.That(list!.Results.Single().Subject, Is.EqualTo(read.Subject));
            Assert.That(
                (list.Results_total, list.Results[0].Access_token, list.Results[0].Refresh_token),
                Is.EqualTo((1, (string?)null, (string?)null)));
        }

        var others =
            await User.GetFromJsonAsync<OauthConnectionsList>(Path("oauth-connections", integration: "another"));
        Assert.That(others!.Results, Is.Empty);
        using var delete = await User.DeleteAsync(Path("oauth-connections", "maria"));
        using var gone = await User.GetAsync(Path("oauth-token", "maria"));
        Assert.That((delete.StatusCode, gone.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound)));
        Assert.That(
            await App.Database.QueryAsync<string>(
                "select concat(kind, ' ', account) from changes where subject = @Subject order by sequence",
                new { read.Subject }),
            Is.EqualTo(new[] { "created acme", "deleted acme" }));
    }

    [Test]
    public async Task Every_operation_needs_credentials_and_sees_its_own_account_only()
    {
        await ConnectAsync("maria");
        var operations = new (string Id, HttpMethod Method, string Path, int Absent)[]
        {
            ("getIntegrationsOauthConnection", HttpMethod.Get, Path("oauth-token", "maria"), 404),
            (
                "refreshIntegrationsOauthToken",
                HttpMethod.Get,
                Path("oauth-refresh-token", "maria") + "?refresh_token=refresh-1",
                404),
            ("deleteIntegrationsOauthConnection", HttpMethod.Delete, Path("oauth-connections", "maria"), 404),
            ("getIntegrationsOauthLogin", HttpMethod.Get, Path("oauth-login", "maria", "absent"), 404),
            ("finishIntegrationsOauthLogin", HttpMethod.Post, Path("oauth-login", "maria") + "/finish", 404),
            ("renewIntegrationsOauthToken", HttpMethod.Post, Path("oauth-refresh-token", "maria"), 404),
            ("getIntegrationConnections", HttpMethod.Get, Path("oauth-connections"), 200),
            ("getIntegrationsOauthConnections", HttpMethod.Get, "/hub/integrations/oauth-connections", 200),
        };
        Assert.That(
            operations.Select(operation => operation.Id),
            Is.EquivalentTo(AccessMatrixTests.Operations
                .Where(operation => operation.IsSecured
                    && (operation.Path.Contains("{connection_id}", StringComparison.Ordinal)
                        || operation.Path.EndsWith("/oauth-connections", StringComparison.Ordinal)))
                .Select(operation => operation.Id)),
            "Every operation on connections is tried.");
        foreach (var (_, method, path, absent) in operations)
        {
            using var anonymous = await Browser.SendAsync(Request(method, path));
            using var foreign = await Stranger.SendAsync(Request(method, path));
            Assert.That(((int)anonymous.StatusCode, (int)foreign.StatusCode), Is.EqualTo((401, absent)), path);
            if (absent == 200)
            {
                Assert.That((await foreign.Content.ReadFromJsonAsync<OauthConnectionsList>())!.Results, Is.Empty);
            }
        }

        Assert.That((await ReadAsync("maria")).Access_token, Is.EqualTo("access-1"));

        static HttpRequestMessage Request(HttpMethod method, string path) => new(method, path)
        {
            Content = method == HttpMethod.Post
                ? JsonContent.Create(new
                {
                    refresh_token = "refresh-1",
                    handle = new string('A', 43),
                    session = new string('B', 43)
                })
                : null,
        };
    }

    [Test]
    public async Task A_second_sign_in_replaces_the_tokens()
    {
        await ConnectAsync("maria");
        Provider.Answer = context => context.Response.WriteAsJsonAsync(FakeProvider.Tokens("2"));
        await ConnectAsync("maria");
        await ConnectAsync("maria", Stranger);
        Assert.That((await ReadAsync("maria")).Access_token, Is.EqualTo("access-2"));
        Assert.That((await ReadAsync("maria", Stranger)).Subject, Is.EqualTo("ms.integration.oauth.other.fake.maria"));
    }

    [Test]
    public async Task A_removed_connection_is_revoked_where_that_is_configured()
    {
        await ConnectAsync("before");
        var config = Provider.Config("fake");
        config["revocation_url"] = Provider.Url + "/revoke";
        using var put = await Admin.PutConfigAsync(config);
        await ConnectAsync("maria");
        using var delete = await User.DeleteAsync(Path("oauth-connections", "maria"));
        Assert.That(
            Provider.Revocations.Select(revocation => (revocation["token"], revocation["token_type_hint"])),
            Is.EqualTo(new[] { ("refresh-1", "refresh_token"), ("access-1", "access_token") }));
        await Provider.DisposeAsync();
        using var unreachable = await User.DeleteAsync(Path("oauth-connections", "before"));
        Assert.That((delete.StatusCode, unreachable.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        Assert.That(App.Logs, Does.Contain("could not be revoked"));
    }
}
