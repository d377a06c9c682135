using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Sends the requests of steps, on the guarded way out. A connection's token goes only to hosts of its integration, and is nowhere but in the
/// request: it is looked up after the step's input was recorded.
/// </summary>
public sealed class HttpStep(
    IHostResolver resolver, OauthConnectionStore connections, OauthConfigStore configs, TokenRefresh refresh, IOptions<RunOptions> options, IOptions<GatewayOptions> gateway)
{
    private readonly HttpClient http = Outbound.Create(
        new EndpointRules(resolver, Options.Create(new OauthOptions { AllowedNetworks = options.Value.AllowedNetworks }), gateway), Timeout.InfiniteTimeSpan, References.LargestValue);

    /// <summary>Sends a request.</summary>
    /// <returns><c>{status, statusText, headers, data}</c> as JSON.</returns>
    /// <exception cref="StepException">It was refused, failed, or was answered with a status that counts as a failure.</exception>
    internal async Task<byte[]> SendAsync(HttpCall call, CancellationToken cancellationToken)
    {
        var connection = await ConnectionOfAsync(call, cancellationToken);
        var (status, output) = await SendAsync(call, connection, cancellationToken);
        if (status == HttpStatusCode.Unauthorized && connection is { RefreshToken: not null })
        {
            (status, output) = await SendAsync(call, await RefreshAsync(connection, call, cancellationToken), cancellationToken);
        }

        if ((int)status >= 300 && call.Node.Options?.Ignore_response_codes?.Contains((int)status) != true)
        {
            throw (int)status < 400
                ? new StepException("the answer is a redirect, which is not followed", (int)status)
                : new StepException($"the answer has status {(int)status}", (int)status, mayRetry: true);
        }

        return output;
    }

    private async Task<Connection?> ConnectionOfAsync(HttpCall call, CancellationToken cancellationToken)
    {
        // Connection ids may have dots, integration ids have none.
        if (call.Node.Oauth?.Split('.', 2) is not [var integration, var id])
        {
            return null;
        }

        var client = await configs.FindClientAsync(integration, cancellationToken) ?? throw new StepException("the integration has no OAuth configuration");
        var connection = await connections.FindAsync(new(call.Run.Account, integration, id), cancellationToken) ?? throw new StepException("there is no such connection");
        if (!TokenHosts.Allow(client, connection.Variables, call.Url))
        {
            throw new StepException("the host is none of those that the integration's tokens may be sent to");
        }

        try
        {
            return await refresh.EnsureFreshAsync(connection, call.Run.Actor, cancellationToken);
        }
        catch (GatewayException exception) when (exception.Error != GatewayError.Unavailable)
        {
            throw new StepException("the connection can't be renewed: " + exception.Message, inner: exception);
        }
    }

    private async Task<Connection> RefreshAsync(Connection connection, HttpCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await refresh.RefreshAsync(connection, call.Run.Actor, cancellationToken);
        }
        catch (GatewayException exception) when (exception.Error != GatewayError.Unavailable)
        {
            throw new StepException("the connection can't be renewed: " + exception.Message, (int)HttpStatusCode.Unauthorized, inner: exception);
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Output)> SendAsync(HttpCall call, Connection? connection, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(call.Timeout);
        try
        {
            using var request = call.Request(connection is null ? null : Authorization(connection));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, timeout.Token);
            return (response.StatusCode, await OutputOfAsync(response, timeout.Token));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StepException("the answer did not come in time", mayRetry: true, inner: exception);
        }
        catch (HttpRequestException exception)
        {
            // What the dialling has thrown is within what the handler throws.
            throw (exception.InnerException as HttpRequestException ?? exception).HttpRequestError switch
            {
                HttpRequestError.ConfigurationLimitExceeded => new StepException("the answer is larger than 1 MiB", inner: exception),
                HttpRequestError.NameResolutionError => new StepException("the host does not resolve, or resolves to an address that is refused", mayRetry: true, inner: exception),
                _ => new StepException("the host can't be reached", mayRetry: true, inner: exception),
            };
        }
        catch (Exception exception) when (exception is IOException or FormatException or NotSupportedException)
        {
            throw new StepException("the request could not be sent, or its answer not be read", mayRetry: true, inner: exception);
        }
    }

    // Providers that give tokens of another type say so; most write "bearer".
    private static AuthenticationHeaderValue Authorization(Connection connection) =>
        new(connection.TokenType.Equals("bearer", StringComparison.OrdinalIgnoreCase) ? "Bearer" : connection.TokenType, connection.AccessToken);

    private static async Task<byte[]> OutputOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var buffer = new ArrayBufferWriter<byte>(body.Length + 1024);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = 1000 });
        writer.WriteStartObject();
        writer.WriteNumber("status", (int)response.StatusCode);
        writer.WriteString("statusText", response.ReasonPhrase);
        writer.WriteStartObject("headers");
        foreach (var header in response.Headers.Concat(response.Content.Headers))
        {
            writer.WriteString(header.Key.ToLowerInvariant(), string.Join(", ", header.Value));
        }

        writer.WriteEndObject();
        writer.WritePropertyName("data");
        var type = response.Content.Headers.ContentType;
        if (body.Length == 0)
        {
            writer.WriteNullValue();
        }
        else if (IsJson(body))
        {
            writer.WriteRawValue(body, skipInputValidation: true);
        }
        else if (System.Text.Unicode.Utf8.IsValid(body))
        {
            writer.WriteStringValue(Encoding.UTF8.GetString(body));
        }
        else if (type?.MediaType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true)
        {
            writer.WriteStringValue(Encoding.Latin1.GetString(body));
        }
        else
        {
            writer.WriteBase64StringValue(body);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenCount <= References.LargestValue ? buffer.WrittenSpan.ToArray() : throw new StepException("the answer is larger than 1 MiB");

        bool IsJson(byte[] bytes)
        {
            if (type?.MediaType is not { } media || !media.Contains("json", StringComparison.OrdinalIgnoreCase) || !System.Text.Unicode.Utf8.IsValid(bytes))
            {
                return false;
            }

            try
            {
                using var parsed = JsonDocument.Parse(bytes);
                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }
}
