using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// A provider simulated by its facts in <c>provider-facts.json</c>, as strictly as they can be read: what is not said
/// to be accepted is refused, and a code is spent by a refused try. The hosts of addresses become the first part of
/// paths.
/// </summary>
public sealed partial class StrictProvider(JsonObject facts)
{
    /// <summary>
    /// What is known of all of them; <c>more</c> marks those beyond the 123 that the catalogue began with.
    /// </summary>
    public static IReadOnlyList<StrictProvider> All { get; } =
    [
        .. JsonNode.Parse(typeof(StrictProvider).Assembly.GetManifestResourceStream("provider-facts.json")!)!.AsArray()
            .Select(facts => new StrictProvider(facts!.AsObject())),
    ];

    private readonly ConcurrentQueue<string> faults = new();
    private bool isSpent;

    public JsonObject Facts => facts;

    public string Id => (string)facts["id"]!;

    public bool IsMore => facts["more"] is not null;

    /// <summary>The entry of the catalogue that serves it, should it have none of its own.</summary>
    public string? SameServerAs => (string?)facts["same_server_as"];

    /// <summary>Whether it takes no scopes.</summary>
    public bool HasNoScopes => (string?)facts["scopes"] == "none";

    /// <summary>
    /// Whether a source turns PKCE off. Nobody is known to refuse it at Microsoft, where the catalogue leaves it on.
    /// </summary>
    public bool IsWithoutPkce => facts["pkce"] is not null && (SameServerAs ?? Id) != "microsoft";

    /// <summary>Whether it gives a refresh token.</summary>
    public bool Renews => facts["renewal"] is null;

    public string? RevocationPath => facts["revocation_url"] is { } url ? PathOf((string)url!) : null;

    /// <summary>What it was asked for otherwise than its facts say.</summary>
    public IReadOnlyCollection<string> Faults => faults;

    /// <summary>Whether the facts have what no configuration expresses.</summary>
    public bool Has(string fact) => facts[fact] is not null;

    /// <summary>What the redirect, or the token answer, brings to be kept.</summary>
    public IEnumerable<string> Kept(string place) =>
        (facts["kept"]?.AsArray() ?? [])
            .Where(kept => (string)kept!["in"]! == place)
            .Select(kept => (string)kept!["name"]!);

    /// <summary>The value that a variable has here.</summary>
    public string ValueOf(string variable) =>
        (string?)facts["variables"]?.AsArray()
            .FirstOrDefault(known => (string)known!["name"]! == variable)?["values"]?[0] ?? "acme";

    /// <summary>
    /// Where an address of the provider's leads in the simulation. Variables are filled in unless they are a
    /// configuration's.
    /// </summary>
    public string PathOf(string url) =>
        Variable().Replace($"/{Id}/{url["https://".Length..]}", variable => ValueOf(variable.Groups[1].Value));

    /// <summary>Looks at the browser's request.</summary>
    public void Authorize(Uri authorization)
    {
        var query = HttpUtility.ParseQueryString(authorization.Query);
        Expect(authorization.AbsolutePath == PathOf((string)facts["auth_url"]!).Split('?')[0], "auth_url");
        foreach (var (name, value) in facts["authorize_params"]?.AsObject() ?? [])
        {
            Expect(query[name] == (string)value!, name + " of the authorization");
        }

        foreach (var (name, _) in facts["authorize_renames"]?.AsObject() ?? [])
        {
            Expect(query[name] is null, name + " is sent");
        }

        Expect(query["scope"] == (HasNoScopes
            ? null
            : string.Join((string?)facts["scope_separator"] ?? " ", "one", "two")), "scope");
        Expect(IsWithoutPkce == query["code_challenge"] is null, "code_challenge");
    }

    /// <summary>Answers at its token, renewal and revocation addresses.</summary>
    public byte[] Answer(RawRequest request)
    {
        if (request.Path == RevocationPath)
        {
            return RawProvider.Http(200, null, "");
        }

        var renews = request["grant_type"] == "refresh_token";
        var address = (string)(renews && facts["refresh_url"] is { } refresh ? refresh : facts["token_url"])!;
        string[] forms = [(string)facts["client_auth"]!, (string?)facts["client_auth_also"] ?? ""];
        var post = request["client_secret"] is not null;
        var form = request.Basic is not null
            ? post ? "both" : "client_secret_basic"
            : post ? "client_secret_post" : "none";
        var type = (string?)facts["body"] is { } body && body.StartsWith("json", StringComparison.Ordinal)
            ? "application/json"
            : "application/x-www-form-urlencoded";
        // Servers read parameters of a request from its query as from its body.
        var query = HttpUtility.ParseQueryString(new Uri("http://any" + request.Path).Query);
        var parameters = facts[renews ? "refresh_params" : "token_params"]?.AsObject() ?? [];
        var accepted = Expect(request.Path.Split('?')[0] == PathOf(address), request.Path)
            & Expect(forms.Contains(form), "credentials: " + form)
            & Expect(request.Headers["content-type"].Split(';')[0] == type, "the body's type")
            & Expect((renews || IsWithoutPkce) == request["code_verifier"] is null, "code_verifier")
            & parameters.All(parameter => Expect(
                (query[parameter.Key]
                    ?? request[
                        parameter.Key]) == (string)parameter.Value!, $"{parameter.Key} of the {(renews ? "renewal" : "exchange")}"))
            & Expect(
                renews ? request["refresh_token"] == "refresh-1" : request["code"] == "the-code" && !isSpent,
                "the grant");
        isSpent = true;
        return accepted
            ? Wire.Json(Tokens(renews ? 2 : 1))
            : RawProvider.Http(400, "application/json", """{"error":"invalid_request"}""");
    }

    private JsonObject Tokens(int number)
    {
        var tokens =
            new JsonObject { ["access_token"] = "access-" + number, ["token_type"] = "Bearer", ["expires_in"] = 3600 };
        if (Renews)
        {
            tokens["refresh_token"] = "refresh-" + number;
        }

        foreach (var name in Kept("token"))
        {
            var parts = name.Split('.');
            var place = tokens;
            foreach (var part in parts[..^1])
            {
                place[part] ??= new JsonObject();
                place = place[part]!.AsObject();
            }

            place[parts[^1]] = ValueOf(name);
        }

        return tokens;
    }

    private bool Expect(bool isSo, string what)
    {
        if (!isSo)
        {
            faults.Enqueue(what);
        }

        return isSo;
    }

    // In facts a variable is {name}, in configurations $(name).
    [GeneratedRegex(@"(?<!\$)\{(\w+)\}")]
    private static partial Regex Variable();
}
