namespace Quiva.Gateway.Oauth.Connections;

/// <summary>What names a connection.</summary>
/// <param name="Account">The account that owns it.</param>
/// <param name="Integration">The integration's id.</param>
/// <param name="Id">The connection's id within both.</param>
public readonly record struct ConnectionKey(string Account, string Integration, string Id)
{
    /// <summary>The full identifier of the contract.</summary>
    public string Subject => $"ms.integration.oauth.{Account}.{Integration}.{Id}";
}

/// <summary>A connection with its tokens. Only for its account.</summary>
/// <param name="Key">What names it.</param>
/// <param name="AccessToken">RFC 6749, section 1.4.</param>
/// <param name="RefreshToken">RFC 6749, section 1.5; null when the provider gave none.</param>
/// <param name="TokenType">RFC 6749, section 7.1.</param>
/// <param name="ExpiresAt">When the access token stops working, UTC; null when the provider did not say.</param>
/// <param name="Version">The sequence of its last change.</param>
/// <param name="ModifiedAt">When that was, UTC.</param>
/// <param name="RefreshError">Why the last renewal failed; null when it did not.</param>
/// <param name="RefreshFailedAt">When that was, UTC.</param>
public sealed record Connection(
    ConnectionKey Key, string AccessToken, string? RefreshToken, string TokenType, DateTimeOffset? ExpiresAt, long Version, DateTimeOffset ModifiedAt,
    string? RefreshError, DateTimeOffset? RefreshFailedAt)
{
    /// <summary>Leaves the tokens out: this may be printed.</summary>
    public override string ToString() => Key.Subject;
}

/// <summary>Tokens as a token endpoint gave them (RFC 6749, section 5.1).</summary>
/// <param name="AccessToken">The access token.</param>
/// <param name="RefreshToken">The refresh token; null when there was none in the answer.</param>
/// <param name="TokenType">The type; Bearer when the answer did not say.</param>
/// <param name="Lifetime">How long the access token works; null when the answer did not say, or said zero.</param>
public sealed record Tokens(string AccessToken, string? RefreshToken, string TokenType, TimeSpan? Lifetime)
{
    /// <summary>Leaves the tokens out: this may be printed.</summary>
    public override string ToString() => nameof(Tokens);
}
