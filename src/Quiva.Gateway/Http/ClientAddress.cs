using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Quiva.Gateway.Http;

/// <summary>Where a request comes from, as far as that can be known.</summary>
internal static class ClientAddress
{
    private const int Ipv6Network = 8;

    /// <summary>
    /// What counts as one sender: an IPv4 address, or the /64 network of an IPv6 address, because whoever has one
    /// address of it has all 2⁶⁴ (RFC 6177).
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

    /// <summary>The network that an address or a network in CIDR notation names, or null.</summary>
    /// <param name="text">The text.</param>
    public static IPNetwork? ParseNetwork(string text) =>
        IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(text, out var network) ? network
        : null;

    /// <summary>
    /// Believes <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> from the proxies in <c>Gateway:KnownProxies</c> and
    /// from nobody else.
    /// </summary>
    /// <param name="app">The application.</param>
    public static void UseKnownProxies(this WebApplication app)
    {
        // Not through the options: the settings are validated once the gateway is put together.
        var proxies = (app.Configuration.GetSection("Gateway:KnownProxies").Get<string[]>() ?? [])
            .Select(ParseNetwork)
            .OfType<IPNetwork>()
            .ToList();
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
