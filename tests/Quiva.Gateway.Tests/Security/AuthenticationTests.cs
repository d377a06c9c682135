using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Security;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AuthenticationTests(DatabaseProvider engine)
{
    private GatewayApp app = null!;
    private string revokedKey = "", expiredKey = "", validKey = "", developerKey = "";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(engine);
        var keys = app.Services.GetRequiredService<ApiKeyStore>();
        validKey = await app.KeyAsync("platform", ["quiva-admin"]);
        developerKey = await app.KeyAsync("acme", ["developer", "admin"]);
        expiredKey = await app.KeyAsync("platform", ["quiva-admin"], TimeSpan.FromSeconds(-1));
        (var id, revokedKey) = await keys.CreateAsync("platform", ["quiva-admin"], "revoked", null, default);
        Assert.That(await keys.RevokeAsync(id, default), Is.True);
        Assert.That(await keys.RevokeAsync(id, default), Is.False);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await app.DisposeAsync();

    private static IEnumerable<TestCaseData> Credentials()
    {
        TestCaseData Case(
            string name,
            Func<AuthenticationTests, (string? Key, string? Authorization)> credential,
            int write,
            int read) =>
            new TestCaseData(credential, write, read).SetArgDisplayNames(name);
        TestCaseData Token(string name, Func<string> make, int write, int read) =>
            Case(name, _ => (null, "Bearer " + make()), write, read);
        string[] staff = ["quiva-admin"];

        yield return Case("no credential", _ => (null, null), 401, 401);
        yield return Case("bad key", _ => (ApiKeyStore.Prefix + new string('A', 43), null), 401, 401);
        yield return Case("a key of another form", _ => ("x", null), 401, 401);
        yield return Case("revoked key", test => (test.revokedKey, null), 401, 401);
        yield return Case("expired key", test => (test.expiredKey, null), 401, 401);
        yield return Case("malformed JWT", _ => (null, "Bearer not.a.token"), 401, 401);
        yield return Case("another scheme", _ => (null, "Basic YTpi"), 401, 401);
        yield return Token(
            "expired JWT", () => Tokens.Make(roles: staff, expiresIn: TimeSpan.FromMinutes(-2)), 401, 401);
        yield return Token("wrong issuer", () => Tokens.Make(roles: staff, issuer: "https://other.example"), 401, 401);
        yield return Token("wrong audience", () => Tokens.Make(roles: staff, audience: "other"), 401, 401);
        yield return Token("alg none", () => Tokens.Make(roles: staff, algorithm: SecurityAlgorithms.None), 401, 401);
        yield return Token(
            "HS256 with the public key",
            () => Tokens.Make(roles: staff, key: Tokens.PublicKeyAsSecret, algorithm: SecurityAlgorithms.HmacSha256),
            401,
            401);
        yield return Token("signed by another key", () => Tokens.Make(
            roles: staff,
            key: new RsaSecurityKey(System.Security.Cryptography.RSA.Create(2048)) { KeyId = "test" }), 401, 401);
        yield return Token(
            "an extension that nobody understands",
            () => Tokens.Make(roles: staff, headers: new() { ["crit"] = new[] { "b64" }, ["b64"] = false }),
            401,
            401);
        yield return Token("an ID token", () => Tokens.Make(roles: staff, type: "id_token+jwt"), 401, 401);
        yield return Token("a logout token", () => Tokens.Make(roles: staff, type: "logout+jwt"), 401, 401);
        yield return Token("an access token by its type", () => Tokens.Make(roles: staff, type: "at+jwt"), 200, 200);
        yield return Token(
            "an access token by its media type", () => Tokens.Make(roles: staff, type: "application/at+JWT"), 200, 200);
        yield return Token("no account", () => Tokens.Make(roles: staff, account: null), 401, 401);
        yield return Token("an account that can't be one", () => Tokens.Make(roles: staff, account: "a/b"), 401, 401);
        yield return Token("no subject", () => Tokens.Make(roles: staff, subject: null), 401, 401);
        yield return Token(
            "a subject with control characters", () => Tokens.Make(roles: staff, subject: "a\nb"), 401, 401);
        yield return Case("a JWT and a key", test => (test.validKey, "Bearer " + Tokens.Make(roles: staff)), 401, 401);
        yield return Case("a key and a bad JWT", test => (test.validKey, "Bearer x"), 401, 401);
        yield return Case("a key without the role", test => (test.developerKey, null), 403, 404);
        yield return Token("a JWT without the role", () => Tokens.Make(roles: ["developer", "root"]), 403, 404);
        yield return Token("a JWT without any role", () => Tokens.Make(), 403, 404);
        yield return Token("a JWT with the role in other letters", () => Tokens.Make(roles: ["Quiva-Admin"]), 403, 404);
        yield return Case("a key with the role", test => (test.validKey, null), 200, 200);
        yield return Token("a JWT with the role", () => Tokens.Make(roles: staff), 200, 200);
        yield return Token(
            "a JWT with the role among others", () => Tokens.Make(roles: ["billing", "quiva-admin"]), 200, 200);
    }

    [TestCaseSource(nameof(Credentials))]
    public async Task A_credential_opens_what_it_should(
        Func<AuthenticationTests, (string? Key, string? Authorization)> credential, int write, int read)
    {
        var (key, authorization) = credential(this);
        using var client = app.Client(headers =>
        {
            if (key is not null)
            {
                headers.Add(ApiKeyHandler.HeaderName, key);
            }

            if (authorization is not null)
            {
                headers.TryAddWithoutValidation("Authorization", authorization);
            }
        });
        var id = "m" + Guid.NewGuid().ToString("n");
        using var put = await client.PutConfigAsync(Configs.Body(id));
        using var get = await client.GetConfigAsync(id);
        using var delete = await client.DeleteConfigAsync(id);
        Assert.That(
            new[] { put, get, delete }.Select(response => (int)response.StatusCode),
            Is.EqualTo(new[] { write, read, write }));
    }

    [Test]
    public async Task A_refused_token_is_called_invalid_without_a_reason()
    {
        using var client =
            app.Client(headers => headers.Authorization = new("Bearer", Tokens.Make(issuer: "https://other.example")));
        using var response = await client.GetConfigAsync("slack");
        Assert.That(
            response.Headers.WwwAuthenticate.First().ToString(),
            Is.EqualTo("Bearer realm=\"quiva.ai Gateway\", error=\"invalid_token\""));
    }

    [Test]
    public async Task A_caller_without_the_role_is_logged_once_with_the_operation([Values] bool byKey)
    {
        var account = "forbidden-" + byKey;
        using var client = byKey
            ? await app.ClientAsync(account, "developer")
            : app.Client(
                headers => headers.Authorization = new("Bearer", Tokens.Make(account: account, roles: ["developer"])));
        using var response = await client.PutConfigAsync(Configs.Body("forbidden"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(
            app.Logs.Split('\n').Where(line => line.Contains(
                $" of {account} lacks a role for putIntegrationsOauthConfig, from 127.0.0.1",
                StringComparison.Ordinal)),
            Has.Exactly(1).Items);
    }

    [Test]
    public async Task Credentials_are_decided_before_the_body_is_read()
    {
        using var client = app.Client();
        using var response =
            await client.PutConfigAsync("slack", new StringContent("{", System.Text.Encoding.UTF8, "text/plain"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task The_audit_trail_names_who_did_it()
    {
        using var client = app.Client(headers => headers.Authorization =
            new("Bearer", Tokens.Make(account: "platform", roles: ["quiva-admin"], subject: "auth0|zoë")));
        using var put = await client.PutConfigAsync(Configs.Body("audited"));
        var actor = await app.Database.FindAsync<string>(
            "select actor from changes where subject = @subject",
            new { subject = "ms.integration.oauth.config.audited" });
        Assert.That(actor, Is.EqualTo("user:auth0|zoë"));
    }

    [Test]
    public async Task A_key_is_stored_as_a_hash_only()
    {
        var columns = await app.Database.QueryAsync<string>("select concat(id, account, roles, name) from api_keys");
        Assert.That(columns, Has.Count.GreaterThan(3).And.All.Not.Contains(validKey[ApiKeyStore.Prefix.Length..]));
        Assert.That(app.Logs, Does.Not.Contain(validKey));
    }
}
