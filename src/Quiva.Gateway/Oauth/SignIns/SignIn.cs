using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>A sign-in between its start and the provider's redirect.</summary>
public sealed class SignIn
{
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

    /// <summary>When it is too old, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The secret of RFC 7636, section 4.1, sealed.</summary>
    public byte[] CodeVerifier { get; init; } = [];

    /// <summary>Values of the configuration's variables, sealed; null when it has none.</summary>
    public byte[]? Variables { get; init; }

    /// <summary>
    /// Where in the application the browser goes after the provider; null when it is asked for a click instead.
    /// </summary>
    public string? ReturnUrl { get; init; }

    /// <summary>Hash of the session that the application keeps; null without a return address.</summary>
    public byte[]? SessionHash { get; init; }

    /// <summary>The connection that it makes.</summary>
    public ConnectionKey Key => new(Account, IntegrationId, ConnectionId);
}
