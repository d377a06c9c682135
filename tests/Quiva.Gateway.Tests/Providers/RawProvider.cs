using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>A request as it came over the wire.</summary>
public sealed record RawRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private bool IsJson =>
        Headers.GetValueOrDefault("content-type")?.StartsWith("application/json", StringComparison.Ordinal) == true;

    /// <summary>A field of the body, be it a form or JSON; null when it is not there.</summary>
    public string? this[string field] =>
        IsJson ? (string?)JsonNode.Parse(Body)![field] : HttpUtility.ParseQueryString(Body)[field];

    public string? Basic => Headers.GetValueOrDefault("authorization") is { } header
        && header.StartsWith("Basic ", StringComparison.Ordinal)
        ? Encoding.UTF8.GetString(Convert.FromBase64String(header[6..]))
        : null;
}

/// <summary>
/// Token and revocation endpoints over bare sockets: a well-behaved HTTP library would refuse to say half of what they
/// say. Each integration has its own, under its id; each request has a connection of its own.
/// </summary>
public sealed class RawProvider : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<string, Func<RawRequest, Stream, CancellationToken, Task>> answers = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<RawRequest>> requests = new();
    private Task serving = Task.CompletedTask;

    public string Url => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    public static RawProvider Start()
    {
        var provider = new RawProvider();
        provider.listener.Start(500);
        provider.serving = provider.ServeAsync();
        return provider;
    }

    /// <summary>Says what is written to whoever posts below an integration's id.</summary>
    public void On(string integration, Func<RawRequest, Stream, CancellationToken, Task> answer) =>
        answers[integration] = answer;

    public void On(string integration, Func<RawRequest, byte[]> answer) =>
        On(
            integration,
            async (request, stream, cancellationToken) => await stream.WriteAsync(answer(request), cancellationToken));

    /// <summary>What came for an integration, in order.</summary>
    public IReadOnlyList<RawRequest> RequestsOf(string integration) =>
        [.. requests.GetValueOrDefault(integration) ?? []];

    public void Forget(string integration) => requests.TryRemove(integration, out _);

    /// <summary>An answer as it stands on the wire.</summary>
    public static byte[] Http(int status, string? contentType, byte[] body, params string[] headers) =>
    [
        .. Encoding.ASCII.GetBytes(string.Concat(
            [
                $"HTTP/1.1 {status} Said\r\n",
                contentType is null ? "" : $"Content-Type: {contentType}\r\n",
                $"Content-Length: {body.Length}\r\nConnection: close\r\n",
                .. headers.Select(header => header + "\r\n"),
                "\r\n",
            ])),
        .. body,
    ];

    public static byte[] Http(int status, string? contentType, string body, params string[] headers) =>
        Http(status, contentType, Encoding.UTF8.GetBytes(body), headers);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptTcpClientAsync(stop.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException
            or ObjectDisposedException)
        {
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                if (await ReadAsync(stream, stop.Token) is not { } request)
                {
                    return;
                }

                var integration = request.Path.Split('/')[1];
                requests.GetOrAdd(integration, _ => new()).Enqueue(request);
                if (answers.TryGetValue(integration, out var answer))
                {
                    await answer(request, stream, stop.Token);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
            {
            }
        }
    }

    private static async Task<RawRequest?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new List<byte>();
        var buffer = new byte[8192];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return null;
            }

            bytes.AddRange(buffer.AsSpan(0, read));
            var text = Encoding.Latin1.GetString([.. bytes]);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and >= 0)
            {
                var lines = text[..end].Split("\r\n");
                var headers = lines.Skip(1)
                    .Select(line => line.Split(": ", 2))
                    .ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1]);
                if (text.Length >= end + 4 + int.Parse(
                    headers.GetValueOrDefault("content-length", "0"),
                    System.Globalization.CultureInfo.InvariantCulture))
                {
                    return new(
                        lines[0].Split(' ')[0],
                        lines[0].Split(' ')[1],
                        headers,
                        Encoding.UTF8.GetString([.. bytes.Skip(end + 4)]));
                }
            }
        }
    }
}
