using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// Every provider of the catalogue, simulated by the facts in <c>provider-facts.json</c> as strictly as they can be read: what is not
/// said to be accepted is refused, and a code is spent by a refused try. The hosts of addresses become the first part of paths.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SimulationTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    private const string Value = "acme";

    private static readonly JsonArray Facts = JsonNode.Parse(typeof(SimulationTests).Assembly.GetManifestResourceStream("provider-facts.json")!)!.AsArray();

    // What is out of scope: RFC 6749 requires the parameter.
    private static readonly Dictionary<string, string> OutOfScope = new() { ["monday"] = "response_type is sent" };

    // Of these a source turns PKCE off, and the catalogue leaves it on, and says so: nobody is known to refuse it.
    private static readonly string[] PkceLeftOn = ["microsoft"];

    private readonly ConcurrentQueue<string> faults = new();

    private static IEnumerable<string> Ids() => Facts.Select(fact => (string)fact!["id"]!);

    [Test]
    public void Every_provider_of_the_catalogue_is_simulated() => Assert.That(Ids(), Is.EquivalentTo(CatalogueTests.All.Select(provider => provider.Provider_id)));

    [TestCaseSource(nameof(Ids))]
    public async Task Completes_the_circle(string id)
    {
        faults.Clear();
        var fact = Facts.Single(one => (string)one!["id"]! == id)!.AsObject();
        var provider = CatalogueTests.All.Single(one => one.Provider_id == id);
        await ConfigureAsync(id, config => Configure(config, id, provider, fact));
        Provider.On(id, Answer(id, fact));

        var variables = provider.Config.Variables ?? [];
        var query = string.Join('&', variables.Where(variable => variable.In == VariablePlace.Login).Select(variable => $"variables[{variable.Name}]={Value}"));
        var authorization = await LoginAsync(id, query.Length == 0 ? "" : "?" + query);
        Authorize(id, fact, authorization);
        using var stored = await CallBackAsync(authorization, string.Concat(["code=the-code", .. Kept(fact, "callback").Select(name => $"&{name}={Value}")]));
        var told = await stored.Content.ReadAsStringAsync();
        Assert.That((int)stored.StatusCode, Is.EqualTo(200), told + string.Join(", ", faults));
        using var renewed = await RenewAsync(id, "refresh-1");
        Assert.That((int)renewed.StatusCode, Is.EqualTo(200), string.Join(", ", faults));
        var read = await ReadAsync(id);
        Assert.That(read.Access_token, Is.EqualTo("access-2"));
        foreach (var name in Kept(fact, "callback").Concat(Kept(fact, "token")))
        {
            Assert.That(read.Variables?[name], Is.EqualTo(Value), name);
        }

        var before = Provider.RequestsOf(id).Count;
        using var removed = await RemoveAsync(id);
        Assert.That((int)removed.StatusCode, Is.EqualTo(200));
        Assert.That(
            Provider.RequestsOf(id).Skip(before).Select(request => request.Path).Distinct(),
            Is.EqualTo(fact["revocation_url"] is { } revocation ? [PathOf(id, (string)revocation!)] : Array.Empty<string>()));
        Assert.That(faults, Is.EqualTo(OutOfScope.TryGetValue(id, out var reason) ? [reason] : Array.Empty<string>()));
    }

    // The catalogue's fields, with addresses that lead to the simulation.
    private void Configure(JsonObject config, string id, Provider provider, JsonObject fact)
    {
        config.Remove("revocation_url");
        foreach (var (name, value) in JsonSerializer.SerializeToNode(provider.Config)!.AsObject().Where(field => field.Value is not null))
        {
            config[name] = name.EndsWith("_url", StringComparison.Ordinal) ? Provider.Url + PathOf(id, (string)value!, fill: false) : WithoutNulls(value!);
        }

        config["scopes"] = (string?)fact["scopes"] == "none" ? "" : "one,two";
    }

    private void Authorize(string id, JsonObject fact, Uri authorization)
    {
        var query = HttpUtility.ParseQueryString(authorization.Query);
        Expect(authorization.AbsolutePath == PathOf(id, (string)fact["auth_url"]!).Split('?')[0], "auth_url");
        foreach (var (name, value) in fact["authorize_params"]?.AsObject() ?? [])
        {
            Expect(query[name] == (string)value!, name + " of the authorization");
        }

        foreach (var (name, value) in fact["authorize_renames"]?.AsObject() ?? [])
        {
            Expect(query[name] is null, name + " is sent");
        }

        var scope = (string?)fact["scopes"] == "none" ? null : string.Join((string?)fact["scope_separator"] ?? " ", "one", "two");
        Expect(query["scope"] == scope, "scope");
        Expect(IsWithoutPkce(fact) == query["code_challenge"] is null, "code_challenge");
    }

    private Func<RawRequest, byte[]> Answer(string id, JsonObject fact)
    {
        var spent = false;
        return request =>
        {
            if (request.Path == (fact["revocation_url"] is { } revocation ? PathOf(id, (string)revocation!) : null))
            {
                return RawProvider.Http(200, null, "");
            }

            var renews = request["grant_type"] == "refresh_token";
            var address = renews && fact["refresh_url"] is { } refresh ? refresh : fact["token_url"];
            string[] forms = [(string)fact["client_auth"]!, (string?)fact["client_auth_also"] ?? ""];
            var post = request["client_secret"] is not null;
            var form = request.Basic is not null ? post ? "both" : "client_secret_basic" : post ? "client_secret_post" : "none";
            var type = (string?)fact["body"] is { } body && body.StartsWith("json", StringComparison.Ordinal) ? "application/json" : "application/x-www-form-urlencoded";
            var parameters = fact[renews ? "refresh_params" : "token_params"]?.AsObject() ?? [];
            var accepted = Expect(request.Path == PathOf(id, (string)address!), request.Path)
                & Expect(forms.Contains(form), "credentials: " + form)
                & Expect(request.Headers["content-type"].Split(';')[0] == type, "the body's type")
                & Expect((renews || IsWithoutPkce(fact)) == request["code_verifier"] is null, "code_verifier")
                & Expect(parameters.All(parameter => request[parameter.Key] == (string)parameter.Value!), "parameters")
                & Expect(renews ? request["refresh_token"] == "refresh-1" : request["code"] == "the-code" && !spent, "the grant");
            spent = true;
            return accepted ? Wire.Json(Told(fact, renews ? 2 : 1)) : RawProvider.Http(400, "application/json", """{"error":"invalid_request"}""");
        };
    }

    private static bool IsWithoutPkce(JsonObject fact) => fact["pkce"] is not null && !PkceLeftOn.Contains((string)fact["id"]!);

    private static JsonObject Told(JsonObject fact, int number)
    {
        var tokens = Tokens(number);
        foreach (var name in Kept(fact, "token"))
        {
            var parts = name.Split('.');
            var place = tokens;
            foreach (var part in parts[..^1])
            {
                place[part] ??= new JsonObject();
                place = place[part]!.AsObject();
            }

            place[parts[^1]] = Value;
        }

        return tokens;
    }

    private static IEnumerable<string> Kept(JsonObject fact, string place) =>
        (fact["kept"]?.AsArray() ?? []).Where(kept => (string)kept!["in"]! == place).Select(kept => (string)kept!["name"]!);

    private static string PathOf(string id, string url, bool fill = true)
    {
        var path = $"/{id}/{url["https://".Length..]}";
        return fill ? System.Text.RegularExpressions.Regex.Replace(path, @"\{\w+\}", Value) : path;
    }

    private static JsonNode WithoutNulls(JsonNode node)
    {
        var copy = node.DeepClone();
        foreach (var item in copy is JsonArray items ? items.OfType<JsonObject>() : [])
        {
            foreach (var name in item.Where(member => member.Value is null).Select(member => member.Key).ToList())
            {
                item.Remove(name);
            }
        }

        return copy;
    }

    private bool Expect(bool isSo, string what)
    {
        if (!isSo)
        {
            faults.Enqueue(what);
        }

        return isSo;
    }
}
