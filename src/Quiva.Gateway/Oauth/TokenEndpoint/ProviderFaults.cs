using Quiva.Gateway.Http;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>What callers are told when a provider or a connection fails them. Never a provider's own text.</summary>
internal static class ProviderFaults
{
    /// <summary>The code for an integration whose configuration was removed.</summary>
    public const string NotConfigured = "not_configured";

    public static GatewayException NoConnection => new(GatewayError.NotFound, "There is no such connection.");

    public static GatewayException NoConfig => new(GatewayError.NotFound, "This integration has no OAuth configuration.");

    public static GatewayException Of(string error) => error switch
    {
        TokenClient.InvalidGrant => new(GatewayError.Invalid, "The provider no longer accepts this code or refresh token. Start the sign-in again."),
        TokenClient.InvalidClient => new(GatewayError.Upstream, "The provider refuses the gateway's client credentials; the platform's staff has to correct the OAuth configuration."),
        TokenClient.TimedOut => new(GatewayError.Upstream, "The provider did not answer in time."),
        TokenClient.Unreachable => new(GatewayError.Upstream, "The provider can't be reached."),
        TokenClient.Busy => new(GatewayError.Upstream, "The provider is busy. Try again later."),
        TokenClient.BadAnswer => new(GatewayError.Upstream, "The provider gave an answer that is no token response."),
        NotConfigured => new(GatewayError.Conflict, "This integration has no OAuth configuration any more, so its connections can't be renewed."),
        "invalid_scope" => new(GatewayError.Invalid, "The provider refuses the scopes that were asked for."),
        _ => new(GatewayError.Invalid, "The provider refused the request."),
    };
}
