using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Quiva.Gateway.Benchmarks;

// The rules of the contract and of URLs, by hand: one fault is told, not all of them.
internal sealed partial class Baseline
{
    private static readonly IPNetwork[] NotPublic4 = Networks("""
        0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
        192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
        """);

    private static readonly IPNetwork[] NotPublic6 =
        Networks("2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20");
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    private static readonly SearchValues<char> UriCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    private static async Task<string?> FaultOfAsync(Config? config, string id) =>
        config is null ? "The request body must be one JSON object."
        : FaultOf("integration_id", config.Integration_id, 64, Identifier())
            ?? FaultOf("name", config.Name, 200, Text())
            ?? FaultOf("scopes", config.Scopes, 4000, Scopes())
                ?? FaultOf("client_id", config.Client_id, 1000, Printable())
            ?? FaultOf("client_secret", config.Client_secret, 4000, Printable())
            ?? (config.Integration_id != id ? "integration_id in the body differs from the one in the path." : null)
            ?? await FaultOfUrlAsync("auth_url", config.Auth_url)
                ?? await FaultOfUrlAsync("token_url", config.Token_url)
                ?? await FaultOfUrlAsync("redirect_url", config.Redirect_url);

    // Lengths are in code points, which only text that is too long in UTF-16 units has to be counted for.
    private static string? FaultOf(string field, string? value, int most, Regex pattern) =>
        value is null ? field + " is required."
        : value.Length == 0 || (value.Length > most
            && value.EnumerateRunes().Count() > most) ? $"{field} must be 1 to {most} characters long."
        : pattern.IsMatch(value) ? null : field + " has characters that are not allowed.";

    private static async Task<string?> FaultOfUrlAsync(string field, string? value)
    {
        if (value is null or ""
            || value.Length > 2000
            || value.AsSpan().ContainsAnyExcept(UriCharacters)
            || !Uri.TryCreate(value, UriKind.Absolute, out var url)
            || url.Scheme != "https")
        {
            return field + " must be an absolute https URL.";
        }

        if (value.Contains('#')
            || url.Port != 443
            || url.UserInfo.Length > 0
            || value.StartsWith("https://@", StringComparison.OrdinalIgnoreCase))
        {
            return field + " must have no fragment, no user information and no port but 443.";
        }

        var host = url.IdnHost.TrimEnd('.').Trim('[', ']');
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host);
        return Array.TrueForAll(addresses, IsPublic)
            ? null
            : field + " must not point to a private or reserved address.";
    }

    private static bool IsPublic(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? !Array.Exists(NotPublic4, network => network.Contains(address))
        : !address.IsIPv4MappedToIPv6
            && Global6.Contains(address)
            && !Array.Exists(NotPublic6, network => network.Contains(address));

    private static IPNetwork[] Networks(string list) =>
        [.. list.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(IPNetwork.Parse)];

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_-]*\z")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\A[^\x00-\x1F\x7F-\x9F]*\z")]
    private static partial Regex Text();

    [GeneratedRegex(@"\A[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+(,[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+)*\z")]
    private static partial Regex Scopes();

    [GeneratedRegex(@"\A[ -~]*\z")]
    private static partial Regex Printable();
}
