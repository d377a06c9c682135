using System.Text.Json.Nodes;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>What optional fields may not do. First of all: nothing that a caller or a browser brings chooses who gets the client secret.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class LimitTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    private const string Reserved = "response_type,client_id,redirect_uri,scope,state,code_challenge,code_challenge_method,request,request_uri";
    private const string ReservedInToken = "grant_type,code,redirect_uri,refresh_token,code_verifier,client_id,client_secret,client_assertion,client_assertion_type,scope";

    private static IEnumerable<TestCaseData> Refused()
    {
        static TestCaseData Case(string fields, string says) => new TestCaseData(fields, says).SetArgDisplayNames(fields);
        static string Of(string name, string place = "login", string rest = "") => $$"""{"variables":[{"name":"{{name}}","in":"{{place}}"{{rest}}}]""";

        foreach (var name in Reserved.Split(','))
        {
            yield return Case($$"""{"auth_url":"https://a.example.com/auth?x=1&{{name}}=y"}""", $"auth_url must not have {name} in its query.");
            yield return Case(Of(name) + "}", "variables must not have a name that OAuth uses.");
        }

        foreach (var name in ReservedInToken.Split(','))
        {
            yield return Case($$$"""{"token_params":{"{{{name}}}":"y"}}""", $"token_params must not have {name}.");
            yield return Case(Of(name.ToUpperInvariant()) + "}", "variables must not have a name that OAuth uses.");
        }

        foreach (var name in new[] { "error", "iss", "access_token", "id_token", "token_type", "expires_in", "response_mode" })
        {
            yield return Case(Of(name) + "}", "variables must not have a name that OAuth uses.");
        }

        const string host = "must have at least two fixed labels, which are no public suffix, after a variable in its host that stands for one whole label, or list its values.";
        foreach (var url in new[] { "https://$(v)/t", "https://$(v):443/t", "https://$(v).com/t", "https://a.$(v).com/t", "https://a.com.$(v)/t", "https://x$(v).a.com/t", "https://$(v).co.uk/t", "https://$(v).github.io/t", "https://$(v).$(v).a.com/t" })
        {
            foreach (var field in new[] { "token_url", "refresh_url", "auth_url", "revocation_url" })
            {
                yield return Case(Of("v") + $$""","{{field}}":"{{url}}"}""", $"{field} {host}");
            }
        }

        yield return Case(Of("v", "callback") + ""","token_url":"https://$(v)/t"}""", "token_url " + host);
        yield return Case(Of("v") + ""","token_url":"https://a.example.com:$(v)/t"}""", "token_url must be an absolute URI");
        yield return Case(Of("v") + ""","token_url":"https://$(v)@a.example.com/t"}""", "token_url must have no variable in its user information or port.");
        yield return Case(Of("v", "callback") + ""","auth_url":"https://a.example.com/$(v)"}""", "auth_url must have no other variables than those with in login.");
        yield return Case(Of("v", "token") + ""","token_url":"https://a.example.com/$(v)"}""", "token_url must have no other variables than those with in login, callback.");
        yield return Case(Of("v", "token") + ""","token_params":{"a":"$(v)"}}""", "token_params must have no other variables than those with in login, callback.");
        yield return Case(Of("v") + ""","redirect_url":"https://a.example.com/$(v)"}""", "redirect_url must have no variables.");
        yield return Case(Of("v") + ""","issuer":"https://a.example.com/$(v)"}""", "issuer must have no variables.");
        yield return Case("""{"auth_url":"https://a.example.com/$(v)"}""", "auth_url must have no other variables than those with in login.");
        yield return Case("""{"auth_url":"https://a.example.com/$(1)"}""", "auth_url has a $( that begins no variable.");
        yield return Case(Of("v") + ""","auth_url":"https://a.example.com/?$(v)=1"}""", "auth_url must have no variables in the names of its query.");
        yield return Case("""{"auth_url":"https://a.example.com/?response_mode=fragment"}""", "auth_url must not have another response_mode than query.");
        yield return Case("""{"variables":[{"name":"v","in":"login"},{"name":"v","in":"token"}]}""", "variables must have different names.");
        yield return Case(Of("v", rest: ",\"pattern\":\"(a\"") + "}", "variables.pattern must be a regular expression that can be matched without backtracking.");
        yield return Case(Of("v", rest: ",\"pattern\":\"(a)\\\\1\"") + "}", "variables.pattern must be a regular expression that can be matched without backtracking.");
        yield return Case(Of("v", rest: $",\"pattern\":\"{new string('a', 201)}\"") + "}", "pattern must be 1 to 200 characters long.");
        yield return Case($$"""{"variables":[{{string.Join(',', Enumerable.Range(0, 21).Select(number => $$"""{"name":"v{{number}}","in":"login"}"""))}}]}""", "variables must have at most 20 items.");
        yield return Case("""{"code_challenge_method":"none","token_endpoint_auth_method":"none"}""", "must not both be none");
        yield return Case("""{"code_challenge_method":"plain"}""", "code_challenge_method must be S256 or none.");
        yield return Case("""{"default_expires_in":0}""", "default_expires_in must be from 1 to 31536000.");
        yield return Case("""{"token_params":{"a":"b\n"}}""", "token_params must be texts");
        yield return Case("""{"refresh_url":"https://10.0.0.1/t"}""", "refresh_url must not point to a private or reserved address.");
        yield return Case("""{"variables":[{"name":"v","in":"login","values":["a.example.com","169.254.169.254"]}],"token_url":"https://$(v)/t"}""", "token_url must not point to a private or reserved address.");
        foreach (var allowed in new[] { ".com", ".co.uk", "..example.com", "a b", "https://a.example.com", "a.example.com/x", "a@b.com", "" })
        {
            yield return Case($$"""{"allowed_hosts":["{{allowed}}"]}""", "allowed_hosts must");
        }

        yield return Case(Of("v", "callback") + ""","allowed_hosts":["$(v).a.example.com"]}""", "allowed_hosts must have no other variables than those with in login, token.");
        yield return Case(Of("v") + ""","allowed_hosts":["$(v)"]}""", "allowed_hosts " + host);
    }

    [TestCaseSource(nameof(Refused))]
    public async Task Is_refused_when_it_is_saved(string fields, string says)
    {
        var config = Configs.Body("refused");
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject().ToList())
        {
            config[name] = value?.DeepClone();
        }

        using var put = await Admin.PutConfigAsync(config);
        Assert.That((int)put.StatusCode, Is.EqualTo(400), await put.Content.ReadAsStringAsync());
        Assert.That(await put.ErrorAsync(), Does.Contain(says));
    }

    [TestCase("acme", 200)]
    [TestCase("a-c", 200)]
    [TestCase("..", 400)]
    [TestCase(".", 400)]
    [TestCase("a/b", 400)]
    [TestCase("a%2fb", 400)]
    [TestCase("a@b", 400)]
    [TestCase("a#b", 400)]
    [TestCase("a?b", 400)]
    [TestCase("a:b", 400)]
    [TestCase("a.evil.com/", 400)]
    [TestCase("bücher", 400)]
    [TestCase("xn--bcher-kva", 200)]
    [TestCase("a\nb", 400)]
    [TestCase("a\0", 400)]
    [TestCase("-a", 400)]
    [TestCase("", 400)]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 400)]
    public async Task A_value_of_the_login_is_a_label(string value, int status)
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = new JsonArray(new JsonObject { ["name"] = "shop", ["in"] = "login" });
            config["auth_url"] = "https://$(shop).example.com/$(shop)";
        });
        using var login = await User.GetAsync($"/hub/integrations/{integration}/oauth-login/maria?variables[shop]={Uri.EscapeDataString(value)}");
        Assert.That((int)login.StatusCode, Is.EqualTo(status), await login.Content.ReadAsStringAsync());
        using var other = await User.GetAsync($"/hub/integrations/{integration}/oauth-login/maria?variables[shop]=a&variables[more]=b");
        using var none = await User.GetAsync($"/hub/integrations/{integration}/oauth-login/maria");
        Assert.That((await other.ErrorAsync(), await none.ErrorAsync()), Is.EqualTo((
            "variables must have no other names than those that the integration's OAuth configuration asks for.", "variables[shop] is required.")));
    }

    [TestCase("..", 409)]
    [TestCase("a/../b", 200)]
    [TestCase("%2e%2e", 200)]
    [TestCase("https://evil.example.com/#@:?", 200)]
    [TestCase("a\r\nb", 400)]
    public async Task A_value_of_the_callback_stays_within_its_place(string value, int status)
    {
        var integration = NewIntegration();
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = new JsonArray(new JsonObject { ["name"] = "realm", ["in"] = "callback" });
            config["token_url"] = $"{Provider.Url}/{integration}/$(realm)/token?r=$(realm)";
        });
        using var stored = await CallBackAsync(await LoginAsync(integration), "code=c&realm=" + Uri.EscapeDataString(value));
        Assert.That((int)stored.StatusCode, Is.EqualTo(status), await stored.Content.ReadAsStringAsync());
        if (status == 200)
        {
            Assert.That(Provider.RequestsOf(integration).Single().Path, Is.EqualTo($"/{integration}/{Uri.EscapeDataString(value)}/token?r={Uri.EscapeDataString(value)}"));
        }
    }

    [TestCase(4096, 200)]
    [TestCase(4097, 502)]
    public async Task A_value_of_the_token_answer_has_a_longest_length(int length, int status)
    {
        var integration = NewIntegration();
        Provider.On(integration, _ => RawProvider.Http(200, null, $$"""{"access_token":"a","kept":"{{new string('k', length)}}"}"""));
        await ConfigureAsync(integration, config => config["variables"] = new JsonArray(new JsonObject { ["name"] = "kept", ["in"] = "token" }));
        using var stored = await CallBackAsync(await LoginAsync(integration));
        Assert.That((int)stored.StatusCode, Is.EqualTo(status), await stored.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task Variables_of_another_account_are_nowhere()
    {
        var integration = NewIntegration();
        var secret = "kept-" + Guid.NewGuid().ToString("n");
        Provider.On(integration, _ => RawProvider.Http(200, null, $$"""{"access_token":"a","kept":"{{secret}}"}"""));
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = new JsonArray(new JsonObject { ["name"] = "kept", ["in"] = "token" });
            config["token_params"] = new JsonObject { ["key"] = "param-" + secret };
        });
        using var seen = new Observed();
        await ConnectAsync(integration);
        using var stranger = await App.ClientAsync("other", "root");
        using var foreign = await stranger.GetAsync($"/hub/integrations/{integration}/oauth-token/maria");
        Assert.That((int)foreign.StatusCode, Is.EqualTo(404));
        Assert.That((await ReadAsync(integration)).Variables!["kept"], Is.EqualTo(secret));
        await seen.AssertNowhereAsync(App, secret);
    }
}
