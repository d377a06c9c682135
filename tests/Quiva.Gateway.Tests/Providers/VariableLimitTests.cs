using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// Values that would leave their place, in each kind of variable: none does, and none reaches another account.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class VariableLimitTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    // What would be another part of an address, or another host, if it were put in as it is.
    private static readonly string[] Breaking =
    [
        "..", ".", "/", "a/b", "a/../b", "%2f", "a%2Fb", "%2e%2e", "\\", "a@b", "a#b", "a?b", "a&b=c", "a:b", "a.evil.com/", "https://evil.example.com/#@:?",
        "$(v)", "a b", "a+b", "[::1]", "\uff0e\uff0e", "b\u00fccher", "\u2100",
    ];

    // What no variable may have.
    private static readonly string[] Unfit = ["a\nb", "a\r\nX: 1", "a\0", "\u007f", "a\u0085b", "a\ufffdb"];

    private static IEnumerable<string> Everything => [.. Breaking, .. Unfit];

    [TestCase("acme", 200)]
    [TestCase("a-c", 200)]
    [TestCase("xn--bcher-kva", 200)]
    [TestCase("-a", 400)]
    [TestCase("a-", 400)]
    [TestCase("a_b", 400)]
    [TestCase("", 400)]
    [TestCase(63, 200)]
    [TestCase(64, 400)]
    [TestCase(4097, 400)]
    public Task A_value_of_the_login_is_a_label(object value, int status) =>
        AssertLoginAsync(value is int length ? new string('a', length) : (string)value, status);

    [TestCaseSource(nameof(Everything))]
    public Task A_value_of_the_login_is_no_more_than_a_label(string value) => AssertLoginAsync(value, 400);

    private async Task AssertLoginAsync(string value, int status)
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = Named("shop", "login");
            config["auth_url"] = "https://$(shop).example.com/$(shop)?a=$(shop)";
        });
        using var login = await User.GetAsync(LoginPath(integration, value));
        Assert.That((int)login.StatusCode, Is.EqualTo(status), await login.Content.ReadAsStringAsync());
    }

    /// <summary>With a pattern of an administrator's that lets everything through.</summary>
    [TestCaseSource(nameof(Everything))]
    public async Task A_value_of_the_login_with_a_pattern_stays_within_its_place(string value)
    {
        var integration = NewIntegration();
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = Named("shop", "login", @"(.|\n)*");
            config["auth_url"] = "https://a.example.com/$(shop)/authorize?a=$(shop)";
            config["token_url"] = $"{Provider.Url}/{integration}/$(shop)/token?r=$(shop)";
            config["token_params"] = new JsonObject { ["shop"] = "$(shop)" };
        });
        using var login = await User.GetAsync(LoginPath(integration, value));
        if (value is "." or ".." || Unfit.Contains(value))
        {
            Assert.That((int)login.StatusCode, Is.EqualTo(400));
            return;
        }

        Assert.That((int)login.StatusCode, Is.EqualTo(200), await login.Content.ReadAsStringAsync());
        var url = (await login.Content.ReadFromJsonAsync<OauthLoginResponse>())!.Oauth_url;
        var written = Uri.EscapeDataString(value);
        Assert.That(url, Does.StartWith($"https://a.example.com/{written}/authorize?a={written}&response_type=code&"));
        using var stored = await CallBackAsync(new(url));
        Assert.That((int)stored.StatusCode, Is.EqualTo(200), await stored.Content.ReadAsStringAsync());
        AssertRequest(integration, $"/{integration}/{written}/token?r={written}", value);
    }

    [TestCase("e", "%2$(shop)%2$(shop)", 400)]
    [TestCase(".", ".$(shop)", 400)]
    [TestCase("d", "%2$(shop)%2$(shop)", 200)]
    public async Task A_value_makes_no_dots_with_what_stands_around_it(string value, string segment, int status)
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = Named("shop", "login", ".*");
            config["auth_url"] = $"https://a.example.com/a/{segment}/authorize";
        });
        using var login = await User.GetAsync(LoginPath(integration, value));
        Assert.That((int)login.StatusCode, Is.EqualTo(status), await login.Content.ReadAsStringAsync());
    }

    [TestCaseSource(nameof(Everything))]
    public async Task A_value_of_the_login_with_a_pattern_is_a_label_in_a_host(string value)
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = Named("shop", "login", @"(.|\n)*");
            config["auth_url"] = "https://$(shop).example.com/authorize";
        });
        using var login = await User.GetAsync(LoginPath(integration, value));
        Assert.That((int)login.StatusCode, Is.EqualTo(400), await login.Content.ReadAsStringAsync());
    }

    [TestCaseSource(nameof(Everything))]
    public async Task A_value_of_the_redirect_stays_within_its_place(string value)
    {
        var integration = NewIntegration();
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = Named("shop", "callback");
            config["token_url"] = $"{Provider.Url}/{integration}/$(shop)/token?r=$(shop)";
            config["token_params"] = new JsonObject { ["shop"] = "$(shop)" };
        });
        using var stored =
            await CallBackAsync(await LoginAsync(integration), "code=c&shop=" + Uri.EscapeDataString(value));
        if (value is "." or ".." || Unfit.Contains(value))
        {
            Assert.That(((int)stored.StatusCode, await stored.ErrorAsync()), Is.EqualTo((
                400, "The provider's redirect brought no value, or none that is allowed, for a variable of the integration's OAuth configuration.")));
            Assert.That(Provider.RequestsOf(integration), Is.Empty);
            return;
        }

        Assert.That((int)stored.StatusCode, Is.EqualTo(200), await stored.Content.ReadAsStringAsync());
        AssertRequest(
            integration, $"/{integration}/{Uri.EscapeDataString(value)}/token?r={Uri.EscapeDataString(value)}", value);
    }

    [TestCase(4096, 200)]
    [TestCase(4097, 400)]
    public async Task A_value_of_the_redirect_has_a_longest_length(int length, int status)
    {
        var integration = NewIntegration();
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConfigureAsync(integration, config => config["variables"] = Named("shop", "callback"));
        using var stored = await CallBackAsync(await LoginAsync(integration), "code=c&shop=" + new string('k', length));
        Assert.That((int)stored.StatusCode, Is.EqualTo(status), await stored.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task A_redirect_without_the_value_that_its_exchange_needs_asks_nobody([Values(
        "code=c", "code=c&shop=", "code=c&shop=a&shop=b")] string redirect)
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = Named("shop", "callback");
            config["token_url"] = $"{Provider.Url}/{integration}/$(shop)/token";
        });
        using var stored = await CallBackAsync(await LoginAsync(integration), redirect);
        Assert.That(
            ((int)stored.StatusCode, Provider.RequestsOf(integration).Count),
            Is.EqualTo((400, 0)),
            await stored.Content.ReadAsStringAsync());
    }

    [TestCaseSource(nameof(Everything))]
    public async Task A_value_of_the_token_answer_stays_within_its_place(string value)
    {
        var integration = NewIntegration();
        Provider.On(
            integration,
            request => Wire.Json(With(Tokens(IsExchange(request) ? 1 : 2), IsExchange(request) ? value : null)));
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = Named("shop", "token");
            config["refresh_url"] = $"{Provider.Url}/{integration}/$(shop)/renew?r=$(shop)";
        });
        using var stored = await CallBackAsync(await LoginAsync(integration));
        if (Unfit.Contains(value))
        {
            Assert.That((int)stored.StatusCode, Is.EqualTo(502), await stored.Content.ReadAsStringAsync());
            return;
        }

        Assert.That((int)stored.StatusCode, Is.EqualTo(200), await stored.Content.ReadAsStringAsync());
        using var renewed = await RenewAsync(integration, "refresh-1");
        Assert.That(
            (int)renewed.StatusCode,
            Is.EqualTo(value is "." or ".." ? 409 : 200),
            await renewed.Content.ReadAsStringAsync());
        if (value is not ("." or ".."))
        {
            var written = Uri.EscapeDataString(value);
            Assert.That(
                Provider.RequestsOf(integration)[^1].Path, Is.EqualTo($"/{integration}/{written}/renew?r={written}"));
        }
    }

    [TestCase(4096, 200)]
    [TestCase(4097, 502)]
    public async Task A_value_of_the_token_answer_has_a_longest_length(int length, int status)
    {
        var integration = NewIntegration();
        Provider.On(integration, _ => Wire.Json(With(Tokens(1), new string('k', length))));
        await ConfigureAsync(integration, config => config["variables"] = Named("shop", "token"));
        using var stored = await CallBackAsync(await LoginAsync(integration));
        Assert.That((int)stored.StatusCode, Is.EqualTo(status), await stored.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task A_login_has_the_values_that_are_asked_for_and_no_others()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config => config["variables"] = new JsonArray(
            new JsonObject { ["name"] = "shop", ["in"] = "login" },
            new JsonObject { ["name"] = "realmId", ["in"] = "callback" },
            new JsonObject { ["name"] = "region", ["in"] = "login", ["values"] = new JsonArray("eu", "au") }));
        const string other =
            "variables must have no other names than those that the integration's OAuth configuration asks for.";
        foreach (var (query, error) in new[]
        {
            ("?variables[shop]=a&variables[region]=eu&variables[more]=b", other),
            ("?variables[shop]=a&variables[region]=eu&variables[realmId]=b", other),
            ("?variables[region]=eu", "variables[shop] is required."),
            ("?variables[shop]=a&variables[region]=us", "variables[region] is not a value that the integration's OAuth configuration allows."),
            ("?variables[shop]=a&variables[region]=EU", "variables[region] is not a value that the integration's OAuth configuration allows."),
            ("", "variables[shop] is required."),
        })
        {
            using var login = await User.GetAsync($"/hub/integrations/{integration}/oauth-login/maria{query}");
            Assert.That(((int)login.StatusCode, await login.ErrorAsync()), Is.EqualTo((400, error)), query);
        }
    }

    [Test]
    public async Task A_redirect_does_not_change_a_value_of_the_login()
    {
        var integration = NewIntegration();
        Provider.On(integration, _ => Wire.Json(With(Tokens(1), "evil-of-the-answer")));
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = Named("shop", "login");
            config["token_url"] = $"{Provider.Url}/{integration}/$(shop)/token";
        });
        await ConnectAsync(
            integration, "?variables[shop]=acme", "code=c&shop=evil&variables[shop]=evil&variables=evil");
        Assert.That(Provider.RequestsOf(integration).Single().Path, Is.EqualTo($"/{integration}/acme/token"));
        Assert.That(
            (await ReadAsync(integration)).Variables,
            Is.EquivalentTo(new Dictionary<string, string> { ["shop"] = "acme" }));
    }

    [Test]
    public async Task Variables_of_another_account_are_nowhere()
    {
        var integration = NewIntegration();
        var secret = "kept-" + Guid.NewGuid().ToString("n");
        Provider.On(
            integration,
            _ => RawProvider.Http(200, null, $$"""{"access_token":"a","refresh_token":"r","shop":"{{secret}}"}"""));
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = Named("shop", "token");
            config["refresh_url"] = $"{Provider.Url}/{integration}/$(shop)/renew";
            config["token_params"] = new JsonObject { ["key"] = "param-" + secret };
        });
        using var seen = new Observed();
        await ConnectAsync(integration);
        using var stranger = await App.ClientAsync("other", "root");
        foreach (var path in new[] { "oauth-token/maria", "oauth-refresh-token/maria?refresh_token=r" })
        {
            using var foreign = await stranger.GetAsync($"/hub/integrations/{integration}/{path}");
            Assert.That((int)foreign.StatusCode, Is.EqualTo(404));
        }

        // The same names in another account have values of their own.
        Provider.On(
            integration,
            _ => RawProvider.Http(200, null, """{"access_token":"b","refresh_token":"s","shop":"other"}"""));
        using var login = await stranger.GetAsync($"/hub/integrations/{integration}/oauth-login/maria");
        var url = new Uri((await login.Content.ReadFromJsonAsync<OauthLoginResponse>())!.Oauth_url);
        var state = System.Web.HttpUtility.ParseQueryString(url.Query)["state"];
        using var theirs = await stranger.GetAsync($"/hub/integrations/oauth-callback?state={state}&code=c");
        using var renewed =
            await stranger.GetAsync($"/hub/integrations/{integration}/oauth-refresh-token/maria?refresh_token=s");
        Assert.That((int)renewed.StatusCode, Is.EqualTo(200), await renewed.Content.ReadAsStringAsync());
        Assert.That(Provider.RequestsOf(integration)[^1].Path, Is.EqualTo($"/{integration}/other/renew"));
        Assert.That((await ReadAsync(integration)).Variables!["shop"], Is.EqualTo(secret));
        await seen.AssertNowhereAsync(App, secret);
    }

    private static JsonArray Named(string name, string place, string? pattern = null)
    {
        var variable = new JsonObject { ["name"] = name, ["in"] = place };
        if (pattern is not null)
        {
            variable["pattern"] = pattern;
        }

        return new(variable);
    }

    private static JsonObject With(JsonObject tokens, string? value)
    {
        if (value is not null)
        {
            tokens["shop"] = value;
        }

        return tokens;
    }

    private static string LoginPath(string integration, string value) =>
        $"/hub/integrations/{integration}/oauth-login/maria?variables[shop]={Uri.EscapeDataString(value)}";

    private void AssertRequest(string integration, string path, string value)
    {
        var request = Provider.RequestsOf(integration).Single();
        Assert.That((request.Path, request["shop"]), Is.EqualTo((path, value)));
    }
}
