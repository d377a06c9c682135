using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>A provider did not give what it was asked for.</summary>
/// <param name="error">An error code of RFC 6749, section 5.2, or one of <see cref="TokenClient"/>'s own.</param>
/// <param name="inner">What happened.</param>
public sealed class ProviderException(string error, Exception? inner = null) : Exception("The provider failed: " + error, inner)
{
    /// <summary>The code.</summary>
    public string Error { get; } = error;
}

/// <summary>
/// Talks to token and revocation endpoints. Answers are bounded in size and time, redirects are not followed, and nothing is sent twice,
/// except that credentials which a provider refuses in one form are tried in the other (RFC 6749, section 2.3.1).
/// </summary>
public sealed class TokenClient(HttpClient http, OauthConfigStore configs)
{
    /// <summary>Codes for what no provider says itself.</summary>
    public const string Unreachable = "unreachable", TimedOut = "timed_out", BadAnswer = "bad_answer", Busy = "temporarily_unavailable", InvalidClient = "invalid_client", InvalidGrant = "invalid_grant";

    private const string Basic = "client_secret_basic", Post = "client_secret_post";
    private const int LongestToken = 16 * 1024;

    /// <summary>Exchanges a code for tokens (RFC 6749, section 4.1.3).</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="code">The code.</param>
    /// <param name="codeVerifier">The code verifier (RFC 7636, section 4.5).</param>
    /// <exception cref="ProviderException">The provider refused or failed.</exception>
    public Task<Tokens> ExchangeAsync(OauthClient client, string code, string codeVerifier) => AskAsync(client, new()
    {
        ["grant_type"] = "authorization_code",
        ["code"] = code,
        ["redirect_uri"] = client.RedirectUrl,
        ["code_verifier"] = codeVerifier,
    });

    /// <summary>Renews an access token (RFC 6749, section 6).</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="refreshToken">The refresh token.</param>
    /// <exception cref="ProviderException">The provider refused or failed.</exception>
    public Task<Tokens> RefreshAsync(OauthClient client, string refreshToken) => AskAsync(client, new()
    {
        ["grant_type"] = "refresh_token",
        ["refresh_token"] = refreshToken,
    });

    /// <summary>Revokes a token (RFC 7009, section 2.1).</summary>
    /// <param name="client">The configuration; it has a revocation endpoint.</param>
    /// <param name="token">The token.</param>
    /// <param name="hint"><c>refresh_token</c> or <c>access_token</c>.</param>
    /// <exception cref="ProviderException">The provider refused or failed.</exception>
    public async Task RevokeAsync(OauthClient client, string token, string hint)
    {
        var (status, _, _) = await SendAsync(client.RevocationUrl!, client, client.TokenAuthMethod ?? Basic, new() { ["token"] = token, ["token_type_hint"] = hint });
        if (status is < HttpStatusCode.OK or >= HttpStatusCode.MultipleChoices)
        {
            throw new ProviderException(BadAnswer);
        }
    }

    private async Task<Tokens> AskAsync(OauthClient client, Dictionary<string, string> form)
    {
        try
        {
            return await AskAsync(client, client.TokenAuthMethod ?? Basic, form);
        }
        catch (ProviderException refused) when (refused.Error == InvalidClient && client.TokenAuthMethod is null)
        {
            var tokens = await AskAsync(client, Post, form);
            await configs.RememberAuthMethodAsync(client, Post);
            return tokens;
        }
    }

    private async Task<Tokens> AskAsync(OauthClient client, string method, Dictionary<string, string> form)
    {
        var (status, type, body) = await SendAsync(client.TokenUrl, client, method, form);
        if (status == HttpStatusCode.TooManyRequests || status == HttpStatusCode.ServiceUnavailable)
        {
            throw new ProviderException(Busy);
        }

        var answer = Read(type, body);
        if (answer.GetValueOrDefault("error") is { Length: > 0 } error)
        {
            throw new ProviderException(Known(error));
        }

        if (status == HttpStatusCode.Unauthorized)
        {
            throw new ProviderException(InvalidClient);
        }

        if (status is < HttpStatusCode.OK or >= HttpStatusCode.MultipleChoices
            || answer.GetValueOrDefault("access_token") is not { Length: > 0 and <= LongestToken } accessToken
            || answer.GetValueOrDefault("refresh_token") is { Length: > LongestToken })
        {
            throw new ProviderException(BadAnswer);
        }

        return new(
            accessToken,
            answer.GetValueOrDefault("refresh_token") is { Length: > 0 } refreshToken ? refreshToken : null,
            answer.GetValueOrDefault("token_type") is { Length: > 0 and <= 100 } tokenType ? tokenType : "Bearer",
            LifetimeOf(answer.GetValueOrDefault("expires_in")));
    }

    private async Task<(HttpStatusCode Status, string? ContentType, string Body)> SendAsync(string url, OauthClient client, string method, Dictionary<string, string> form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Accept.Add(new("application/json"));
        var fields = new Dictionary<string, string>(form);
        if (method == Basic)
        {
            // RFC 6749, section 2.3.1: both are form-encoded before they are joined.
            var credentials = $"{WebUtility.UrlEncode(client.ClientId)}:{WebUtility.UrlEncode(client.ClientSecret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }
        else
        {
            fields["client_id"] = client.ClientId;
            fields["client_secret"] = client.ClientSecret;
        }

        request.Content = new FormUrlEncodedContent(fields);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, CancellationToken.None);
            return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(CancellationToken.None));
        }
        catch (OperationCanceledException exception)
        {
            throw new ProviderException(TimedOut, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidOperationException)
        {
            // Too large an answer and an unknown charset are the provider's faults as well.
            throw new ProviderException(exception is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } or InvalidOperationException ? BadAnswer : Unreachable, exception);
        }
    }

    private static Dictionary<string, string?> Read(string? type, string body)
    {
        try
        {
            switch (type)
            {
                case "application/json" or "text/javascript" or "text/json":
                    using (var json = JsonDocument.Parse(body))
                    {
                        return json.RootElement.ValueKind == JsonValueKind.Object
                            ? json.RootElement.EnumerateObject().GroupBy(member => member.Name).ToDictionary(members => members.Key, members => TextOf(members.Last().Value))
                            : throw new ProviderException(BadAnswer);
                    }

                case "application/x-www-form-urlencoded" or "text/plain":
                    return QueryHelpers.ParseQuery(body).ToDictionary(field => field.Key, field => (string?)field.Value.ToString());
                default:
                    throw new ProviderException(BadAnswer);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            throw new ProviderException(BadAnswer, exception);
        }
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    // Providers that mean "does not expire" leave it out or say zero.
    private static TimeSpan? LifetimeOf(string? seconds) =>
        double.TryParse(seconds, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and < int.MaxValue ? TimeSpan.FromSeconds(value) : null;

    // Codes are stored and told; texts of a provider are not. The last ones are GitHub's.
    private static string Known(string error) => error switch
    {
        "invalid_client" or "incorrect_client_credentials" or "bad_client_secret" or "invalid_client_id" => InvalidClient,
        "invalid_grant" or "bad_verification_code" or "bad_refresh_token" or "invalid_code" or "invalid_refresh_token" or "code_already_used" => InvalidGrant,
        "invalid_scope" or "unauthorized_client" or "unsupported_grant_type" or "invalid_request" => error,
        _ => "refused",
    };
}
