using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Sends the requests of steps, on the guarded way out. A connection's token goes only to hosts of its integration, and
/// is nowhere but in the request: it is looked up after the step's input was recorded.
/// </summary>
public sealed class HttpStep(
    IHostResolver resolver,
    OauthConnectionStore connections,
    OauthConfigStore configs,
    TokenRefresh refresh,
    IOptions<RunOptions> options,
    IOptions<FunctionOptions> functions,
    IOptions<GatewayOptions> gateway)
{
    // Whoever operates the gateway chooses the host of functions, and none other is dialled on that way.
    private static readonly string[] Anywhere = ["0.0.0.0/0", "::/0"];

    private readonly HttpClient http =
        WayOut(resolver, options.Value.AllowedNetworks, gateway), toFunctions = WayOut(resolver, Anywhere, gateway);

    private static HttpClient WayOut(
        IHostResolver resolver, string[] networks, IOptions<GatewayOptions> gateway) => Outbound.Create(
        new EndpointRules(resolver, Options.Create(new OauthOptions { AllowedNetworks = networks }), gateway),
        Timeout.InfiniteTimeSpan,
        References.LargestValue,
        // Hosts and paths of steps are their workflows' data; steps have spans and metrics of their own.
        isObserved: false);

    /// <summary>The request of a step.</summary>
    /// <param name="run">The run.</param>
    /// <param name="node">The node.</param>
    /// <param name="input">The payload with its references filled in.</param>
    /// <exception cref="StepException">It is no request, or one that is refused.</exception>
    internal HttpCall CallOf(StoredRun run, NodeData node, byte[] input) => node.Node_type == NodeType.Function
        ? HttpCall.OfFunction(run, node, input, functions.Value.UrlOf(node.Subject!))
        : HttpCall.Of(run, node, input);

    /// <summary>Sends a request.</summary>
    /// <returns><c>{status, statusText, headers, data}</c> as JSON; of a function the data alone.</returns>
    /// <exception cref="StepException">
    /// It was refused, failed, or was answered with a status that counts as a failure.
    /// </exception>
    internal async Task<byte[]> SendAsync(HttpCall call, CancellationToken cancellationToken)
    {
        var connection = await ConnectionOfAsync(call, cancellationToken);
        var (status, output) = await SendAsync(call, connection, cancellationToken);
        if (status == HttpStatusCode.Unauthorized && connection is { RefreshToken: not null })
        {
            (status, output) =
                await SendAsync(call, await RefreshAsync(connection, call, cancellationToken), cancellationToken);
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
        if (call.Type == NodeType.Function || call.Node.Oauth?.Split('.', 2) is not [var integration, var id])
        {
            return null;
        }

        var client = await configs.FindClientAsync(integration, cancellationToken)
            ?? throw new StepException("the integration has no OAuth configuration");
        var connection = await connections.FindAsync(new(call.Run.Account, integration, id), cancellationToken)
            ?? throw new StepException("there is no such connection");
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

    private async Task<Connection> RefreshAsync(
        Connection connection, HttpCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await refresh.RefreshAsync(connection, call.Run.Actor, cancellationToken);
        }
        catch (GatewayException exception) when (exception.Error != GatewayError.Unavailable)
        {
            throw new StepException(
                "the connection can't be renewed: " + exception.Message,
                (int)HttpStatusCode.Unauthorized,
                inner: exception);
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Output)> SendAsync(
        HttpCall call, Connection? connection, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(call.Timeout);
        try
        {
            using var request = call.Request(connection is null ? null : Authorization(connection));
            using var response = await (call.Type == NodeType.Function ? toFunctions : http)
                .SendAsync(request, HttpCompletionOption.ResponseContentRead, timeout.Token);
            return (response.StatusCode, await HttpAnswer.ReadAsync(
                response, isWhole: call.Type != NodeType.Function, timeout.Token));
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
                HttpRequestError.ConfigurationLimitExceeded =>
                    new StepException("the answer is larger than 1 MiB", inner: exception),
                HttpRequestError.NameResolutionError => new StepException(
                    "the host does not resolve, or resolves to an address that is refused",
                    mayRetry: true,
                    inner: exception),
                _ => new StepException("the host can't be reached", mayRetry: true, inner: exception),
            };
        }
        catch (Exception exception) when (exception is IOException or FormatException or NotSupportedException)
        {
            throw new StepException(
                "the request could not be sent, or its answer not be read", mayRetry: true, inner: exception);
        }
    }

    // Providers that give tokens of another type say so; most write "bearer".
    private static AuthenticationHeaderValue Authorization(Connection connection) =>
        new(
            connection.TokenType.Equals("bearer", StringComparison.OrdinalIgnoreCase) ? "Bearer" : connection.TokenType,
            connection.AccessToken);
}
