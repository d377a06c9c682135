namespace Quiva.Gateway.Client;

/// <summary>Where the gateway is and who calls it.</summary>
public sealed class QuivaGatewayClientOptions
{
    /// <summary>
    /// The gateway's address, by https; by http only on this machine, since every request carries credentials.
    /// </summary>
    public Uri? BaseAddress { get; set; }

    /// <summary>An API key. The gateway accepts one credential: either this or <see cref="BearerToken"/>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// Gives the JWT to send with a request. It is asked for each one: whoever gives the token keeps it while it is
    /// valid.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? BearerToken { get; set; }

    internal bool IsSafe => BaseAddress is { IsAbsoluteUri: true } address
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    internal bool HasOneCredential => string.IsNullOrEmpty(ApiKey) != (BearerToken is null);

    /// <summary>
    /// Paths are taken relative to the address, whose own last segment would get lost without a slash after it.
    /// </summary>
    internal Uri Root => new(BaseAddress!.AbsoluteUri.TrimEnd('/') + "/");
}
