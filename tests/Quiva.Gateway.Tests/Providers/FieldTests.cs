using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Web;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>The optional fields of a configuration: what each makes of the circle of a connection.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class FieldTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    private static JsonObject Variable(string name, string place) => new() { ["name"] = name, ["in"] = place };

    [Test]
    public async Task Without_fields_it_is_as_the_RFCs_have_it()
    {
        var (integration, authorization) = await CircleAsync(_ => { });
        var query = HttpUtility.ParseQueryString(authorization.Query);
        Assert.That((query["scope"], query["code_challenge_method"]), Is.EqualTo(("channels:read chat:write", "S256")));
        var exchange = Provider.RequestsOf(integration)[0];
        Assert.That(
            (exchange["code_verifier"] is null, exchange["client_secret"], exchange.Basic),
            Is.EqualTo((false, (string?)null, "123456789.987654321:s3cret")));
    }

    [Test]
    public async Task A_provider_without_PKCE_is_sent_none()
    {
        var (integration, authorization) = await CircleAsync(config => config["code_challenge_method"] = "none");
        Assert.That(authorization.Query, Does.Not.Contain("code_challenge"));
        Assert.That(Provider.RequestsOf(integration)[0]["code_verifier"], Is.Null);
    }

    [Test]
    public async Task Requests_may_be_JSON()
    {
        var (integration, _) = await CircleAsync(config =>
            (config["token_request_type"], config["token_endpoint_auth_method"]) =
                ("application/json", "client_secret_post"));
        var requests = Provider.RequestsOf(integration);
        Assert.That(
            requests.Take(2).Select(request => request.Headers["content-type"]), Has.All.EqualTo("application/json"));
        Assert.That((requests[0]["client_secret"], requests[1]["refresh_token"]), Is.EqualTo(("s3cret", "refresh-1")));
        Assert.That(
            requests[2].Headers["content-type"],
            Is.EqualTo("application/x-www-form-urlencoded"),
            "Revocation is RFC 7009's.");
    }

    [Test]
    public async Task Scopes_may_be_separated_by_commas_or_be_none()
    {
        var (_, commas) = await CircleAsync(config => config["scope_separator"] = "comma");
        Assert.That(HttpUtility.ParseQueryString(commas.Query)["scope"], Is.EqualTo("channels:read,chat:write"));
        var (_, none) = await CircleAsync(config => config["scopes"] = "");
        Assert.That(none.Query, Does.Not.Contain("scope="));
    }

    [Test]
    public async Task Renewal_may_have_an_address_and_parameters_of_its_own()
    {
        var integration = NewIntegration();
        await CircleAsync(
            config => (config["refresh_url"], config["token_params"]) =
                ($"{Provider.Url}/{integration}/renew", new JsonObject { ["audience"] = "all" }),
            integration);
        Assert.That(
            Provider.RequestsOf(integration).Take(2).Select(request => (request.Path, request["audience"])),
            Is.EqualTo(new[] { ($"/{integration}/token", "all"), ($"/{integration}/renew", "all") }));
    }

    [TestCase("client_secret_basic", true, false)]
    [TestCase("client_secret_post", false, true)]
    [TestCase("none", false, false)]
    public async Task A_form_of_credentials_that_is_set_is_the_only_one(string method, bool basic, bool post)
    {
        var (integration, _) = await CircleAsync(config => config["token_endpoint_auth_method"] = method);
        Assert.That(
            Provider.RequestsOf(integration)
                .Select(request => (request.Basic is not null, request["client_secret"] is not null)),
            Has.All.EqualTo((basic, post)));
        Provider.Forget(integration);
        Provider.On(integration, _ => RawProvider.Http(401, null, ""));
        using var refused = await CallBackAsync(await LoginAsync(integration));
        Assert.That(((int)refused.StatusCode, Provider.RequestsOf(integration).Count), Is.EqualTo((502, 1)));
    }

    [Test]
    public async Task A_lifetime_that_is_not_told_is_the_configured_one_and_the_last_one_is_kept()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config => config["default_expires_in"] = 7200);
        Provider.On(integration, _ => RawProvider.Http(200, null, """{"access_token":"a","refresh_token":"r"}"""));
        await ConnectAsync(integration);
        Assert.That((await ReadAsync(integration)).Expires_in, Is.InRange(7000, 7200));
        Provider.On(
            integration,
            _ => RawProvider.Http(200, null, """{"access_token":"a","refresh_token":"r","expires_in":100}"""));
        using var told = await RenewAsync(integration, "r");
        Provider.On(integration, _ => RawProvider.Http(200, null, """{"access_token":"a","refresh_token":"r"}"""));
        using var kept = await RenewAsync(integration, "r");
        Assert.That((await kept.Content.ReadFromJsonAsync<OauthConnection>())!.Expires_in, Is.InRange(50, 100));
    }

    [Test]
    public async Task An_issuer_that_is_set_has_to_come()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config => config["issuer"] = "https://issuer.example.com/tenant");
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        using var missing = await CallBackAsync(await LoginAsync(integration));
        using var other = await CallBackAsync(await LoginAsync(integration), "code=c&iss=https://issuer.example.com");
        using var right =
            await CallBackAsync(await LoginAsync(integration), "code=c&iss=https://issuer.example.com/tenant");
        Assert.That(
            ((int)missing.StatusCode, (int)other.StatusCode, (int)right.StatusCode), Is.EqualTo((400, 400, 200)));
    }

    [Test]
    public async Task Variables_stand_where_they_may_and_stay_with_the_connection()
    {
        var integration = NewIntegration();
        var root = $"{Provider.Url}/{integration}";
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = new JsonArray(
                Variable("shop", "login"), Variable(
                    "realmId", "callback"), Variable("team.id", "token"), Variable("absent", "token"));
            config["auth_url"] = root + "/$(shop)/authorize?account=$(shop)";
            config["token_url"] = root + "/$(shop)/token?realm=$(realmId)";
            config["refresh_url"] = root + "/$(team.id)/renew";
            config["revocation_url"] = root + "/$(shop)/revoke/$(team.id)";
            config["token_params"] = new JsonObject { ["shop"] = "$(shop)" };
        });
        var asked = await User.GetFromJsonAsync<OauthConfigBasicData>(Configs.PathOf(integration));
        Assert.That(
            asked!.Variables!.Select(variable => variable.Name),
            Is.EqualTo(new[] { "shop" }),
            "What a user interface has to ask for.");

        Provider.On(
            integration,
            _ => RawProvider.Http(200, null, """{"access_token":"a","refresh_token":"r","team":{"id":"T 1/2"}}"""));
        var authorization = await LoginAsync(integration, "?variables[shop]=acme");
        Assert.That(authorization.AbsoluteUri, Does.StartWith($"{root}/acme/authorize?account=acme&"));
        using var stored = await CallBackAsync(authorization, "code=c&realmId=12%2634&shop=evil&variables[shop]=evil");
        Assert.That(
            await stored.Content.ReadAsStringAsync(),
            Does.Not.Contain("acme\"").And.Not.Contain("T 1"),
            "Values come with the tokens only.");
        Assert.That(
            (await ReadAsync(integration)).Variables,
            Is.EquivalentTo(new Dictionary<string, string>
            {
                ["shop"] = "acme",
                ["realmId"] = "12&34",
                ["team.id"] = "T 1/2"
            }));
        using var renewed = await RenewAsync(integration, "r");
        using var removed = await RemoveAsync(integration);
        var requests = Provider.RequestsOf(integration);
        Assert.That(
            requests.Select(request => request.Path),
            Is.EqualTo(new[]
            {
                $"/{integration}/acme/token?realm=12%2634", $"/{integration}/T%201%2F2/renew",
                $"/{integration}/acme/revoke/T%201%2F2", $"/{integration}/acme/revoke/T%201%2F2",
            }));
        Assert.That(requests.Take(2).Select(request => request["shop"]), Has.All.EqualTo("acme"));
    }

    [Test]
    public async Task A_configuration_that_no_longer_accepts_a_value_asks_for_a_new_sign_in()
    {
        var integration = NewIntegration();
        void Accepting(JsonObject config, string values)
        {
            var listed = new JsonArray([.. values.Split(',').Select(value => (JsonNode)value)]);
            config["variables"] =
                new JsonArray(new JsonObject { ["name"] = "region", ["in"] = "login", ["values"] = listed });
            config["token_url"] = $"{Provider.Url}/{integration}/$(region)/token";
        }

        await ConfigureAsync(integration, config => Accepting(config, "eu,us"));
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConnectAsync(integration, "?variables[region]=eu");
        await ConfigureAsync(integration, config => Accepting(config, "us"));
        using var refused = await RenewAsync(integration, "refresh-1");
        Assert.That(
            ((int)refused.StatusCode, await refused.ErrorAsync()),
            Is.EqualTo(
                (409, "This integration's OAuth configuration no longer accepts the connection's variables. Sign in again.")));
    }

    [Test]
    public async Task A_replacement_clears_what_it_leaves_out_and_the_audit_names_each_field()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config =>
        {
            (config["code_challenge_method"], config["scope_separator"], config["token_params"]) =
                ("none", "comma", new JsonObject { ["a"] = "b" });
            config["allowed_hosts"] = new JsonArray("api.example.com", ".example.com");
        });
        await ConfigureAsync(integration);
        var (changed, fields) = (await LoginAsync(integration), await App.Database.QueryAsync<string>(
            "select fields from changes where subject = @subject order by sequence", new
            {
                subject = "ms.integration.oauth.config."
                + integration
            }));
        Assert.That(changed.Query, Does.Contain("code_challenge=").And.Contain("scope=channels%3Aread%20chat%3Awrite"));
        Assert.That(
            fields[1].Split(','),
            Is.EquivalentTo(new[] { "token_params", "code_challenge_method", "scope_separator", "allowed_hosts" }));
    }

    [Test]
    public async Task How_a_connection_is_is_told_without_tokens()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        Provider.On(integration, _ => RawProvider.Http(
            200, null, """{"access_token":"a","refresh_token":"r","scope":"chat:write files:read"}"""));
        await ConnectAsync(integration, connection: "ann@example.com|1+2:3~4");
        var listed = await ListedAsync(integration);
        Assert.That(
            (listed.Status, listed.Scopes, listed.Variables),
            Is.EqualTo(("connected", "chat:write,files:read", (IDictionary<string, string>?)null)));
        Assert.That(listed.Subject, Does.EndWith(".ann@example.com|1+2:3~4"));

        Provider.On(integration, _ => RawProvider.Http(500, null, ""));
        using var failed = await RenewAsync(integration, "r", "ann@example.com|1+2:3~4");
        Assert.That((await ListedAsync(integration)).Status, Is.EqualTo("failing"));
        Provider.On(integration, _ => RawProvider.Http(400, null, """{"error":"invalid_grant"}"""));
        using var gone = await RenewAsync(integration, "r", "ann@example.com|1+2:3~4");
        var ended = await ListedAsync(integration);
        Assert.That(ended.Status, Is.EqualTo("needs_sign_in"));
        Assert.That(ended.Status_since, Is.GreaterThan(listed.Status_since!.Value));
        Provider.Forget(integration);
        using var again = await RenewAsync(integration, "r", "ann@example.com|1+2:3~4");
        Assert.That(
            ((int)again.StatusCode, Provider.RequestsOf(integration).Count),
            Is.EqualTo((400, 0)),
            "A dead grant is not tried again.");
    }

    [TestCase("sub-1", "sub-1", "r")]
    [TestCase("sub-1", "sub-2", null)]
    [TestCase(null, null, null)]
    public async Task A_second_sign_in_without_a_refresh_token_keeps_the_old_one_of_the_same_person(
        string? first, string? second, string? kept)
    {
        static string IdToken(string? subject) =>
            subject is null ? "" : $$""","id_token":"e30.{{Claims(subject)}}.x" """;
        static string Claims(string subject) =>
            Microsoft.IdentityModel.Tokens.Base64UrlEncoder.Encode(
                $$"""{"iss":"https://i.example","sub":"{{subject}}"}""");
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        Provider.On(
            integration,
            _ => RawProvider.Http(200, null, $$"""{"access_token":"a","refresh_token":"r"{{IdToken(first)}}}"""));
        await ConnectAsync(integration);
        Provider.On(integration, _ => RawProvider.Http(200, null, $$"""{"access_token":"b"{{IdToken(second)}}}"""));
        await ConnectAsync(integration);
        Assert.That((await ReadAsync(integration)).Refresh_token, Is.EqualTo(kept));
    }

    private async Task<(string Integration, Uri Authorization)> CircleAsync(
        Action<JsonObject> change, string? name = null)
    {
        var integration = name ?? NewIntegration();
        Provider.On(integration, request => Wire.Json(Tokens(request["grant_type"] == "refresh_token" ? 2 : 1)));
        await ConfigureAsync(integration, change);
        var authorization = await LoginAsync(integration);
        using var stored = await CallBackAsync(authorization);
        Assert.That((int)stored.StatusCode, Is.EqualTo(200), await stored.Content.ReadAsStringAsync());
        using var renewed = await RenewAsync(integration, "refresh-1");
        Assert.That((int)renewed.StatusCode, Is.EqualTo(200), await renewed.Content.ReadAsStringAsync());
        using var removed = await RemoveAsync(integration);
        Assert.That(Provider.RequestsOf(integration), Has.Count.EqualTo(4));
        return (integration, authorization);
    }

    private async Task<OauthConnection> ListedAsync(string integration) =>
        (await User.GetFromJsonAsync<OauthConnectionsList>(
            $"/hub/integrations/{integration}/oauth-connections"))!.Results
            .Single();
}
