using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Quiva.Gateway.Oauth;

namespace Quiva.Gateway.Http;

/// <summary>
/// The way to providers and to what steps call. Whatever a name resolves to is judged before it is dialled, and what
/// was judged is what is dialled.
/// </summary>
internal static class Outbound
{
    /// <summary>The largest answer that is read, in bytes, with and without its content coding.</summary>
    public const int LargestAnswer = 256 * 1024;

    /// <summary>The way to providers.</summary>
    public static HttpClient Create(EndpointRules rules, OauthOptions options) =>
        Create(rules, TimeSpan.FromSeconds(options.ProviderTimeoutSeconds), LargestAnswer);

    /// <summary>A guarded way out.</summary>
    /// <param name="rules">What may be reached.</param>
    /// <param name="timeout">How long an answer may take.</param>
    /// <param name="largestAnswer">How large it may be, in bytes.</param>
    /// <param name="isObserved">
    /// Whether its calls have spans and metrics of their own, which name the host that is called.
    /// </param>
    public static HttpClient Create(
        EndpointRules rules, TimeSpan timeout, int largestAnswer, bool isObserved = true) => new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy would look the name up itself.
            UseProxy = false,
            // Each request has a connection of its own: a stale one would have the handler send a request again by itself.
            PooledConnectionLifetime = TimeSpan.Zero,
            // Calls have spans, and no third party learns the ids of the gateway's traces: null would leave out both.
            ActivityHeadersPropagator = isObserved
            ? System.Diagnostics.DistributedContextPropagator.CreateNoOutputPropagator()
            : null,
            MeterFactory = isObserved ? null : new NoMeters(),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            ConnectCallback = async (context, cancellationToken) =>
            {
                var addresses =
                    await rules.ResolveForDialAsync(context.InitialRequestMessage.RequestUri!, cancellationToken);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync([.. addresses], context.DnsEndPoint.Port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        {
            Timeout = timeout,
            MaxResponseContentBufferSize = largestAnswer,
        };

    // Whose instruments nobody can listen to: a meter that is disposed publishes none.
    private sealed class NoMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            meter.Dispose();
            return meter;
        }

        public void Dispose()
        {
        }
    }
}
