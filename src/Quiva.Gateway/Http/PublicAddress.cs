using System.Net;
using System.Net.Sockets;

namespace Quiva.Gateway.Http;

/// <summary>
/// Tells addresses of the public Internet from all others: the special-purpose registries of IANA (RFC 6890),
/// multicast, and every IPv6 form that carries an IPv4 address inside.
/// </summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] NotPublic4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    // Within 2000::/3: protocol assignments with Teredo and ORCHID, documentation, 6to4, direct delegation AS112.
    private static readonly IPNetwork[] NotPublic6 =
    [
        .. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20" }
            .Select(IPNetwork.Parse),
    ];

    private static readonly string[] ReservedSuffixes =
    [
        ".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa", ".test", ".invalid"
    ];

    /// <summary>Whether an address is one of the public Internet.</summary>
    /// <param name="address">The address.</param>
    public static bool Is(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !NotPublic4.Any(network => network.Contains(address)),
        // Compatible, NAT64 and unique-local addresses are outside 2000::/3; so are mapped ones, but IPNetwork finds
        // those in it.
        AddressFamily.InterNetworkV6 => !address.IsIPv4MappedToIPv6
            && Global6.Contains(address)
            && !NotPublic6.Any(network => network.Contains(address)),
        _ => false,
    };

    /// <summary>
    /// Whether a name can only mean a host inside: it has no dot, or a suffix that the public DNS does not delegate.
    /// </summary>
    /// <param name="host">The name, in ASCII, without a final dot.</param>
    public static bool IsReservedName(string host) =>
        !host.Contains('.')
        || ReservedSuffixes.Any(suffix => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
}
