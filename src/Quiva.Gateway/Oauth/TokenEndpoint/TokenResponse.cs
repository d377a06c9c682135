using System.Globalization;
using System.Net;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>
/// What an answer of a token endpoint means: tokens (RFC 6749, section 5.1), or why there are none (section 5.2).
/// </summary>
internal static class TokenResponse
{
    private const int LongestToken = 16 * 1024, LongestType = 100, LongestScopes = 4000;

    // As seconds since 1970 this is the year 5138, as milliseconds 1973.
    private const double FirstMilliseconds = 1e11;

    /// <summary>The tokens of an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="accessToken">Its access token.</param>
    /// <param name="variables">The variables of the configuration; those that the answer tells are taken.</param>
    /// <param name="now">When it came.</param>
    /// <exception cref="ProviderException">A token or a value could not be used.</exception>
    public static Tokens Read(TokenAnswer answer, string accessToken, VariableSet variables, DateTimeOffset now)
    {
        var refreshToken = RefreshTokenOf(answer);
        var type = answer.Text("token_type") is { Length: > 0 and <= LongestType } stated ? stated : "Bearer";
        var told = variables.From(VariablePlace.Token)
            .Select(variable => (Variable: variable, Value: answer.Text(variable.Name)))
            .Where(found => !string.IsNullOrEmpty(found.Value))
            .ToList();
        if (accessToken.Length > LongestToken || !IsHeaderText(accessToken) || !IsHeaderText(type)
            || told.Any(found => !VariableSet.Accepts(found.Variable, found.Value!)))
        {
            throw new ProviderException(ProviderError.BadAnswer) { RefreshToken = refreshToken };
        }

        return new(accessToken, refreshToken, type, LifetimeOf(answer, now))
        {
            Scopes = ScopesOf(answer.Text("scope")),
            Grantee = Grantee.Of(answer.Text("id_token")),
            Variables = told.ToDictionary(found => found.Variable.Name, found => found.Value!),
        };
    }

    /// <summary>Why an answer has no tokens.</summary>
    /// <param name="answer">The answer.</param>
    public static ProviderException FaultOf(TokenAnswer answer)
    {
        var code = (int)answer.Status;
        var error = answer.Status switch
        {
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout =>
                ProviderError.Busy,
            _ when code >= 500 => ProviderError.ServerError,
            _ when answer.Error is { } stated =>
                ProviderError.Of(stated) is ProviderError.Refused && answer.Status == HttpStatusCode.Unauthorized
                    ? ProviderError.InvalidClient
                    : ProviderError.Of(stated),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ProviderError.InvalidClient,
            HttpStatusCode.BadRequest or HttpStatusCode.PaymentRequired or HttpStatusCode.Conflict
                or HttpStatusCode.UnprocessableEntity
                => ProviderError.Refused,
            _ => ProviderError.BadAnswer,
        };
        return new(error)
        {
            IsRefusal = (code is >= 400 and < 500 || (code is >= 200 and < 300 && answer.Error is not null))
                && error is not (ProviderError.InvalidGrant or ProviderError.Busy or ProviderError.ServerError),
            RefreshToken = RefreshTokenOf(answer),
        };
    }

    private static string? RefreshTokenOf(TokenAnswer answer) =>
        answer.Text("refresh_token") is { Length: > 0 and <= LongestToken } given && !given.Any(IsUnfit) ? given : null;

    // What may stand in a header: RFC 6749 has the same for tokens (appendices A.12 and A.13).
    private static bool IsHeaderText(string text) => text.All(character => character is >= ' ' and <= '~');

    private static bool IsUnfit(char character) => char.IsControl(character) || character == '\uFFFD';

    // Providers that mean "does not expire" leave it out or say zero.
    private static TimeSpan? LifetimeOf(TokenAnswer answer, DateTimeOffset now)
    {
        if (answer.Text("expires_in") is { } seconds)
        {
            return Positive(seconds) is { } lifetime and < int.MaxValue * 2.0 ? TimeSpan.FromSeconds(lifetime) : null;
        }

        var end = answer.Text("expires_at") switch
        {
            null => default(DateTimeOffset?),
            var text when Positive(text) is { } since1970 => MomentOf(since1970),
            var text => DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
                ? moment
                : null,
        };
        return end > now && end - now < TimeSpan.FromSeconds(int.MaxValue) ? end - now : null;
    }

    private static DateTimeOffset? MomentOf(double since1970) =>
        (since1970 < FirstMilliseconds ? since1970 : since1970 / 1000) is < FirstMilliseconds and var seconds
            ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds)
            : null;

    // Separated by spaces (RFC 6749, section 3.3), or by what some providers take for them.
    private static string? ScopesOf(string? granted) => granted is { Length: > 0 and <= LongestScopes }
        && IsHeaderText(granted)
        ? string.Join(',', granted.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        : null;

    private static double? Positive(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0
            ? value
            : null;
}
