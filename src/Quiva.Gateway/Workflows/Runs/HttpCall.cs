using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// A request that a step sends, read from its payload: <c>{method, url, base_url?, query?, params?, headers?, data?,
/// timeout?}</c>.
/// </summary>
internal sealed class HttpCall
{
    private static readonly TimeSpan DefaultTimeout =
        TimeSpan.FromSeconds(30), LongestTimeout = TimeSpan.FromSeconds(120);
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    // What describes the connection or the message's framing is the gateway's own.
    private static readonly HashSet<string> OwnHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive", "Upgrade", "TE", "Trailer", "Expect", "Proxy-Authorization", "Proxy-Connection",
    };

    private readonly List<(string Name, string Value)> headers = [];

    private HttpCall(StoredRun run, NodeData node, byte[] input)
    {
        Run = run;
        Node = node;
        Input = input;
    }

    public StoredRun Run { get; }

    public NodeData Node { get; }

    /// <summary>The step's payload with its references filled in: without a token.</summary>
    public byte[] Input { get; }

    public string Type => Node.Node_type!;

    public Uri Url { get; private init; } = null!;

    public string Method { get; private init; } = "";

    public TimeSpan Timeout { get; private init; }

    /// <summary>What the receiver may know repeated calls by: the same for every attempt.</summary>
    public string Key => $"{Run.Id}:{Node.Id}";

    private byte[]? Body { get; set; }

    private string ContentType { get; set; } = "application/json";

    /// <summary>A call of a function: its payload is sent to the operator's URL.</summary>
    /// <param name="run">The run.</param>
    /// <param name="node">The node.</param>
    /// <param name="input">The payload with its references filled in.</param>
    /// <param name="url">The function's URL.</param>
    public static HttpCall OfFunction(StoredRun run, NodeData node, byte[] input, Uri url)
    {
        var call = new HttpCall(run, node, input)
        {
            Url = url,
            Method = "POST",
            Timeout = TimeoutOf(node.Options?.Timeout),
            Body = input
        };
        // The operator's functions may serve some accounts alone.
        call.headers.Add(("X-Gateway-Account", run.Account));
        return call;
    }

    /// <summary>Reads a payload.</summary>
    /// <exception cref="StepException">It is no request, or one that is refused.</exception>
    public static HttpCall Of(StoredRun run, NodeData node, byte[] input)
    {
        var payload = References.Parse(input);
        if (payload.ValueKind != JsonValueKind.Object)
        {
            throw new StepException("the payload of a request must be an object");
        }

        var method = (Text(payload, "method") ?? "GET").ToUpperInvariant();
        if (!Methods.Contains(method))
        {
            throw new StepException("method must be one of " + string.Join(", ", Methods));
        }

        var configured = payload.TryMember("timeout", out var time)
            && time.ValueKind == JsonValueKind.Number
            && time.TryGetInt64(out var ms) ? ms : (long?)null;
        var call = new HttpCall(run, node, input)
        {
            Url = UrlOf(payload),
            Method = method,
            Timeout = TimeoutOf(node.Options?.Timeout is > 0 and var first ? first : configured),
        };
        call.ReadHeaders(payload);
        call.ReadBody(payload);
        return call;
    }

    /// <summary>The request; a new one for each attempt.</summary>
    /// <param name="token">The value of the header Authorization, or null.</param>
    public HttpRequestMessage Request(AuthenticationHeaderValue? token)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), Url);
        if (Body is not null)
        {
            request.Content = new ByteArrayContent(Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        Default("User-Agent", "quiva-gateway");
        Default("Idempotency-Key", Key);
        request.Headers.Authorization = token ?? request.Headers.Authorization;
        return request;

        void Default(string name, string value)
        {
            if (!request.Headers.Contains(name))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }

    private static TimeSpan TimeoutOf(long? milliseconds) =>
        milliseconds is > 0 and var wanted
            ? TimeSpan.FromMilliseconds(Math.Min(wanted, (long)LongestTimeout.TotalMilliseconds))
            : DefaultTimeout;

    private static Uri UrlOf(JsonElement payload)
    {
        var url = Text(payload, "url") ?? "";
        if (Text(payload, "base_url") is { Length: > 0 } start)
        {
            url = url.Length == 0 ? start : start.TrimEnd('/') + "/" + url.TrimStart('/');
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed)
            || (parsed.Scheme != Uri.UriSchemeHttps && parsed.Scheme != Uri.UriSchemeHttp)
            || parsed.IdnHost.Length == 0)
        {
            throw new StepException("url must be an absolute https URL");
        }

        // "https://@host" has empty user information, which Uri does not tell from none.
        if (parsed.UserInfo.Length > 0
            || parsed.OriginalString.Split('/', '?', '#') is [_, _, var authority, ..] && authority.Contains('@'))
        {
            throw new StepException("url must not have user information");
        }

        var query = new StringBuilder(parsed.Query);
        foreach (var (name, value) in Members(payload, "query").Concat(Members(payload, "params")))
        {
            query.Append(query.Length == 0 ? '?' : '&')
                .Append(Uri.EscapeDataString(name))
                .Append('=')
                .Append(Uri.EscapeDataString(value));
        }

        return new UriBuilder(parsed) { Query = query.ToString(), Fragment = "" }.Uri;
    }

    private void ReadHeaders(JsonElement payload)
    {
        foreach (var (name, value) in Members(payload, "headers"))
        {
            if (name.Length == 0
                || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter))
                || value.Any(char.IsControl)
                || !Ascii.IsValid(value))
            {
                throw new StepException("a header has characters that are not allowed");
            }

            if (OwnHeaders.Contains(name))
            {
                throw new StepException($"the header {name} can't be set");
            }

            if (Node.Oauth is not null && name.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            {
                throw new StepException("the header Authorization can't be set beside oauth");
            }

            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                ContentType = value;
            }
            else
            {
                headers.Add((name, value));
            }
        }
    }

    private void ReadBody(JsonElement payload)
    {
        if (Method is "GET" or "HEAD"
            || !payload.TryMember("data", out var data)
            || data.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        Body = ContentType.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            && data.ValueKind == JsonValueKind.Object
            ? Encoding.ASCII.GetBytes(string.Join('&', Members(payload, "data")
                .Select(field => Uri.EscapeDataString(field.Name) + "=" + Uri.EscapeDataString(field.Value))))
            : data.ValueKind == JsonValueKind.String
                && !ContentType.Contains("json", StringComparison.OrdinalIgnoreCase)
                ? Encoding.UTF8.GetBytes(References.StringOf(data))
                : JsonMarshal.GetRawUtf8Value(data).ToArray();
    }

    private static string? Text(JsonElement payload, string name) => payload.TryMember(name, out var value)
        && value.ValueKind == JsonValueKind.String ? References.StringOf(value) : null;

    private static IEnumerable<(string Name, string Value)> Members(JsonElement payload, string name)
    {
        if (!payload.TryMember(name, out var members) || members.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var member in members.EnumerateObject())
        {
            foreach (var value in member.Value.ValueKind == JsonValueKind.Array
                ? member.Value.EnumerateArray()
                : Enumerable.Repeat(member.Value, 1))
            {
                yield return (member.Name, References.TextOf(value));
            }
        }
    }
}
