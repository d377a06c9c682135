using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>What the provider's redirect brought, and by whom.</summary>
/// <param name="State">The state.</param>
/// <param name="Code">The code; null when there is an error.</param>
/// <param name="Error">The provider's error code; null when there is none.</param>
/// <param name="Issuer">The provider's issuer (RFC 9207); null when it does not say.</param>
/// <param name="Integration">
/// The integration whose own callback was called; null at the callback that all share.
/// </param>
/// <param name="IsBrowser">Whether a browser came.</param>
/// <param name="Account">The account of valid credentials; null without.</param>
/// <param name="Session">The browser's cookie; null without.</param>
public sealed record SignInCallback(
    string State, string? Code, string? Error, string? Issuer, string? Integration, bool IsBrowser, string? Account, string? Session)
{
    /// <summary>Reads another parameter of the redirect; null when it is not there once.</summary>
    public Func<string, string?> Parameter { get; init; } = _ => null;

    /// <summary>Leaves the secrets out: this may be printed.</summary>
    public override string ToString() => nameof(SignInCallback);
}

/// <summary>What becomes of a callback.</summary>
public abstract record SignInAnswer
{
    /// <summary>The connection is stored.</summary>
    /// <param name="Connection">The connection.</param>
    /// <param name="Before">Whether it was stored before.</param>
    public sealed record Stored(Connection Connection, bool Before) : SignInAnswer;

    /// <summary>The browser goes on to the application.</summary>
    /// <param name="Url">Where to.</param>
    public sealed record GoOn(string Url) : SignInAnswer
    {
        /// <summary>Leaves the handle out: this may be printed.</summary>
        public override string ToString() => nameof(GoOn);
    }

    /// <summary>The browser is asked for a click.</summary>
    /// <param name="Pending">What for.</param>
    /// <param name="Handle">What the form brings.</param>
    /// <param name="Session">What the cookie brings.</param>
    public sealed record Ask(PendingSignIn Pending, string Handle, string Session) : SignInAnswer
    {
        /// <summary>Leaves the secrets out: this may be printed.</summary>
        public override string ToString() => nameof(Ask);
    }
}
