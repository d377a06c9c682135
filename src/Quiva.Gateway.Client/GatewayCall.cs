using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Quiva.Gateway.Client;

/// <summary>
/// One call of an operation: what the generated clients say of it becomes a request, and its answer a value or an
/// exception.
/// </summary>
internal sealed class GatewayCall(HttpClient http, string operation, string method, string template)
{
    private readonly StringBuilder query = new();
    private readonly List<(string Name, string Value)> headers = [];
    private readonly Dictionary<string, Func<string, HttpResponseMessage, string, GatewayApiException>> failures = [];
    private readonly List<string> cookies = [];
    private readonly List<Action<MultipartFormDataContent>> parts = [];
    private string path = template;
    private Func<HttpContent>? content;

    public GatewayCall Path(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        // An empty segment or a dot segment (RFC 3986, section 5.2.4) would name another resource, or another
        // operation.
        if (value is "" or "." or "..")
        {
            throw new ArgumentException($"'{value}' can't be a part of a path.", name);
        }

        path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
        return this;
    }

    public GatewayCall Path<T>(string name, T value) => Path(name, GatewayJson.TextOf(value));

    public GatewayCall Query<T>(string name, T value)
    {
        if (value is not null)
        {
            Append(name, GatewayJson.TextOf(value));
        }

        return this;
    }

    /// <summary>
    /// A list: a pair for each item, or all items in one pair where the contract says <c>explode: false</c>.
    /// </summary>
    public GatewayCall QueryList<T>(string name, IReadOnlyList<T>? values, bool explode)
    {
        foreach (var text in explode ? values?.Select(GatewayJson.TextOf) ?? [] : Joined(name, values))
        {
            Append(name, text);
        }

        return this;
    }

    /// <summary>An object or a map in the style <c>deepObject</c>: a pair for each member.</summary>
    public GatewayCall QueryObject<T>(string name, T value)
    {
        if (value is not null)
        {
            foreach (var member in JsonSerializer.SerializeToElement(value, GatewayJson.Options).EnumerateObject())
            {
                Append($"{name}[{member.Name}]", GatewayJson.TextOf(member.Value));
            }
        }

        return this;
    }

    public GatewayCall Header<T>(string name, T value)
    {
        if (value is not null)
        {
            headers.Add((name, GatewayJson.TextOf(value)));
        }

        return this;
    }

    public GatewayCall Cookie<T>(string name, T value)
    {
        if (value is not null)
        {
            cookies.Add($"{name}={Uri.EscapeDataString(GatewayJson.TextOf(value))}");
        }

        return this;
    }

    public GatewayCall Body<T>(T body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var json = JsonSerializer.SerializeToUtf8Bytes(body, GatewayJson.Options);
        content = () =>
            new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return this;
    }

    public GatewayCall Body(Stream body, string mediaType)
    {
        ArgumentNullException.ThrowIfNull(body);
        content = () => new StreamContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
        return this;
    }

    public GatewayCall File(string name, FileParameter? file)
    {
        if (file is not null)
        {
            Part(form => form.Add(
                new StreamContent(file.Data)
                {
                    Headers = { ContentType = new MediaTypeHeaderValue(file.ContentType) }
                }, name, file.FileName));
        }

        return this;
    }

    public GatewayCall Field<T>(string name, T value)
    {
        if (value is not null)
        {
            var text = GatewayJson.TextOf(value);
            Part(form => form.Add(new StringContent(text), name));
        }

        return this;
    }

    /// <summary>Sends the members of an object as a form.</summary>
    public GatewayCall Form<T>(T body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var fields = JsonSerializer.SerializeToElement(body, GatewayJson.Options).EnumerateObject();
        var text = string.Join('&', fields.Select(
            field => $"{Uri.EscapeDataString(field.Name)}={Uri.EscapeDataString(field.Value.ToString())}"));
        content = () =>
            new StringContent(text, Encoding.ASCII, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        return this;
    }

    /// <summary>A failure whose body says more than a sentence.</summary>
    /// <param name="status">The status, or a hundred of them such as <c>4XX</c>.</param>
    public GatewayCall Failure<T>(string status)
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

        if (cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", cookies));
        }

        request.Content = content?.Invoke();
        using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode && typeof(T) == typeof(Stream))
        {
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return new((T)(object)new MemoryStream(bytes, writable: false), response.StatusCode, response.Headers);
        }

        // The caller has what ifNoneMatch names.
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return new(default!, response.StatusCode, response.Headers);
        }

        var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var error = GatewayJson.TryRead<ErrorBody>(body, out var told) ? told.Error : null;
            var message =
                $"{operation} was answered {(int)response.StatusCode} {response.StatusCode}: {error ?? "no reason was given."}";
            var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            var failure = failures.GetValueOrDefault(status) ?? failures.GetValueOrDefault($"{status[0]}XX");
            throw failure?.Invoke(message, response, body)
                ?? new GatewayApiException(message, response.StatusCode, response.Headers, body);
        }

        // One operation may answer both with and without a body.
        if (response.StatusCode == HttpStatusCode.NoContent || typeof(T) == typeof(NoContent))
        {
            return new(default!, response.StatusCode, response.Headers);
        }

        try
        {
            return new(
                JsonSerializer.Deserialize<T>(body, GatewayJson.Options) ?? throw new JsonException("null"),
                response.StatusCode,
                response.Headers);
        }
        catch (JsonException exception)
        {
            throw new GatewayApiException(
                $"{operation} was answered {(int)response.StatusCode} with a body that the contract does not declare.",
                response.StatusCode,
                response.Headers,
                body,
                exception);
        }
    }

    private void Part(Action<MultipartFormDataContent> add)
    {
        parts.Add(add);
        content = () =>
        {
            var form = new MultipartFormDataContent();
            parts.ForEach(part => part(form));
            return form;
        };
    }

    private void Append(string name, string text) => query
        .Append(query.Length == 0 ? '?' : '&')
        .Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(text));

    private static IEnumerable<string> Joined<T>(string name, IReadOnlyList<T>? values)
    {
        var texts = values?.Select(GatewayJson.TextOf).ToList() ?? [];
        return texts.Count == 0 ? []
            : texts.Any(text => text.Contains(',', StringComparison.Ordinal)) ? throw new ArgumentException(
                "A comma parts the items of this list.", name)
            : [string.Join(',', texts)];
    }
}
