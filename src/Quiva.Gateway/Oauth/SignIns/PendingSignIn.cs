using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>
/// A sign-in whose code was exchanged and whose tokens wait, sealed, for who began it to finish it: an application with
/// its session, or a person with a click.
/// </summary>
public sealed class PendingSignIn
{
    /// <summary>It waits.</summary>
    public const string Waiting = "waiting";

    /// <summary>Its connection was stored.</summary>
    public const string Finished = "finished";

    /// <summary>It was refused, or took too long: its tokens are to be revoked.</summary>
    public const string Ended = "ended";

    /// <summary>Hash of what the browser brings.</summary>
    public byte[] HandleHash { get; init; } = [];

    /// <summary>Hash of what the application, or the browser's cookie, brings.</summary>
    public byte[] SessionHash { get; init; } = [];

    /// <summary>Whether a click finishes it; otherwise an application does.</summary>
    public bool InBrowser { get; init; }

    /// <summary>The account that will own the connection.</summary>
    public string Account { get; init; } = "";

    /// <summary>Who started it.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The integration's id.</summary>
    public string IntegrationId { get; init; } = "";

    /// <summary>The connection's id.</summary>
    public string ConnectionId { get; init; } = "";

    /// <summary>The version of the configuration that it was started with.</summary>
    public long ConfigVersion { get; init; }

    /// <summary>The scopes that were asked for, separated by commas.</summary>
    public string Scopes { get; init; } = "";

    /// <summary><see cref="Waiting"/>, <see cref="Finished"/> or <see cref="Ended"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The tokens, sealed; null when they have become a connection.</summary>
    public byte[]? Tokens { get; init; }

    /// <summary>When the tokens were asked for, UTC.</summary>
    public DateTimeOffset ObtainedAt { get; init; }

    /// <summary>When it is too late to finish it, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>How often its tokens were tried to be revoked.</summary>
    public int Attempts { get; init; }

    /// <summary>The connection that it makes.</summary>
    public ConnectionKey Key => new(Account, IntegrationId, ConnectionId);

    /// <summary>Whether a session is its own.</summary>
    /// <param name="session">What was brought.</param>
    public bool IsOf(string session) => OneTimeSecret.Matches(SessionHash, session);
}
