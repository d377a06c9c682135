using Quiva.Gateway.Http;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>
/// What callers read when a provider or a connection fails them, and what to do about it. Never a provider's own text.
/// </summary>
internal static class ProviderFaults
{
    public static GatewayException NoConnection => new(GatewayError.NotFound, "There is no such connection.");

    public static GatewayException NoConfig =>
        new(GatewayError.NotFound, "This integration has no OAuth configuration.");

    public static GatewayException Of(string error) => error switch
    {
        ProviderError.InvalidGrant =>
            new(GatewayError.Invalid, "The provider no longer accepts this code or refresh token. Sign in again."),
        ProviderError.InvalidScope => new(GatewayError.Invalid, "The provider refuses the scopes that were asked for."),
        ProviderError.InvalidClient => new(
            GatewayError.Upstream,
            "The provider refuses the gateway's client credentials or PKCE; the platform's staff has to correct the OAuth configuration."),
        ProviderError.TimedOut =>
            new(GatewayError.UpstreamTimeout, "The provider did not answer in time. Try again later."),
        ProviderError.Unreachable => new(GatewayError.Upstream, "The provider can't be reached. Try again later."),
        ProviderError.Busy => new(GatewayError.Upstream, "The provider is busy. Try again later."),
        ProviderError.ServerError => new(GatewayError.Upstream, "The provider failed. Try again later."),
        ProviderError.BadAnswer => new(GatewayError.Upstream, "The provider gave an answer that is no token response."),
        ProviderError.NotConfigured => new(
            GatewayError.Conflict, "This integration has no OAuth configuration any more, so its connections can't be renewed."),
        ProviderError.VariableRefused => new(
            GatewayError.Conflict, "This integration's OAuth configuration no longer accepts the connection's variables. Sign in again."),
        ProviderError.Internal => new(GatewayError.Unavailable, GatewayException.UnavailableMessage),
        // A code that an earlier version stored has another meaning now, or none.
        _ => ProviderError.Of(error) is var meaning && meaning != ProviderError.Refused
            ? Of(meaning)
            : new(GatewayError.Invalid, "The provider refused the request."),
    };
}
