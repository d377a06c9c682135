using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>
/// Sign-in, use, renewal and removal against an authorization server that is not ours, and so does not share our
/// misunderstandings.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignInCircleTests(DatabaseProvider engine)
{
    private const string Basic = "client_secret_basic", Post = "client_secret_post";
    private const string Connections = "/hub/integrations/oauth-connections";
    private readonly Dictionary<string, AuthorizationServer> servers = [];
    private GatewayApp app = null!;
    private HttpClient admin = null!, ann = null!, stranger = null!, browser = null!;

    private AuthorizationServer Server => servers[Basic];

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(
            engine,
            "--Oauth:AllowedNetworks:0=127.0.0.0/8",
            "--Oauth:SweepIntervalSeconds=0",
            "--Gateway:PublicUrl=https://api.quiva.ai");
        admin = await app.AdminAsync();
        ann = await app.ClientAsync("acme", "developer");
        stranger = await app.ClientAsync("other", "root");
        browser = app.Client();
        foreach (var method in new[] { Basic, Post })
        {
            servers[method] = await AuthorizationServer.StartAsync(method, app.Canary + ": 100% + &=");
            await ConfigureAsync(servers[method].Config(method));
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        admin.Dispose();
        ann.Dispose();
        stranger.Dispose();
        browser.Dispose();
        foreach (var server in servers.Values)
        {
            await server.DisposeAsync();
        }

        await app.DisposeAsync();
    }

    [Test]
    public async Task A_connection_lives_from_its_sign_in_to_its_removal([Values(Basic, Post)] string integration)
    {
        var server = servers[integration];
        var query = await server.SignInAsync(await StartSignInAsync(integration, "circle"));
        using var callback = await CallBackAsync(query);
        Assert.That(callback.StatusCode, Is.EqualTo(HttpStatusCode.OK), await callback.Content.ReadAsStringAsync());
        AssertDescribed(await callback.Content.ReadFromJsonAsync<OauthConnection>(), integration, "circle");

        using var answer = await ann.GetAsync(TokenOf(integration, "circle"));
        Assert.That(answer.Headers.CacheControl!.NoStore);
        var first = (await answer.Content.ReadFromJsonAsync<OauthConnection>())!;
        Assert.That(first.Expires_in, Is.InRange(3500, 3600));
        Assert.That((string?)(await server.UserInfoAsync(first.Access_token!))?["sub"], Is.EqualTo("ann"));

        var renewed = await RenewAsync(integration, "circle", first.Refresh_token!);
        Assert.That(
            renewed.Refresh_token,
            Is.Not.Null.And.Not.EqualTo(first.Refresh_token),
            "The server gives a new refresh token each time.");
        Assert.That(renewed.Access_token, Is.Not.EqualTo(first.Access_token));
        Assert.That(await server.UserInfoAsync(renewed.Access_token!), Is.Not.Null);
        Assert.That((await ReadAsync(integration, "circle")).Refresh_token, Is.EqualTo(renewed.Refresh_token));
        using var old = await ann.GetAsync(RefreshOf(integration, "circle", first.Refresh_token!));
        Assert.That(old.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));

        var ofIntegration =
            await ann.GetFromJsonAsync<OauthConnectionsList>($"/hub/integrations/{integration}/oauth-connections");
        AssertDescribed(ofIntegration!.Results.Single(IsCircle), integration, "circle");
        AssertDescribed(
            (await ann.GetFromJsonAsync<OauthConnectionsList>(Connections))!.Results.Single(IsCircle),
            integration,
            "circle");

        using var deleted = await ann.DeleteAsync(ConnectionOf(integration, "circle"));
        using var again = await ann.DeleteAsync(ConnectionOf(integration, "circle"));
        using var read = await ann.GetAsync(TokenOf(integration, "circle"));
        Assert.That(
            (deleted.StatusCode, again.StatusCode, read.StatusCode),
            Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
        Assert.That(
            await server.RefreshAsync(renewed.Refresh_token!), Is.EqualTo("invalid_grant"), "The server was told.");
        Assert.That(await server.UserInfoAsync(renewed.Access_token!), Is.Null);

        string? code = QueryHelpers.ParseQuery(query)["code"];
        var logs = app.Logs;
        var secrets = new[]
        {
            code,
            first.Access_token,
            first.Refresh_token,
            renewed.Access_token,
            renewed.Refresh_token,
            app.Canary
        };
        Assert.That(
            secrets.Where(secret => logs.Contains(secret!, StringComparison.Ordinal)),
            Is.Empty,
            "A secret was logged.");

        bool IsCircle(OauthConnection connection) =>
            connection.Subject == $"ms.integration.oauth.acme.{integration}.circle";
    }

    [Test]
    public async Task A_refresh_token_replayed_at_the_provider_ends_the_connection_until_the_next_sign_in()
    {
        var first = await ConnectAsync("replayed");
        var renewed = await RenewAsync(Basic, "replayed", first.Refresh_token!);
        Assert.That(await Server.RefreshAsync(first.Refresh_token!), Is.EqualTo("invalid_grant"));

        // The server takes a replay for a theft and revokes whatever came of the sign-in (RFC 9700, section 4.14.2).
        using var refused = await ann.GetAsync(RefreshOf(Basic, "replayed", renewed.Refresh_token!));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await refused.ErrorAsync(), Does.EndWith("Sign in again."));

        var next = await ConnectAsync("replayed");
        Assert.That(
            (await RenewAsync(Basic, "replayed", next.Refresh_token!)).Refresh_token,
            Is.Not.EqualTo(next.Refresh_token));
    }

    [Test]
    public async Task Another_account_sees_nothing_of_a_connection()
    {
        var own = await ConnectAsync("private");
        using var read = await stranger.GetAsync(TokenOf(Basic, "private"));
        using var refresh = await stranger.GetAsync(RefreshOf(Basic, "private", own.Refresh_token!));
        using var delete = await stranger.DeleteAsync(ConnectionOf(Basic, "private"));
        Assert.That(
            new[] { read.StatusCode, refresh.StatusCode, delete.StatusCode }, Is.All.EqualTo(HttpStatusCode.NotFound));
        foreach (var list in new[] { Connections, $"/hub/integrations/{Basic}/oauth-connections" })
        {
            Assert.That((await stranger.GetFromJsonAsync<OauthConnectionsList>(list))!.Results_total, Is.Zero);
        }

        var after = await ReadAsync(Basic, "private");
        Assert.That((after.Access_token, after.Sequence), Is.EqualTo((own.Access_token, own.Sequence)));
    }

    [Test]
    public async Task A_sign_in_for_fewer_scopes_gets_just_those()
    {
        Assert.That(
            (string?)(await Server.UserInfoAsync((await ConnectAsync("all")).Access_token!))!["email"],
            Is.EqualTo("ann@example.com"));

        var url = await StartSignInAsync(Basic, "fewer", "offline_access");
        Assert.That((string?)QueryHelpers.ParseQuery(new Uri(url).Query)["scope"], Is.EqualTo("offline_access"));
        using var callback = await CallBackAsync(await Server.SignInAsync(url));
        var fewer = await ReadAsync(Basic, "fewer");
        Assert.That((await Server.UserInfoAsync(fewer.Access_token!))!.ContainsKey("email"), Is.False);

        using var more =
            await ann.GetAsync($"/hub/integrations/{Basic}/oauth-login/fewer?scopes=offline_access,profile");
        Assert.That(more.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Without_a_refresh_token_there_is_nothing_to_renew_and_removal_revokes_the_access_token()
    {
        using var callback =
            await CallBackAsync(await Server.SignInAsync(await StartSignInAsync(Basic, "short", "email")));
        var connection = await ReadAsync(Basic, "short");
        Assert.That(connection.Refresh_token, Is.Null);
        using var refresh = await ann.GetAsync(RefreshOf(Basic, "short", "any"));
        Assert.That(refresh.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));

        Assert.That(await Server.UserInfoAsync(connection.Access_token!), Is.Not.Null);
        using var deleted = await ann.DeleteAsync(ConnectionOf(Basic, "short"));
        Assert.That(await Server.UserInfoAsync(connection.Access_token!), Is.Null);
    }

    [Test]
    public async Task A_callback_works_once()
    {
        var query = await Server.SignInAsync(await StartSignInAsync(Basic, "once"));
        using var first = await CallBackAsync(query);
        using var replayed = await CallBackAsync(query);
        Assert.That(
            (first.StatusCode, replayed.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.Unauthorized)));
    }

    [Test]
    public async Task A_code_does_not_work_in_another_sign_in()
    {
        var stolen = QueryHelpers.ParseQuery(await Server.SignInAsync(await StartSignInAsync(Basic, "victim")));
        var own = QueryHelpers.ParseQuery(await Server.SignInAsync(await StartSignInAsync(Basic, "thief")));
        own["code"] = stolen["code"];

        // The state is good, and so is the code: it is PKCE by which the server tells that they don't belong together.
        using var refused = await CallBackAsync(QueryHelpers.AddQueryString("", own));
        using var read = await ann.GetAsync(TokenOf(Basic, "thief"));
        Assert.That(
            (refused.StatusCode, read.StatusCode), Is.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.NotFound)));
        Assert.That(await refused.ErrorAsync(), Does.StartWith("The provider no longer accepts this code"));
    }

    [Test]
    public async Task A_browser_connects_with_a_click_and_sees_no_token()
    {
        using var person = BrowserProfile.Of(app);
        var page = await person.OpenAsync(CallbackOf(await Server.SignInAsync(await StartSignInAsync(Basic, "page"))));
        var connected = await person.ClickAsync(page, "connect");
        Assert.That(
            (page.Status, connected.Status, connected.Title),
            Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK, "Connected")));
        var connection = await ReadAsync(Basic, "page");
        Assert.That(
            page.Html + connected.Html,
            Does.Contain("page").And.Not.Contain(connection.Access_token).And.Not.Contain(connection.Refresh_token));
    }

    [Test]
    public async Task What_a_person_declines_is_revoked_at_the_server()
    {
        await ConnectAsync("declined");
        var before = await ReadAsync(Basic, "declined");
        using var person = BrowserProfile.Of(app);
        var page =
            await person.OpenAsync(CallbackOf(await Server.SignInAsync(await StartSignInAsync(Basic, "declined"))));
        var declined = await person.ClickAsync(page, "decline");
        Assert.That((declined.Status, declined.Title), Is.EqualTo((HttpStatusCode.BadRequest, "Not connected")));
        Assert.That(await app.Database.FindAsync<int>(
            "select count(*) from oauth_pending_sign_ins where connection_id = 'declined'"), Is.Zero);
        Assert.That(
            (await ReadAsync(Basic, "declined")).Access_token,
            Is.EqualTo(before.Access_token),
            "What was there stays.");
    }

    [Test]
    public async Task What_the_provider_refuses_is_told_without_its_words()
    {
        var wrongSecret = Server.Config("wrong-secret");
        wrongSecret["client_secret"] = "wrong";
        await ConfigureAsync(wrongSecret);
        using var refusedClient =
            await CallBackAsync(await Server.SignInAsync(await StartSignInAsync("wrong-secret", "any")));
        Assert.That(refusedClient.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That(await refusedClient.ErrorAsync(), Does.Contain("client credentials"));

        // The user's no: the redirect brings an error and its description instead of a code.
        var unwelcome = Server.Config("unwelcome");
        unwelcome["scopes"] = "profile";
        await ConfigureAsync(unwelcome);
        using var declined = await CallBackAsync(await Server.SignInAsync(await StartSignInAsync("unwelcome", "any")));
        Assert.That(declined.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(
            await declined.ErrorAsync(),
            Is.EqualTo(
                "The sign-in was declined at the provider, and nothing was stored. To connect after all, start again."));
    }

    private static void AssertDescribed(OauthConnection? connection, string integration, string id) => Assert.That(
        (connection!.Subject, connection.Token_type, connection.Access_token, connection.Refresh_token),
        Is.EqualTo(($"ms.integration.oauth.acme.{integration}.{id}", "Bearer", (string?)null, (string?)null)));

    private async Task ConfigureAsync(JsonObject config)
    {
        using var stored = await admin.PutConfigAsync(config);
        Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK), await stored.Content.ReadAsStringAsync());
    }

    private async Task<string> StartSignInAsync(string integration, string id, string? scopes = null) =>
        (await ann.GetFromJsonAsync<OauthLoginResponse>(
            $"/hub/integrations/{integration}/oauth-login/{id}"
            + (scopes is null ? "" : $"?scopes={scopes}")))!.Oauth_url;

    private Task<HttpResponseMessage> CallBackAsync(string query) => browser.GetAsync(CallbackOf(query));

    private async Task<OauthConnection> ConnectAsync(string id)
    {
        using var callback = await CallBackAsync(await Server.SignInAsync(await StartSignInAsync(Basic, id)));
        return await ReadAsync(Basic, id);
    }

    private async Task<OauthConnection> ReadAsync(string integration, string id) =>
        (await ann.GetFromJsonAsync<OauthConnection>(TokenOf(integration, id)))!;

    private async Task<OauthConnection> RenewAsync(string integration, string id, string refreshToken) =>
        (await ann.GetFromJsonAsync<OauthConnection>(RefreshOf(integration, id, refreshToken)))!;

    private static string CallbackOf(string query) => "/hub/integrations/oauth-callback" + query;

    private static string TokenOf(string integration, string id) => $"/hub/integrations/{integration}/oauth-token/{id}";

    private static string RefreshOf(string integration, string id, string refreshToken) =>
        QueryHelpers.AddQueryString(
            $"/hub/integrations/{integration}/oauth-refresh-token/{id}", "refresh_token", refreshToken);

    private static string ConnectionOf(string integration, string id) =>
        $"/hub/integrations/{integration}/oauth-connections/{id}";
}
