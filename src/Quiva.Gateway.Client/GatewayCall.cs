using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Quiva.Gateway.Client;

/// <summary>One call of an operation: what the generated clients say of it becomes a request, and its answer a value or an exception.</summary>
internal sealed class GatewayCall(HttpClient http, string operation, string method, string template)
{
    private readonly StringBuilder query = new();
    private readonly List<(string Name, string Value)> headers = [];
    private readonly Dictionary<int, Func<string, HttpResponseMessage, string, GatewayApiException>> failures = [];
    private string path = template;
    private byte[]? content;
    private string contentType = "application/json";

    public GatewayCall Path(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        // An empty segment or a dot segment (RFC 3986, section 5.2.4) would name another resource, or another operation.
        if (value is "" or "." or "..")
        {
            throw new ArgumentException($"'{value}' can't be a part of a path.", name);
        }

        path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
        return this;
    }

    public GatewayCall Path<T>(string name, T value)
        where T : struct, Enum => Path(name, WireEnum<T>.Text(value));

    public GatewayCall Query(string name, string? value)
    {
        if (value is not null)
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    /// <summary>A map as OpenAPI's <c>deepObject</c>: <c>name[key]=value</c> for each of its members.</summary>
    public GatewayCall Query(string name, IDictionary<string, string>? values)
    {
        foreach (var (key, value) in values ?? new Dictionary<string, string>())
        {
            Query(Uri.EscapeDataString($"{name}[{key}]"), value);
        }

        return this;
    }

    public GatewayCall Query(string name, int? value) => Query(name, value?.ToString(CultureInfo.InvariantCulture));

    public GatewayCall Query(string name, bool? value) => Query(name, value switch { true => "true", false => "false", null => null });

    public GatewayCall Query<T>(string name, T? value)
        where T : struct, Enum => Query(name, value is { } known ? WireEnum<T>.Text(known) : null);

    public GatewayCall Header(string name, string? value)
    {
        if (value is not null)
        {
            headers.Add((name, value));
        }

        return this;
    }

    public GatewayCall Body<T>(T body)
    {
        ArgumentNullException.ThrowIfNull(body);
        content = JsonSerializer.SerializeToUtf8Bytes(body, GatewayJson.Options);
        return this;
    }

    /// <summary>Sends the members of an object as a form.</summary>
    public GatewayCall Form<T>(T body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var fields = JsonSerializer.SerializeToElement(body, GatewayJson.Options).EnumerateObject();
        content = Encoding.ASCII.GetBytes(string.Join('&', fields.Select(field => $"{Uri.EscapeDataString(field.Name)}={Uri.EscapeDataString(field.Value.ToString())}")));
        contentType = "application/x-www-form-urlencoded";
        return this;
    }

    /// <summary>A failure whose body says more than a sentence.</summary>
    public GatewayCall Failure<T>(int status)
    {
        failures[status] = (message, response, body) => GatewayJson.TryRead<T>(body, out var result)
            ? new GatewayApiException<T>(message, response.StatusCode, response.Headers, body, result)
            : new GatewayApiException(message, response.StatusCode, response.Headers, body);
        return this;
    }

    public async Task<GatewayResponse<T>> SendAsync<T>(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path + query);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        if (content is not null)
        {
            request.Content = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        }

        using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var error = GatewayJson.TryRead<ErrorBody>(body, out var told) ? told.Error : null;
            var message = $"{operation} was answered {(int)response.StatusCode} {response.StatusCode}: {error ?? "no reason was given."}";
            throw failures.TryGetValue((int)response.StatusCode, out var failure)
                ? failure(message, response, body)
                : new GatewayApiException(message, response.StatusCode, response.Headers, body);
        }

        try
        {
            return new(JsonSerializer.Deserialize<T>(body, GatewayJson.Options) ?? throw new JsonException("null"), response.StatusCode, response.Headers);
        }
        catch (JsonException exception)
        {
            throw new GatewayApiException($"{operation} was answered {(int)response.StatusCode} with a body that the contract does not declare.", response.StatusCode, response.Headers, body, exception);
        }
    }
}
