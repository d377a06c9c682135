using System.Text.Json.Nodes;

namespace Quiva.Gateway.Tests.Providers;

public static partial class Behaviours
{
    private static IEnumerable<Behaviour> Credentials()
    {
        foreach (var (name, refusal) in new[]
        {
            ("invalid_client", RawProvider.Http(401, Json, """{"error":"invalid_client"}""")),
            ("invalid_client with 400", RawProvider.Http(400, Json, """{"error":"invalid_client"}""")),
            ("invalid_request", RawProvider.Http(400, Json, """{"error":"invalid_request"}""")),
            ("unsupported_grant_type", RawProvider.Http(400, Json, """{"error":"unsupported_grant_type"}""")),
            ("a word of their own", RawProvider.Http(400, Json, """{"error":"missing_client_id"}""")),
            ("401 and nothing", RawProvider.Http(401, null, "")),
            ("401 and a page", RawProvider.Http(401, "text/html", "<html>")),
            ("401 and a challenge", RawProvider.Http(401, null, "", "WWW-Authenticate: Basic realm=x")),
            ("JSON without error", RawProvider.Http(400, Json, """{"message":"client_id is missing"}""")),
            ("no JSON", RawProvider.Http(400, Json, "{no")),
            ("a form", RawProvider.Http(400, "application/x-www-form-urlencoded", "error=invalid_client")),
            ("403", RawProvider.Http(403, "text/html", "<html>")),
            ("404", RawProvider.Http(404, null, "")),
            ("415", RawProvider.Http(415, null, "")),
            ("422", RawProvider.Http(422, Json, """{"errors":[{"field":"client_id"}]}""")),
            ("200 and an error", RawProvider.Http(200, Json, """{"ok":false,"error":"invalid_client_id"}""")),
            ("200 and an error object", RawProvider.Http(
                200, Json, """{"error":{"message":"no","type":"OAuthException"}}""")),
            ("half a pair", RawProvider.Http(400, Json, """{"error":"\ud83d"}""")),
        })
        {
            yield return new Behaviour($"credentials in the body; else {name}")
            {
                Requests = (2, 1),
                Say = ask => ask.Request["client_secret"] is null ? refusal : Wire.Json(ask.Tokens),
            };
        }

        foreach (var (method, basic, post) in new[]
        {
            ("client_secret_basic", true, false),
            ("client_secret_post", false, true),
            ("none", false, false)
        })
        {
            yield return new Behaviour($"credentials set: {method}")
            {
                Configure = (config, _) => config["token_endpoint_auth_method"] = method,
                See = (_, requests) => Assert.That(
                    requests.Select(
                        request => (request.Basic is not null, request["client_secret"] is not null)), Has.All.EqualTo(
                        (basic, post))),
            };
        }

        yield return new Behaviour("credentials with all of ASCII")
        {
            Configure = (config, _) => (config["client_id"], config["client_secret"]) = ("a b:c%+~", "p:w d%+&=\""),
            See = (_, requests) => Assert.That(
                requests.Select(request => request.Basic), Has.All.EqualTo(
                    "a+b%3Ac%25%2B%7E:p%3Aw+d%25%2B%26%3D%22"), "RFC 6749, section 2.3.1"),
        };
    }

    private static IEnumerable<Behaviour> Fields()
    {
        yield return new Behaviour("no PKCE")
        {
            Configure = (config, _) => config["code_challenge_method"] = "none",
            Say = ask => ask.Request["code_verifier"] is null
                ? Wire.Json(ask.Tokens)
                : RawProvider.Http(400, Json, """{"error":"invalid_request"}"""),
            See = (authorization, _) => Assert.That(authorization.Query, Does.Not.Contain("code_challenge")),
        };
        yield return new Behaviour("JSON requests")
        {
            Configure = (config, _) =>
                (config["token_request_type"], config["token_endpoint_auth_method"]) = (Json, "client_secret_post"),
            Say = ask => ask.Request.Headers["content-type"] == Json
                ? Wire.Json(ask.Tokens)
                : RawProvider.Http(415, null, ""),
        };
        yield return new Behaviour("JSON requests with Basic")
        {
            Configure = (config, _) => config["token_request_type"] = Json,
            Say = ask => ask.Request.Headers["content-type"] == Json && ask.Request.Basic is not null
                ? Wire.Json(ask.Tokens)
                : RawProvider.Http(415, null, ""),
        };
        yield return new Behaviour("scopes separated by commas")
        {
            Configure = (config, _) => config["scope_separator"] = "comma",
            See = (authorization, _) =>
                Assert.That(QueryOf(authorization, "scope"), Is.EqualTo("channels:read,chat:write")),
        };
        yield return new Behaviour("no scopes")
        {
            Scopes = null,
            Configure = (config, _) => config["scopes"] = "",
            See = (authorization, _) => Assert.That(authorization.Query, Does.Not.Contain("scope=")),
        };
        yield return new Behaviour("some of the scopes")
        {
            Scopes = "chat:write",
            Login = "?scopes=chat:write",
            See = (authorization, _) => Assert.That(QueryOf(authorization, "scope"), Is.EqualTo("chat:write")),
        };
        yield return new Behaviour("parameters of the authorization")
        {
            Configure =
                (config, root) => config["auth_url"] = root + "/authorize?access_type=offline&prompt=consent&empty=",
            See = (authorization, _) => Assert.That(
                authorization.Query, Does.StartWith("?access_type=offline&prompt=consent&empty=&response_type=code")),
        };
        yield return new Behaviour("an address of renewals")
        {
            Configure = (config, root) => config["refresh_url"] = root + "/renew?type=refresh",
            See = (_, requests) => Assert.That(requests[1].Path, Does.EndWith("/renew?type=refresh")),
        };
        yield return new Behaviour("parameters of requests")
        {
            Configure = (config, _) => config["token_params"] = new JsonObject
            {
                ["expiring"] = "1",
                ["empty"] = "",
                ["odd"] = "a&b=c \u00e9"
            },
            See = (_, requests) => Assert.That(
                requests.Take(2).Select(request => (
                    request["expiring"],
                    request["empty"],
                    request["odd"])), Has.All.EqualTo(("1", "", "a&b=c \u00e9"))),
        };
        yield return new Behaviour("an issuer")
        {
            Configure = (config, _) => config["issuer"] = "https://issuer.example.com/t",
            Redirect = "code=the-code&iss=https%3A%2F%2Fissuer.example.com%2Ft",
        };
        yield return new Behaviour(
            "more in the redirect")
        { Redirect = "code=the-code&scope=x&session_state=1&hd=a&hd=b&error_description=" };
        yield return new Behaviour("a code with all of ASCII")
        {
            Redirect = "code=" + Uri.EscapeDataString("4/0A!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ x"),
            See = (_, requests) =>
                Assert.That(requests[0]["code"], Is.EqualTo("4/0A!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ x")),
        };
        yield return new Behaviour("a code of 2,000 characters") { Redirect = "code=" + new string('c', 2000) };
        foreach (var behaviour in Variables())
        {
            yield return behaviour;
        }
    }

    private static IEnumerable<Behaviour> Variables()
    {
        static JsonArray Named(string name, string place) => new(new JsonObject { ["name"] = name, ["in"] = place });

        yield return new Behaviour("a variable of the login")
        {
            Configure = (config, root) =>
            {
                (config["variables"], config["auth_url"]) = (Named("shop", "login"), root + "/$(shop)/authorize");
                config["token_url"] = root + "/$(shop)/token";
                config["revocation_url"] = root + "/$(shop)/revoke";
            },
            Login = "?variables[shop]=acme",
            See = (authorization, requests) => Assert.That(
                requests.Select(request => request.Path)
                    .Append(authorization.AbsolutePath), Has.All.Contains("/acme/")),
        };
        yield return new Behaviour("a variable of the redirect")
        {
            Configure = (config, root) => (config["variables"], config["refresh_url"]) =
                (Named("realmId", "callback"), root + "/renew?realm=$(realmId)"),
            Redirect = "code=the-code&realmId=9130",
            See = (_, requests) => Assert.That(requests[1].Path, Does.EndWith("/renew?realm=9130")),
        };
        yield return new Behaviour("a variable of the answer")
        {
            Configure = (config, root) =>
                (config["variables"], config["refresh_url"]) = (Named("team.id", "token"), root + "/$(team.id)/renew"),
            See = (_, requests) => Assert.That(requests[1].Path, Does.EndWith("/T1/renew")),
        }.With(tokens => tokens["team"] = new JsonObject { ["id"] = "T1" });
        yield return new Behaviour("a variable with a dot in its member's name")
        {
            Configure = (config, root) =>
                (config["variables"], config["refresh_url"]) = (Named("team.id", "token"), root + "/$(team.id)/renew"),
            See = (_, requests) => Assert.That(requests[1].Path, Does.EndWith("/T1/renew")),
        }.With(tokens => tokens["team.id"] = "T1");
        yield return new Behaviour("a variable that a renewal says anew")
        {
            Configure = (config, root) =>
                (config["variables"], config["revocation_url"]) = (Named("host", "token"), root + "/$(host)/revoke"),
            Say = ask =>
            {
                ask.Tokens["host"] = ask.IsExchange ? "one" : "two";
                return Wire.Json(ask.Tokens);
            },
            See = (_, requests) => Assert.That(requests[^1].Path, Does.EndWith("/two/revoke")),
        };
        yield return new Behaviour("a variable that no answer has")
        {
            Configure = (config, _) => config["variables"] = Named("absent", "token")
        };
        yield return new Behaviour(
            "a variable that is empty")
        { Configure = (config, _) => config["variables"] = Named("team", "token") }
            .With(tokens => tokens["team"] = "");
        yield return new Behaviour("a variable with a smiley")
        {
            Configure = (config, root) =>
                (config["variables"], config["refresh_url"]) = (Named("team", "token"), root + "/renew?team=$(team)"),
            See = (_, requests) => Assert.That(requests[1].Path, Does.EndWith("/renew?team=Caf%C3%A9%20%F0%9F%98%80")),
        }.With(tokens => tokens["team"] = "Caf\u00e9 \ud83d\ude00");
        yield return new Behaviour("a variable that is a number")
        {
            Configure = (config, root) =>
                (config["variables"], config["refresh_url"]) = (Named("id", "token"), root + "/$(id)/renew"),
            See = (_, requests) => Assert.That(requests[1].Path, Does.EndWith("/4711/renew")),
        }.With(tokens => tokens["id"] = 4711);
        yield return new Behaviour("a variable with listed values")
        {
            Configure = (config, root) =>
            {
                config["variables"] = new JsonArray(new JsonObject
                {
                    ["name"] = "region",
                    ["in"] = "login",
                    ["values"] = new JsonArray("eu", "au")
                });
                config["token_url"] = root + "/$(region)/token";
            },
            Login = "?variables[region]=au",
            See = (_, requests) => Assert.That(requests[0].Path, Does.EndWith("/au/token")),
        };
    }

    private static IEnumerable<Behaviour> Revocations()
    {
        foreach (var (name, said) in new[]
        {
            ("204", RawProvider.Http(204, null, "")), ("200 and JSON", RawProvider.Http(
                200, Json, "{}")), ("202", RawProvider.Http(202, null, "")),
            ("200 and an error", RawProvider.Http(200, Json, """{"error":"invalid_token"}""")),
            ("400", RawProvider.Http(
                400, Json, """{"error":"unsupported_token_type"}""")), ("401", RawProvider.Http(401, null, "")),
            ("404", RawProvider.Http(
                404, "text/html", "<html>")), ("429", RawProvider.Http(429, null, "", "Retry-After: 3600")),
            ("500", RawProvider.Http(500, null, "")), ("503", RawProvider.Http(503, null, "", "Retry-After: 120")),
            ("a redirect", RawProvider.Http(
                302,
                null,
                "",
                "Location: http://169.254.169.254/")), ("nothing", []), ("no HTTP", "SSH-2.0\r\n\r\n"u8.ToArray()),
            ("300 KB", RawProvider.Http(200, Json, new string('{', 300_000))), ("half a pair", RawProvider.Http(
                400, Json, """{"error":"\ud83d"}""")),
        })
        {
            yield return new Behaviour($"revocation: {name}") { SayOfRevocation = said };
        }

        yield return new Behaviour("revocation: none")
        {
            Revokes = false,
            Configure = (config, _) => config.Remove("revocation_url")
        };
    }

    private static IEnumerable<Behaviour> FailuresFirst()
    {
        const string busy = "The provider is busy. Try again later.", failed = "The provider failed. Try again later.",
            bad = "The provider gave an answer that is no token response.", broken =
                "The provider can't be reached. Try again later.";
        foreach (var (name, said, text) in new[]
        {
            ("503 with Retry-After", RawProvider.Http(503, null, "", "Retry-After: 120"), busy),
            (
                "503 with Retry-After as a date",
                RawProvider.Http(503, null, "", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT"),
                busy),
            ("429 with Retry-After", RawProvider.Http(429, Json, """{"error":"slow_down"}""", "Retry-After: 1"), busy),
            ("temporarily_unavailable", RawProvider.Http(400, Json, """{"error":"temporarily_unavailable"}"""), busy),
            ("408", RawProvider.Http(408, null, ""), busy),
            ("500", RawProvider.Http(500, Json, """{"error":"server_error"}"""), failed),
            ("502 and a page", RawProvider.Http(502, "text/html", "<html>"), failed),
            ("504", RawProvider.Http(504, null, ""), failed),
            ("a page of maintenance", RawProvider.Http(200, "text/html", "<html>"), bad),
            ("a redirect to it", RawProvider.Http(302, null, "", "Location: https://example.com/maintenance"), bad),
            ("an empty object", RawProvider.Http(200, Json, "{}"), bad),
            ("nothing", [], broken),
        })
        {
            yield return new Behaviour($"a renewal fails first: {name}")
            {
                FirstRenewal = (502, text),
                Requests = (1, 2),
                Say = ask => ask is { IsExchange: false, Attempt: 1 } ? said : Wire.Json(ask.Tokens),
            };
        }

        yield return new Behaviour("a renewal fails first: a word of their own")
        {
            FirstRenewal = (400, "The provider refused the request."),
            Requests = (1, 2),
            Say = ask => ask is { IsExchange: false, Attempt: 1 }
                ? RawProvider.Http(400, Json, """{"error":"odd"}""")
                : Wire.Json(ask.Tokens),
        };
    }
}
