using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// Behaviours of providers, one row each. What answers look like on the wire is in <see cref="Wire"/>.
/// </summary>
public static partial class Behaviours
{
    private const string Json = "application/json";

    public static IEnumerable<Behaviour> All =>
    [
        .. Wire.Good().Select(row => new Behaviour(row.Name) { Say = ask => row.Say(ask.Tokens) }),
        .. Lifetimes(),
        .. Scopes(),
        .. Rotations(),
        .. TokenTypes(),
        .. Credentials(),
        .. Transports(),
        .. Fields(),
        .. Revocations(),
        .. FailuresFirst(),
    ];

    private static IEnumerable<Behaviour> Lifetimes()
    {
        foreach (var (name, said, lifetime) in new (string, string, int?)[]
        {
            ("text", "\"3600\"", 3600), (
                "a float",
                "3600.7",
                3600), ("a float as text", "\"3600.0\"", 3600), ("an exponent", "3.6e3", 3600),
            (
                "text with white space",
                "\" 3600 \"",
                3600), ("a day", "86400", 86400), ("ten years", "315360000", 315360000),
            ("negative", "-1", null), (
                "zero",
                "0",
                null), ("zero as text", "\"0\"", null), ("null", "null", null), ("true", "true", null),
            (
                "a list",
                "[3600]",
                null), ("a word", "\"never\"", null), ("with a unit", "\"3600s\"", null), ("empty", "\"\"", null),
            ("huge", "1000000000000000000", null), ("beyond all", "1e999999", null),
        })
        {
            yield return new Behaviour($"expires_in {name}") { Lifetime = lifetime }
                .With(tokens => tokens["expires_in"] = JsonNode.Parse(said));
        }

        yield return new Behaviour("expires_in absent") { Lifetime = null }.With(tokens => tokens.Remove("expires_in"));
        yield return new Behaviour("expires_in absent, and a default")
        {
            Lifetime = 7200,
            Configure = (config, _) => config["default_expires_in"] = 7200,
        }.With(tokens => tokens.Remove("expires_in"));
        yield return new Behaviour("expires_in of the sign-in alone")
        {
            Say = ask =>
            {
                if (!ask.IsExchange)
                {
                    ask.Tokens.Remove("expires_in");
                }

                return Wire.Json(ask.Tokens);
            },
        };
        foreach (var (name, said) in new (string, Func<DateTimeOffset, JsonNode>)[]
        {
            ("seconds since 1970", end => end.ToUnixTimeSeconds()),
            ("seconds since 1970 as text", end => end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            ("milliseconds since 1970", end => end.ToUnixTimeMilliseconds()),
            ("ISO 8601 in UTC", end => end.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
            ("ISO 8601 with an offset", end => end.ToOffset(TimeSpan.FromHours(-5))
                .ToString("o", CultureInfo.InvariantCulture)),
            ("ISO 8601 without a zone", end => end.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture)),
        })
        {
            yield return new Behaviour($"expires_at in {name}").With(tokens =>
            {
                tokens.Remove("expires_in");
                tokens["expires_at"] = said(DateTimeOffset.UtcNow.AddHours(1));
            });
        }

        yield return new Behaviour("expires_at in the past") { Lifetime = null }.With(tokens =>
        {
            tokens.Remove("expires_in");
            tokens["expires_at"] = 1;
        });
        yield return new Behaviour("expires_at beside expires_in").With(tokens => tokens["expires_at"] = 1);
    }

    private static IEnumerable<Behaviour> Scopes()
    {
        foreach (var (name, said, granted) in new[]
        {
            (
                "separated by spaces",
                "a b",
                "a,b"), ("separated by commas", "a,b", "a,b"), ("separated by both", " a, b ,", "a,b"),
            ("fewer", "chat:write", "chat:write"), (
                "empty",
                "",
                "channels:read,chat:write"), ("with a line break", "a\nb", "channels:read,chat:write"),
            (
                "not ASCII",
                "caf\u00e9",
                "channels:read,chat:write"), ("of 5,000 characters", new string('s', 5000), "channels:read,chat:write"),
        })
        {
            yield return new Behaviour($"scopes granted: {name}") { Scopes = granted }
                .With(tokens => tokens["scope"] = said);
        }

        yield return new Behaviour("scopes granted: null").With(tokens => tokens["scope"] = null);
        yield return new Behaviour("scopes granted in a form")
        {
            Scopes = "a,b",
            Say = ask => RawProvider.Http(
                200, null, $"access_token={ask.Tokens["access_token"]}&refresh_token={ask.Tokens["refresh_token"]}&expires_in=3600&scope=a+b"),
        };
        yield return new Behaviour("scopes of the sign-in alone")
        {
            Scopes = "chat:write",
            Say = ask =>
            {
                if (ask.IsExchange)
                {
                    ask.Tokens["scope"] = "chat:write";
                }

                return Wire.Json(ask.Tokens);
            },
        };
    }

    private static IEnumerable<Behaviour> Rotations()
    {
        foreach (var (name, said, renewed) in new (string, JsonNode?, string)[]
        {
            ("none", null, "refresh-1"), (
                "the same",
                "refresh-1",
                "refresh-1"), ("empty", "", "refresh-1"), ("a list", new JsonArray("x"), "refresh-1"),
            (
                "a number",
                1234567890123456789,
                "1234567890123456789"), ("of 16,000 characters", new string('r', 16_000), new string('r', 16_000)),
            ("with a line break", "a\nb", "refresh-1"), (
                "with all of ASCII",
                "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
                "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        })
        {
            yield return new Behaviour($"refresh token of a renewal: {name}")
            {
                Renewed = renewed,
                Say = ask =>
                {
                    if (!ask.IsExchange)
                    {
                        ask.Tokens["refresh_token"] = said?.DeepClone();
                    }

                    return Wire.Json(ask.Tokens);
                },
            };
        }

        yield return new Behaviour("refresh tokens that work once")
        {
            // A second use of the first one would end the grant.
            Say = ask => ask.IsExchange || (ask.Attempt == 1 && ask.Request["refresh_token"] == "refresh-1")
                ? Wire.Json(ask.Tokens)
                : RawProvider.Http(400, Json, """{"error":"invalid_grant"}"""),
        };
    }

    private static IEnumerable<Behaviour> TokenTypes()
    {
        foreach (var (name, said, type) in new (string, JsonNode?, string)[]
        {
            (
                "bearer",
                "bearer",
                "bearer"), ("BEARER", "BEARER", "BEARER"), ("of their own", "user", "user"), ("empty", "", "Bearer"),
            ("null", null, "Bearer"), (
                "a number",
                1,
                "1"), ("a list", new JsonArray("Bearer"), "Bearer"), ("true", true, "Bearer"),
            ("of 200 characters", new string('t', 200), "Bearer"),
        })
        {
            yield return new Behaviour($"token type {name}") { TokenType = type }
                .With(tokens => tokens["token_type"] = said?.DeepClone());
        }

        yield return new Behaviour("token type absent").With(tokens => tokens.Remove("token_type"));
    }

    private static IEnumerable<Behaviour> Transports()
    {
        static byte[] Chunked(JsonObject tokens, int size, string extension, string trailer)
        {
            var body = Encoding.UTF8.GetBytes(tokens.ToJsonString());
            var text = string.Concat(body.Chunk(size)
                .Select(chunk => $"{chunk.Length:x}{extension}\r\n{Encoding.UTF8.GetString(chunk)}\r\n"));
            return Encoding.UTF8.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: {Json}\r\nTransfer-Encoding: chunked\r\n\r\n{text}0\r\n{trailer}\r\n");
        }

        static byte[] Bare(string headers, JsonObject tokens) =>
            Encoding.UTF8.GetBytes(headers + tokens.ToJsonString());

        yield return new Behaviour("chunks") { Say = ask => Chunked(ask.Tokens, 1000, "", "") };
        yield return new Behaviour("chunks of a byte") { Say = ask => Chunked(ask.Tokens, 1, "", "") };
        yield return new Behaviour("chunks with extensions and a trailer")
        {
            Say = ask => Chunked(ask.Tokens, 10, ";a=\"b\"", "X-After: 1\r\n")
        };
        yield return new Behaviour("a byte at a time") { Drips = true };
        yield return new Behaviour("lines that end with LF")
        {
            Say = ask => Bare("HTTP/1.1 200 OK\nContent-Type: text/plain\n\n", ask.Tokens)
        };
        yield return new Behaviour("headers in small letters, without spaces")
        {
            Say = ask => Bare(
                $"HTTP/1.1 200 OK\r\ncontent-type:{Json}\r\ncontent-length:{ask.Tokens.ToJsonString().Length}\r\n\r\n",
                ask.Tokens),
        };
        yield return new Behaviour("no reason phrase") { Say = ask => Bare("HTTP/1.1 200\r\n\r\n", ask.Tokens) };
        yield return new Behaviour("30 KB of headers")
        {
            Say = ask => Bare($"HTTP/1.1 200 OK\r\nX-Padding: {new string('x', 30_000)}\r\n\r\n", ask.Tokens),
        };
        yield return new Behaviour("200 headers")
        {
            Say =
                ask => Bare(
                    $"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Range(0, 200).Select(number => $"X-{number}: 1\r\n"))}\r\n",
                    ask.Tokens),
        };
        yield return new Behaviour("more than its length")
        {
            Say = ask => [.. Wire.Json(ask.Tokens), .. "HTTP/1.1 500 Again\r\n\r\n"u8],
        };
        yield return new Behaviour("a challenge beside tokens")
        {
            Say = ask => RawProvider.Http(200, Json, ask.Tokens.ToJsonString(), "WWW-Authenticate: Basic realm=x"),
        };
        yield return new Behaviour("250 KB")
        {
            Say = ask => RawProvider.Http(200, Json, ask.Tokens.ToJsonString() + new string(' ', 250_000)),
        };
        yield return new Behaviour(
            "an access token twice")
        { Say = ask => Says(ask.Tokens, "\"access_token\":\"old\"") };
        yield return new Behaviour("an access token twice in a form")
        {
            Say = ask => RawProvider.Http(
                200, null, $"access_token=old&refresh_token={ask.Tokens["refresh_token"]}&expires_in=3600&access_token={ask.Tokens["access_token"]}"),
        };
        yield return new Behaviour("scopes twice")
        {
            Scopes = "b",
            Say = ask => Says(ask.Tokens, "\"scope\":\"a\",\"scope\":\"b\"")
        };
        yield return new Behaviour("members that are named nearly so")
        {
            Say = ask =>
                Says(ask.Tokens, "\"accessToken\":\"x\",\"Access_Token\":\"y\",\"data\":{\"access_token\":\"z\"}"),
        };
    }

    private static byte[] Says(JsonObject tokens, string members) =>
        RawProvider.Http(200, Json, $"{{{members},{tokens.ToJsonString()[1..]}");

    private static string? QueryOf(Uri authorization, string name) =>
        HttpUtility.ParseQueryString(authorization.Query)[name];
}
