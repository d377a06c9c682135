namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>
/// Why a provider did not give what it was asked for. These codes are stored and logged; a provider's own texts are
/// not. Where RFC 6749, section 5.2, has a code for it, it is that one.
/// </summary>
public static class ProviderError
{
    /// <summary>The code or the refresh token does not work, and never will: the user has to sign in again.</summary>
    public const string InvalidGrant = "invalid_grant";

    /// <summary>The credentials of the client were refused, or PKCE was.</summary>
    public const string InvalidClient = "invalid_client";

    /// <summary>The scopes were refused.</summary>
    public const string InvalidScope = "invalid_scope";

    /// <summary>The request was refused for a reason of the provider's own.</summary>
    public const string Refused = "refused";

    /// <summary>The provider asks for fewer requests, or is down for a while.</summary>
    public const string Busy = "temporarily_unavailable";

    /// <summary>The provider says that it failed.</summary>
    public const string ServerError = "server_error";

    /// <summary>The provider could not be reached, or broke the connection.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>The provider did not answer in time.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>The answer is no token response.</summary>
    public const string BadAnswer = "bad_answer";

    /// <summary>The integration's configuration was removed.</summary>
    public const string NotConfigured = "not_configured";

    /// <summary>
    /// The configuration no longer accepts a value that the connection keeps, or needs one that it does not have.
    /// </summary>
    public const string VariableRefused = "variable_refused";

    /// <summary>The gateway failed: a secret that does not open, a database that can't be reached.</summary>
    public const string Internal = "internal_error";

    /// <summary>
    /// Gives a provider's error code its meaning. Many have codes of their own for what RFC 6749 has one for.
    /// </summary>
    /// <param name="code">The provider's code.</param>
    public static string Of(string code) => code.Trim().ToLowerInvariant() switch
    {
        InvalidClient or "incorrect_client_credentials" or "bad_client_secret" or "bad_client_id" or "invalid_client_id"
            or "invalid_client_secret" or "unauthorized_client" => InvalidClient,
        InvalidGrant or "bad_verification_code" or "bad_refresh_token" or "invalid_code" or "invalid_refresh_token" or "code_already_used"
            or "code_expired" or "expired_code" or "token_revoked" or "token_expired" or "expired_token" or "invalid_token" or "revoked_token"
            or "token_inactive" or "inactive_token" or "refresh_token_expired" or "expired_refresh_token" or "refresh_token_revoked"
            or "refresh_token_invalid" or "invalid_refresh" or "refresh_token_not_found" or "token_not_found" or "authorization_revoked"
            or "authorization_expired" or "grant_revoked" or "grant_expired" or "consent_revoked" or "consent_required" or "consent_expired"
            or "interaction_required" or "login_required" or "account_inactive" or "account_disabled" or "user_revoked" or "user_not_found"
            or "app_uninstalled" => InvalidGrant,
        InvalidScope or "bad_scope" or "scope_not_allowed" => InvalidScope,
        Busy or "slow_down" or "rate_limited" or "ratelimited" or "rate_limit_exceeded" or "too_many_requests"
            or "service_unavailable" => Busy,
        ServerError or "internal_error" or "internal_server_error" or "fatal_error" => ServerError,
        _ => Refused,
    };
}
