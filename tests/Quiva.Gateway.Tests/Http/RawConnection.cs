using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Quiva.Gateway.Tests.Http;

/// <summary>Sends bytes as they are over TLS, for requests that no well-behaved client can make.</summary>
internal static class RawConnection
{
    /// <summary>
    /// The answer's status, or 0 when the connection was closed without one; and all of the answer that arrives before
    /// it is closed or silent.
    /// </summary>
    public static async Task<(int Status, string Text)> SendAsync(GatewayApp app, byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(app.Address.Host, app.Address.Port);
        await using var tls = new SslStream(client.GetStream(), false, (_, presented, _, _) => app.IsOwn(presented));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [SslApplicationProtocol.Http11]
        });
        await tls.WriteAsync(request);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            while (await tls.ReadAsync(buffer, patience.Token) is > 0 and var read)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
                {
                    patience.CancelAfter(TimeSpan.FromMilliseconds(200));
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Closed, or nothing more to come.
        }

        var text = answer.ToString();
        return (text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(
            text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0, text);
    }
}
