using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway.Http;

/// <summary>Where a request comes from, as far as that can be known.</summary>
internal static class ClientAddress
{
    private const int Ipv6Network = 8;

    /// <summary>
    /// What counts as one sender: an IPv4 address, or the /64 network of an IPv6 address, because whoever has one address of it has all
    /// 2⁶⁴ (RFC 6177).
    /// </summary>
    /// <param name="address">The address.</param>
    public static string SenderOf(IPAddress? address)
    {
        if (address is null)
        {
            return "unknown";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Ipv6Network).Clear();
        return new IPAddress(bytes) + "/64";
    }

    /// <summary>
    /// Believes <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> from the proxies in <c>Gateway:KnownProxies</c> and from nobody else.
    /// </summary>
    /// <param name="app">The application.</param>
    public static void UseKnownProxies(this WebApplication app)
    {
        var proxies = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.ParsedProxies;
        if (proxies.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            // Back through as many proxies as are known.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            options.KnownIPNetworks.Add(proxy);
        }

        app.UseForwardedHeaders(options);
    }
}
