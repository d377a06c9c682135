using System.Net;
using System.Net.Sockets;

namespace Quiva.Gateway.Http;

/// <summary>Looks host names up.</summary>
public interface IHostResolver
{
    /// <summary>The addresses of a host; none when it has none or the answer does not come in time.</summary>
    /// <param name="host">The name, in ASCII.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);
}

/// <summary>Asks the operating system, for at most 2 seconds.</summary>
internal sealed class SystemResolver : IHostResolver
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(Timeout, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException or ArgumentException)
        {
            return [];
        }
    }
}
