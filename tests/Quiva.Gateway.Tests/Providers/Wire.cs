using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>Ways in which providers put tokens, and refusals, on the wire.</summary>
public static class Wire
{
    private const string JsonType = "application/json";

    /// <summary>Answers from which tokens must be had, by name.</summary>
    public static IEnumerable<(string Name, Func<JsonObject, byte[]> Say)> Good()
    {
        foreach (var label in new[]
        {
            null, JsonType, "application/json; charset=utf-8", "application/json; charset=utf8", "application/json;charset=\"UTF-8\"",
            "application/json; charset=no-such", "application/json; charset=", "application/vnd.api+json", "text/json", "text/javascript",
            "text/plain", "text/plain; charset=utf8", "text/html", "text/html; charset=iso-8859-1", "application/octet-stream",
            "application/xml", "json", "*/*", "application/x-www-form-urlencoded", "multipart/form-data",
        })
        {
            yield return ("JSON labelled " + (label
                ?? "nothing"), tokens => RawProvider.Http(200, label, tokens.ToJsonString()));
        }

        foreach (var label in new[]
        {
            "application/x-www-form-urlencoded",
            "text/plain",
            "text/html; charset=utf-8",
            JsonType,
            null
        })
        {
            yield return ("a form labelled " + (label
                ?? "nothing"), tokens => RawProvider.Http(200, label, Form(tokens)));
        }

        foreach (var (coding, encode) in Codings)
        {
            yield return ("coded " + coding, tokens =>
                RawProvider.Http(200, JsonType, encode(Bytes(tokens)), "Content-Encoding: " + coding));
        }

        yield return ("coded gzip, not said", tokens =>
            RawProvider.Http(200, JsonType, Codings["gzip"](Bytes(tokens))));
        yield return ("said to be gzip, not coded", tokens =>
            RawProvider.Http(200, JsonType, Bytes(tokens), "Content-Encoding: gzip"));
        yield return ("said to be br, not coded", tokens =>
            RawProvider.Http(200, JsonType, Bytes(tokens), "Content-Encoding: br"));
        yield return ("an unknown coding", tokens =>
            RawProvider.Http(200, JsonType, Bytes(tokens), "Content-Encoding: utf-8"));
        yield return ("coded twice", tokens => RawProvider.Http(
            200, JsonType, Codings["br"](Codings["gzip"](Bytes(tokens))), "Content-Encoding: gzip, br"));
        yield return ("UTF-8 with a mark", tokens =>
            RawProvider.Http(200, JsonType, [0xEF, 0xBB, 0xBF, .. Bytes(tokens)]));
        yield return ("UTF-16", tokens =>
            RawProvider.Http(200, JsonType, Encoding.Unicode.GetBytes(tokens.ToJsonString())));
        yield return ("UTF-16 with a mark", tokens =>
            RawProvider.Http(
                200, JsonType, [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(tokens.ToJsonString())]));
        yield return ("Latin-1", tokens =>
            RawProvider.Http(200, JsonType, Encoding.Latin1.GetBytes(With(tokens, "\"team\":\"Caf\u00e9\""))));
        foreach (var status in new[] { 201, 202, 203, 206, 299 })
        {
            yield return ($"status {status}", tokens => RawProvider.Http(status, JsonType, Bytes(tokens)));
        }

        foreach (var (name, member) in new[]
        {
            ("half a pair in a value", """ "workspace":"Team \ud83d" """),
            ("the other half", """ "workspace":"\udc00 Team" """),
            ("halves the wrong way round", """ "workspace":"\udc00\ud83d" """),
            ("half a pair in a name", """ "\ud83d":1 """),
            ("half a pair deep inside", """ "a":{"b":[{"\udfff":"\ud800"}]} """),
            ("a whole pair", """ "workspace":"Team \ud83d\ude00" """),
            ("backslashes that are no escapes", """ "path":"c:\\ud83d\\" """),
            ("error null", """ "error":null """),
            ("error 0", """ "error":0 """),
            ("error false", """ "error":false """),
            ("error empty", """ "error":"" """),
            ("error empty object", """ "error":{} """),
            ("error beside tokens", """ "error":"ok" """),
            ("a name of 10,000 characters", $"\"{new string('n', 10_000)}\":1"),
            ("a value of 100,000 characters", $"\"id_token\":\"{new string('v', 100_000)}\""),
            ("10,000 levels", $"\"deep\":{string.Concat(Enumerable.Repeat("[", 10_000))}{string.Concat(Enumerable.Repeat("]", 10_000))}"),
            ("10,000 members", string.Join(',', Enumerable.Range(0, 10_000).Select(number => $"\"m{number}\":0"))),
            ("numbers beyond all", """ "n":1e999999,"m":-0 """),
            ("a NUL", """ "team":"\u0000" """),
            ("scopes as a list", """ "scope":["a","b"] """),
        })
        {
            yield return (name, tokens => RawProvider.Http(200, JsonType, With(tokens, member)));
        }

        yield return ("white space around", tokens =>
            RawProvider.Http(200, JsonType, "\r\n\t " + tokens.ToJsonString() + " \r\n"));
        yield return ("something after", tokens =>
            RawProvider.Http(200, JsonType, tokens.ToJsonString() + "\n<!-- served by node 7 -->"));
        yield return ("a comma too many", tokens =>
            RawProvider.Http(200, JsonType, tokens.ToJsonString()[..^1] + ",}"));
        yield return ("no length", tokens => [
            .. Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
            .. Bytes(tokens)
        ]);
        yield return ("a length that is too large", tokens =>
            [
                .. Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nConnection: close\r\n\r\n"),
                .. Bytes(tokens)
            ]);
        yield return ("chunks without an end", tokens =>
            [
                .. Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{Bytes(tokens).Length:x}\r\n"),
                .. Bytes(tokens),
                .. "\r\n"u8
            ]);
        yield return ("HTTP/1.0", tokens => [.. "HTTP/1.0 200 OK\r\n\r\n"u8, .. Bytes(tokens)]);
        yield return ("an interim answer first", tokens => [
            .. "HTTP/1.1 103 Early Hints\r\n\r\n"u8,
            .. RawProvider.Http(200, JsonType, Bytes(tokens))
        ]);
        yield return ("cookies and odd headers", tokens =>
            RawProvider.Http(
                200, JsonType, Bytes(tokens), "Set-Cookie: a=b", "X-Odd: \u007f", "Location: http://127.0.0.1/"));
    }

    /// <summary>Answers without tokens, with what callers read of them.</summary>
    public static IEnumerable<(string Name, byte[] Says, int Status, string Text)> Bad()
    {
        const string gone = "The provider no longer accepts this code or refresh token. Sign in again.",
            refused = "The provider refused the request.",
            none = "The provider gave an answer that is no token response.",
            credentials = "The provider refuses the gateway's client credentials or PKCE; "
                + "the platform's staff has to correct the OAuth configuration.",
            failed = "The provider failed. Try again later.",
            busy = "The provider is busy. Try again later.",
            broken = "The provider can't be reached. Try again later.";
        foreach (var code in new[]
        {
            "invalid_grant", "token_revoked", "token_expired", "bad_refresh_token", "invalid_refresh_token", "account_inactive",
            "interaction_required",
        })
        {
            yield return (code, RawProvider.Http(400, JsonType, $$"""{"error":"{{code}}"}"""), 400, gone);
        }

        yield return (
            "invalid_grant with 401",
            RawProvider.Http(401, JsonType, """{"error":"invalid_grant"}"""),
            400,
            gone);
        yield return (
            "invalid_grant with 200",
            RawProvider.Http(200, JsonType, """{"ok":false,"error":"token_revoked"}"""),
            400,
            gone);
        yield return (
            "a word of their own",
            RawProvider.Http(400, JsonType, """{"error":"no_more_tea \ud83d"}"""),
            400,
            refused);
        yield return (
            "an error object",
            RawProvider.Http(400, JsonType, """{"error":{"message":"no","code":190}}"""),
            400,
            refused);
        yield return (
            "an error object with 200",
            RawProvider.Http(200, JsonType, """{"error":{"message":"no"}}"""),
            400,
            refused);
        yield return ("400 and nothing", RawProvider.Http(400, null, ""), 400, refused);
        yield return ("400 and a page", RawProvider.Http(400, "text/html", "<html>"), 400, refused);
        yield return ("400 and no JSON", RawProvider.Http(400, JsonType, "{no"), 400, refused);
        yield return ("422 with errors", RawProvider.Http(422, JsonType, """{"errors":["no"]}"""), 400, refused);
        yield return ("401 and nothing", RawProvider.Http(401, null, ""), 502, credentials);
        yield return ("401 and a page", RawProvider.Http(401, "text/html", "<html>"), 502, credentials);
        yield return (
            "invalid_client",
            RawProvider.Http(400, JsonType, """{"error":"invalid_client"}"""),
            502,
            credentials);
        yield return ("404 and a page", RawProvider.Http(404, "text/html", "<html>"), 502, none);
        yield return ("301", RawProvider.Http(301, null, "", "Location: http://169.254.169.254/"), 502, none);
        yield return ("204", RawProvider.Http(204, null, ""), 502, none);
        yield return ("429", RawProvider.Http(429, "text/html", "<html>"), 502, busy);
        yield return ("429 with an error", RawProvider.Http(429, JsonType, """{"error":"invalid_grant"}"""), 502, busy);
        yield return ("503", RawProvider.Http(503, null, ""), 502, busy);
        yield return (
            "ratelimited with 200",
            RawProvider.Http(200, JsonType, """{"ok":false,"error":"ratelimited"}"""),
            502,
            busy);
        yield return ("500", RawProvider.Http(500, JsonType, "{}"), 502, failed);
        yield return (
            "500 with invalid_grant",
            RawProvider.Http(500, JsonType, """{"error":"invalid_grant"}"""),
            502,
            failed);
        yield return ("server_error", RawProvider.Http(400, JsonType, """{"error":"server_error"}"""), 502, failed);
        yield return ("999", RawProvider.Http(999, null, ""), 502, failed);
        yield return ("an empty object", RawProvider.Http(200, JsonType, "{}"), 502, none);
        yield return ("a list", RawProvider.Http(200, JsonType, "[]"), 502, none);
        yield return ("half an object", RawProvider.Http(200, JsonType, """{"access_token":"a","""), 502, none);
        yield return ("error 0 and no token", RawProvider.Http(200, JsonType, """{"error":0}"""), 502, none);
        yield return (
            "a token that is a list",
            RawProvider.Http(200, JsonType, """{"access_token":["a"]}"""),
            502,
            none);
        yield return (
            "a token with a line break",
            RawProvider.Http(200, JsonType, """{"access_token":"a\r\nX-Evil: 1"}"""),
            502,
            none);
        yield return (
            "a token that is no ASCII",
            RawProvider.Http(200, JsonType, """{"access_token":"caf\u00e9"}"""),
            502,
            none);
        yield return (
            "a token with half a pair",
            RawProvider.Http(200, JsonType, """{"access_token":"a\ud83d"}"""),
            502,
            none);
        yield return (
            "a token type with a line break",
            RawProvider.Http(200, JsonType, """{"access_token":"a","token_type":"B\n"}"""),
            502,
            none);
        yield return (
            "a token of 20,000 characters",
            RawProvider.Http(200, JsonType, $$"""{"access_token":"{{new string('x', 20_000)}}"}"""),
            502,
            none);
        yield return ("a page", RawProvider.Http(200, "text/html", "<html>access_token"), 502, none);
        yield return ("300 KB", RawProvider.Http(200, JsonType, "{" + new string(' ', 300_000) + "}"), 502, none);
        yield return (
            "a bomb",
            RawProvider.Http(200, JsonType, Codings["gzip"](new byte[50_000_000]), "Content-Encoding: gzip"),
            502,
            none);
        yield return ("no HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n"u8.ToArray(), 502, none);
        yield return (
            "a header without end",
            Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nX: " + new string('x', 200_000)),
            502,
            none);
        yield return ("nothing at all", [], 502, broken);
        yield return ("half a body", [
            .. "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"u8,
            .. """{"access_token":"""u8
        ], 502, broken);
        yield return ("half a form", [
            .. "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"u8,
            .. "access_token=abc"u8
        ], 502, broken);
    }

    public static byte[] Json(JsonObject tokens) => RawProvider.Http(200, JsonType, tokens.ToJsonString());

    private static Dictionary<string, Func<byte[], byte[]>> Codings { get; } = new()
    {
        ["gzip"] = body => Encode(body, stream => new GZipStream(stream, CompressionLevel.Fastest)),
        ["x-gzip"] = body => Encode(body, stream => new GZipStream(stream, CompressionLevel.Fastest)),
        ["br"] = body => Encode(body, stream => new BrotliStream(stream, CompressionLevel.Fastest)),
        ["deflate"] = body => Encode(body, stream => new ZLibStream(stream, CompressionLevel.Fastest)),
        ["Deflate"] = body => Encode(body, stream => new DeflateStream(stream, CompressionLevel.Fastest)),
    };

    private static byte[] Encode(byte[] body, Func<Stream, Stream> open)
    {
        var encoded = new MemoryStream();
        using (var stream = open(encoded))
        {
            stream.Write(body);
        }

        return encoded.ToArray();
    }

    private static byte[] Bytes(JsonObject tokens) => Encoding.UTF8.GetBytes(tokens.ToJsonString());

    private static string With(JsonObject tokens, string member) => $"{{{member},{tokens.ToJsonString()[1..]}";

    private static string Form(JsonObject tokens) =>
        string.Join('&', tokens.Select(member => $"{member.Key}={Uri.EscapeDataString(member.Value!.ToString())}"));
}
