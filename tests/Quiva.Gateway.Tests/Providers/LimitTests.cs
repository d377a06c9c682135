using System.Text.Json;
using System.Text.Json.Nodes;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// What a configuration may not say. First of all: nothing that a caller or a browser brings chooses who gets the
/// client secret.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class LimitTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    private const string NoHost = "must have at least two fixed labels, which are no public suffix, after a variable in its host that stands for "
        + "one whole label, or list its values.";

    private static readonly string[] OfAuthorization =
        [
            "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method",
            "request", "request_uri"
        ];

    private static readonly string[] OfToken =
    [
        "grant_type", "code", "redirect_uri", "refresh_token", "code_verifier", "client_id", "client_secret", "client_assertion",
        "client_assertion_type", "scope",
    ];

    private static readonly string[] OfVariables =
        [
            .. OfAuthorization, .. OfToken, "error", "iss", "access_token", "id_token", "token_type", "expires_in",
            "response_mode"
        ];

    private static IEnumerable<TestCaseData> Refused() => ReservedNames()
        .Concat(Hosts())
        .Concat(Places())
        .Concat(Values())
        .Concat(AllowedHosts())
        .Select(row => new TestCaseData(row.Fields, row.Says).SetArgDisplayNames($"{row.Fields} {row.Says}"));

    private static IEnumerable<(string Fields, string Says)> ReservedNames()
    {
        foreach (var name in OfAuthorization)
        {
            var says = $"auth_url must not have {name} in its query.";
            yield return ($$"""{"auth_url":"https://a.example.com/auth?x=1&{{name}}=y"}""", says);
            yield return ($$"""{"auth_url":"https://a.example.com/auth?{{name.ToUpperInvariant()}}"}""", says);
            yield return ($$"""{"auth_url":"https://a.example.com/auth?%{{(int)name[0]:x2}}{{name[1..]}}=y"}""", says);
        }

        foreach (var query in new[] { "x=1;scope=y", "+scope=y", "scope[]=y", "scope%20=y", "scope[a][b]=y" })
        {
            yield return ($$"""{"auth_url":"https://a.example.com/auth?{{query}}"}""", "auth_url must not have scope in its query.");
        }

        foreach (var name in OfToken)
        {
            yield return (Fields(
                "token_params", new JsonObject { [name] = "y" }), $"token_params must not have {name}.");
            yield return (Fields(
                "token_params",
                new JsonObject { [name.ToUpperInvariant()] = "y" }), $"token_params must not have {name}.");
        }

        foreach (var name in OfVariables.Distinct())
        {
            foreach (var place in new[] { "login", "callback", "token" })
            {
                yield return (Of(name, place), "variables must not have a name that OAuth uses.");
            }

            yield return (Of(name.ToUpperInvariant()), "variables must not have a name that OAuth uses.");
        }

        foreach (var mode in new[] { "fragment", "form_post", "query.jwt", "", "QUERY" })
        {
            yield return ($$"""{"auth_url":"https://a.example.com/?response_mode={{mode}}"}""", "auth_url must not have another response_mode than query.");
        }
    }

    private static IEnumerable<(string Fields, string Says)> Hosts()
    {
        foreach (var url in new[]
        {
            "https://$(v)/t", "https://$(v):443/t", "https://$(v).com/t", "https://a.$(v).com/t", "https://a.com.$(v)/t", "https://x$(v).a.com/t",
            "https://$(v)x.a.com/t", "https://$(v).co.uk/t", "https://$(v).go.jp/t", "https://$(v).github.io/t", "https://$(v).$(v).a.com/t",
            "https://$(v).execute-api.eu-west-1.amazonaws.com/t", "https://$(v).westeurope.cloudapp.azure.com/t",
        })
        {
            foreach (var field in new[] { "token_url", "refresh_url", "auth_url", "revocation_url" })
            {
                yield return (Of("v", and: (field, url)), $"{field} {NoHost}");
            }
        }

        yield return (Of("v", "callback", ("token_url", "https://$(v)/t")), "token_url " + NoHost);
        yield return (Of("v", "token", ("refresh_url", "https://$(v)/t")), "refresh_url " + NoHost);
        yield return (Of("v", "token", ("revocation_url", "https://$(v)/t")), "revocation_url " + NoHost);
        yield return (Of("v", and: ("token_url", "https://a.example.com:$(v)/t")), "token_url must be an absolute URI");
        yield return (Of("v", and: ("token_url", "$(v)://a.example.com/t")), "token_url must be an absolute URI");
        yield return (Of(
            "v", and: ("token_url", "https://$(v)@a.example.com/t")), "token_url must have no variable in its user information or port.");
        yield return ("""{"refresh_url":"https://10.0.0.1/t"}""", "refresh_url must not point to a private or reserved address.");
        yield return (
            """{"variables":[{"name":"v","in":"login","values":["a.example.com","169.254.169.254"]}],"token_url":"https://$(v)/t"}""",
            "token_url must not point to a private or reserved address.");
        yield return (
            """{"variables":[{"name":"v","in":"login","values":["a.example.com","a@b.example.com"]}],"token_url":"https://$(v)/t"}""",
            "token_url must not have user information.");
    }

    private static IEnumerable<(string Fields, string Says)> Places()
    {
        yield return (Of(
            "v",
            "callback",
            ("auth_url", "https://a.example.com/$(v)")), "auth_url must have no other variables than those with in login.");
        yield return (
            Of(
                "v",
                "token",
                ("token_url", "https://a.example.com/$(v)")), "token_url must have no other variables than those with in login, callback.");
        yield return (
            Of("v", "token", ("token_params", new JsonObject { ["a"] = "$(v)" })),
            "token_params must have no other variables than those with in login, callback.");
        yield return (Of(
            "v", and: ("redirect_url", "https://a.example.com/$(v)")), "redirect_url must have no variables.");
        yield return (Of("v", and: ("issuer", "https://a.example.com/$(v)")), "issuer must have no variables.");
        yield return ("""{"auth_url":"https://a.example.com/$(v)"}""", "auth_url must have no other variables than those with in login.");
        yield return ("""{"auth_url":"https://a.example.com/$(1)"}""", "auth_url has a $( that begins no variable.");
        yield return (Of(
            "v",
            and: ("auth_url", "https://a.example.com/?$(v)=1")), "auth_url must have no variables in the names of its query.");
        yield return (
            Of("v", and: ("token_params", new JsonObject { ["$(v)"] = "a" })),
            "token_params must have names of 1 to 64 printable ASCII characters without variables.");
    }

    private static IEnumerable<(string Fields, string Says)> Values()
    {
        const string pattern =
            "variables.pattern must be a regular expression that can be matched without backtracking.";
        static string Pattern(string text) =>
            Fields("variables", new JsonArray(new JsonObject { ["name"] = "v", ["in"] = "login", ["pattern"] = text }));
        static string Listed(string text) =>
            Fields("variables", new JsonArray(new JsonObject
            {
                ["name"] = "v",
                ["in"] = "login",
                ["values"] = new JsonArray("a", text)
            }));

        yield return ("""{"variables":[{"name":"v","in":"login"},{"name":"v","in":"token"}]}""", "variables must have different names.");
        yield return (Pattern("(a"), pattern);
        yield return (Pattern(@"(a)\1"), pattern);
        yield return (Pattern("(?=a)a"), pattern);
        yield return (Pattern("a)|(?:.*"), pattern);
        yield return (Pattern(new string('a', 201)), "pattern must be 1 to 200 characters long.");
        foreach (var value in new[] { "", "a\n", "a\u007f", new string('a', 254) })
        {
            yield return (Listed(
                value), "variables.values must be 1 to 253 characters long, without control characters.");
        }

        yield return (
            Fields("variables", new JsonArray([.. Enumerable.Range(0, 21)
                .Select(number => new JsonObject { ["name"] = "v" + number, ["in"] = "login" })])),
            "variables must have at most 20 items.");
        yield return ("""{"code_challenge_method":"none","token_endpoint_auth_method":"none"}""", "must not both be none");
        yield return ("""{"code_challenge_method":"plain"}""", "code_challenge_method must be S256 or none.");
        yield return ("""{"default_expires_in":0}""", "default_expires_in must be from 1 to 31536000.");
        yield return ("""{"token_params":{"a":"b\n"}}""", "token_params must be texts");
        yield return (Fields(
            "token_params", new JsonObject { ["a"] = new string('b', 2001) }), "token_params must be texts");
        yield return (
            Fields("token_params", new JsonObject(
                Enumerable.Range(0, 21).Select(number => KeyValuePair.Create("p" + number, (JsonNode?)"x")))),
            "token_params must have at most 20 members.");
    }

    private static IEnumerable<(string Fields, string Says)> AllowedHosts()
    {
        foreach (var host in new[]
        {
            ".com", ".co.uk", ".github.io", "..example.com", "a b", "https://a.example.com", "a.example.com/x", "a@b.com", "", "a.example.com:443",
            "*.example.com", "b\u00fccher.example", new string('a', 254),
        })
        {
            yield return (Fields("allowed_hosts", new JsonArray(host)), "allowed_hosts must");
        }

        yield return (
            Of("v", "callback", ("allowed_hosts", new JsonArray("$(v).a.example.com"))),
            "allowed_hosts must have no other variables than those with in login, token.");
        yield return (Of("v", and: ("allowed_hosts", new JsonArray("$(v)"))), "allowed_hosts " + NoHost);
    }

    private static string Of(string name, string place = "login", (string Field, JsonNode? Value)? and = null)
    {
        var fields =
            new JsonObject { ["variables"] = new JsonArray(new JsonObject { ["name"] = name, ["in"] = place }) };
        if (and is var (field, value))
        {
            fields[field] = value;
        }

        return fields.ToJsonString(Plain);
    }

    private static string Fields(string field, JsonNode value) =>
        new JsonObject { [field] = value }.ToJsonString(Plain);

    private static JsonSerializerOptions Plain { get; } =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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

    /// <summary>Whoever has a name below it there is still served by the provider itself.</summary>
    [TestCase("https://$(v).myshopify.com/t")]
    [TestCase("https://$(v).eu.auth.example.com/t")]
    [TestCase("https://a.$(v).example.com/t")]
    public async Task A_label_before_two_fixed_ones_may_be_a_variable(string url)
    {
        var config = Configs.Body("allowed");
        (config["variables"], config["token_url"]) =
            (new JsonArray(new JsonObject { ["name"] = "v", ["in"] = "login" }), url);
        using var put = await Admin.PutConfigAsync(config);
        Assert.That((int)put.StatusCode, Is.EqualTo(200), await put.Content.ReadAsStringAsync());
    }
}
