using Quiva.Gateway.Http;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>Why a sign-in is refused, in words for its caller or its user.</summary>
internal static class SignInFaults
{
    private const string UnknownText = "This sign-in is unknown, was finished already, or took too long. Start again.";

    public static GatewayException UnknownState => new(GatewayError.Unauthorized, UnknownText);

    public static GatewayException UnknownHandle => new(GatewayError.NotFound, UnknownText);

    public static GatewayException ConfigChanged =>
        new(
            GatewayError.Invalid,
            "The integration's OAuth configuration has changed since this sign-in began. Start again.");

    public static GatewayException OtherCallback =>
        new(GatewayError.Invalid, "This sign-in belongs to another callback. Start again.");

    public static GatewayException OtherIssuer =>
        new(GatewayError.Invalid, "The answer comes from another provider than the one that was asked.");

    public static GatewayException NeedsCredentials => new(
        GatewayError.Unauthorized,
        "The provider redirects to an application, which has to send credentials of the account that started this sign-in. Start again.");

    public static GatewayException NeedsReturnUrl =>
        new(GatewayError.Invalid, "return_url is required: sign-ins are finished by an application.");

    public static GatewayException OtherReturnUrl =>
        new(GatewayError.Invalid, "return_url must be one of the gateway's Oauth:ReturnUrls.");

    public static GatewayException OtherSession =>
        new(
            GatewayError.Invalid,
            "handle and session are not of one sign-in to this connection, which is over now. Start again.");

    public static GatewayException FinishedBefore => new(GatewayError.Conflict, "This sign-in was finished already.");

    public static GatewayException Declined =>
        new(GatewayError.Invalid, "The sign-in was declined, and nothing was stored.");

    public static GatewayException DeclinedAtProvider => new(
        GatewayError.Invalid, "The sign-in was declined at the provider, and nothing was stored. To connect after all, start again.");

    public static GatewayException RefusedAtProvider => new(
        GatewayError.Invalid, "The provider refused the sign-in, and nothing was stored. Start again, or ask whoever runs the gateway.");

    public static GatewayException VariableRefused => new(
        GatewayError.Invalid,
        "The provider's redirect brought no value, or none that is allowed, for a variable of the integration's OAuth configuration.");

    public static GatewayException NoCode => new(GatewayError.Invalid, "code is required.");
}
