using Quiva.Gateway.Contract;

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
public sealed record Connection
{
    /// <summary>What names it.</summary>
    public required ConnectionKey Key { get; init; }

    /// <summary>RFC 6749, section 1.4.</summary>
    public required string AccessToken { get; init; }

    /// <summary>RFC 6749, section 1.5; null when the provider gave none.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>RFC 6749, section 7.1.</summary>
    public required string TokenType { get; init; }

    /// <summary>When the access token stops working, UTC; null when the provider did not say.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How long its access tokens work, as far as the provider has ever said.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>The scopes that were granted, separated by commas, or else those that were asked for.</summary>
    public string Scopes { get; init; } = "";

    /// <summary>Values of the configuration's variables; some may be secrets.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>A hash of whose grant it is; null when that is not known.</summary>
    public byte[]? Grantee { get; init; }

    /// <summary>The sequence of its last change.</summary>
    public required long Version { get; init; }

    /// <summary>When that was, UTC.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>How often its renewal was begun.</summary>
    public long Fence { get; init; }

    /// <summary>Whether somebody renews it, or did when they died.</summary>
    public bool IsLeased { get; init; }

    /// <summary>Whether it has a refresh token.</summary>
    public bool IsRenewable { get; init; }

    /// <summary>What became of its last renewal.</summary>
    public RenewalHealth Health { get; init; }

    /// <summary>Whether tokens are surely the same person's as the connection's are.</summary>
    /// <param name="tokens">The tokens.</param>
    public bool IsOf(Tokens tokens) =>
        Grantee is not null && tokens.Grantee is not null && Grantee.AsSpan().SequenceEqual(tokens.Grantee);

    /// <summary>How it is, see <see cref="ConnectionStatus"/>.</summary>
    /// <param name="now">The moment.</param>
    public string StatusAt(DateTimeOffset now) => Health.NeedsSignIn || HasEnded(now) ? ConnectionStatus.Needs_sign_in
        : Health.Error is not null ? ConnectionStatus.Failing
        : ConnectionStatus.Connected;

    /// <summary>Since when it has been so.</summary>
    /// <param name="now">The moment.</param>
    public DateTimeOffset StatusSince(DateTimeOffset now) =>
        !Health.NeedsSignIn && HasEnded(now) ? ExpiresAt!.Value : Health.Since ?? ModifiedAt;

    // Nothing renews it, and its token works no longer.
    private bool HasEnded(DateTimeOffset now) => !IsRenewable && ExpiresAt <= now;

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
    /// <summary>The scopes that were granted, separated by commas; null when the answer did not say.</summary>
    public string? Scopes { get; init; }

    /// <summary>A hash of whose grant it is; null when that is not known.</summary>
    public byte[]? Grantee { get; init; }

    /// <summary>Values of the configuration's variables.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Leaves the tokens out: this may be printed.</summary>
    public override string ToString() => nameof(Tokens);
}
