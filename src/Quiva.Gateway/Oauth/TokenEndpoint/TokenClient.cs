using System.Globalization;
using System.Net;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>
/// Talks to token and revocation endpoints. Whatever a provider answers, nothing but a <see cref="ProviderException"/> is thrown. Answers are
/// bounded in size and time, redirects are not followed, and nothing is sent twice, except that credentials which a provider refuses in one form
/// are tried in the other (RFC 6749, section 2.3.1) until one has worked.
/// </summary>
public sealed partial class TokenClient(HttpClient http, CredentialFormStore forms, TimeProvider time, ILogger<TokenClient> logger)
{
    private const int LongestToken = 16 * 1024, LongestScopes = 4000;

    /// <summary>Exchanges a code for tokens (RFC 6749, section 4.1.3).</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="code">The code.</param>
    /// <param name="codeVerifier">The code verifier (RFC 7636, section 4.5); not sent to a provider without PKCE.</param>
    /// <param name="variables">Values of the configuration's variables, from the login and the callback.</param>
    /// <returns>The tokens; their variables are the given ones and those that the answer tells.</returns>
    /// <exception cref="ProviderException">The provider refused or failed.</exception>
    public async Task<Tokens> ExchangeAsync(OauthClient client, string code, string codeVerifier, IReadOnlyDictionary<string, string> variables)
    {
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = client.RedirectUrl,
        };
        if (client.Options.UsesPkce)
        {
            fields["code_verifier"] = codeVerifier;
        }

        var tokens = await AskAsync(client, client.TokenUrl, fields, variables);
        return tokens with { Lifetime = tokens.Lifetime ?? client.DefaultLifetime };
    }

    /// <summary>Renews an access token (RFC 6749, section 6).</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="refreshToken">The refresh token.</param>
    /// <param name="variables">The values that the connection keeps.</param>
    /// <returns>The tokens; their variables are the given ones and those that the answer tells.</returns>
    /// <exception cref="ProviderException">The provider refused or failed.</exception>
    public Task<Tokens> RefreshAsync(OauthClient client, string refreshToken, IReadOnlyDictionary<string, string> variables) => AskAsync(
        client,
        client.Options.RefreshUrl ?? client.TokenUrl,
        new()
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refreshToken,
        },
        variables);

    /// <summary>Revokes a token (RFC 7009, section 2.1).</summary>
    /// <param name="client">The configuration; it has a revocation endpoint.</param>
    /// <param name="token">The token.</param>
    /// <param name="hint"><c>refresh_token</c> or <c>access_token</c>.</param>
    /// <param name="variables">The values that the connection keeps.</param>
    /// <exception cref="ProviderException">The provider refused or failed.</exception>
    public async Task RevokeAsync(OauthClient client, string token, string hint, IReadOnlyDictionary<string, string> variables)
    {
        var method = client.Options.TokenEndpointAuthMethod ?? client.TokenAuthMethod ?? client.TokenAuthHint ?? TokenEndpointAuthMethod.Client_secret_basic;
        var url = Filled(client.Variables.FillUrl(client.RevocationUrl!, variables));
        var answer = await SendAsync(url, client, method, null, new() { ["token"] = token, ["token_type_hint"] = hint });
        if (answer.Status is < HttpStatusCode.OK or >= HttpStatusCode.MultipleChoices)
        {
            throw FaultOf(answer);
        }
    }

    private static string Filled(string? text) => text ?? throw new ProviderException(ProviderError.VariableRefused);

    private async Task<Tokens> AskAsync(OauthClient client, string template, Dictionary<string, string> fields, IReadOnlyDictionary<string, string> variables)
    {
        var url = Filled(client.Variables.FillUrl(template, variables));
        foreach (var (name, text) in client.TokenParams)
        {
            fields[name] = Filled(client.Variables.FillText(text, variables));
        }

        var tokens = await AskAsync(client, url, fields);
        return tokens with { Variables = variables.Concat(tokens.Variables).GroupBy(value => value.Key).ToDictionary(values => values.Key, values => values.Last().Value) };
    }

    private async Task<Tokens> AskAsync(OauthClient client, string url, Dictionary<string, string> fields)
    {
        if ((client.Options.TokenEndpointAuthMethod ?? client.TokenAuthMethod) is { } known)
        {
            return await AskAsync(client, url, known, fields);
        }

        var first = client.TokenAuthHint ?? TokenEndpointAuthMethod.Client_secret_basic;
        var second = first == TokenEndpointAuthMethod.Client_secret_basic
            ? TokenEndpointAuthMethod.Client_secret_post
            : TokenEndpointAuthMethod.Client_secret_basic;
        try
        {
            return await AcceptedAsync(first);
        }
        catch (ProviderException refused) when (refused.IsRefusal)
        {
            try
            {
                return await AcceptedAsync(second);
            }
            catch (ProviderException spent) when (spent.Error == ProviderError.InvalidGrant)
            {
                // The refused try has spent the code, and the credentials were refused only there: the next sign-in starts with the other form.
                await RememberAsync(() => forms.SuggestAsync(client, second));
                throw;
            }
            catch (ProviderException again) when (again.Error == ProviderError.Refused && refused.Error != ProviderError.Refused)
            {
                throw refused;
            }
        }

        async Task<Tokens> AcceptedAsync(string method)
        {
            var tokens = await AskAsync(client, url, method, fields);
            await RememberAsync(() => forms.RememberAsync(client, method));
            return tokens;
        }
    }

    // Tokens that came are worth more than what was learnt on the way.
    private async Task RememberAsync(Func<Task> rememberAsync)
    {
        try
        {
            await rememberAsync();
        }
        catch (Exception exception)
        {
            LogNotRemembered(exception.GetType().Name);
        }
    }

    private async Task<Tokens> AskAsync(OauthClient client, string url, string method, Dictionary<string, string> fields)
    {
        var answer = await SendAsync(url, client, method, client.Options.TokenRequestType, fields);
        if (answer.Text("access_token") is not { Length: > 0 } accessToken)
        {
            throw FaultOf(answer);
        }

        var refreshToken = answer.Text("refresh_token") is { Length: > 0 and <= LongestToken } given && !given.Any(IsUnfit) ? given : null;
        var type = answer.Text("token_type") is { Length: > 0 and <= 100 } stated ? stated : "Bearer";
        var told = client.Variables.From(VariablePlace.Token)
            .Select(variable => (Variable: variable, Value: answer.Text(variable.Name)))
            .Where(found => found.Value is not null)
            .ToList();
        if (accessToken.Length > LongestToken || !IsHeaderText(accessToken) || !IsHeaderText(type) || told.Any(found => !VariableSet.Accepts(found.Variable, found.Value!)))
        {
            throw new ProviderException(ProviderError.BadAnswer) { RefreshToken = refreshToken };
        }

        return new(accessToken, refreshToken, type, LifetimeOf(answer))
        {
            Scopes = ScopesOf(answer.Text("scope")),
            Grantee = Grantee.Of(answer.Text("id_token")),
            Variables = told.ToDictionary(found => found.Variable.Name, found => found.Value!),
        };
    }

    private async Task<TokenAnswer> SendAsync(string url, OauthClient client, string method, string? mediaType, Dictionary<string, string> fields)
    {
        using var timeout = new CancellationTokenSource(http.Timeout);
        var status = default(HttpStatusCode?);
        string[] codings = [];
        using var body = new MemoryStream();
        ProviderException? cut = null;
        try
        {
            using var request = TokenRequest.Create(new Uri(url), client, method, mediaType, fields);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            (status, codings) = (response.StatusCode, [.. response.Content.Headers.ContentEncoding]);
            await using var stream = await response.Content.ReadAsStreamAsync(timeout.Token);
            await ReadAsync(stream, body, timeout.Token);
        }
        catch (Exception exception) when (exception is not ProviderException)
        {
            var error = exception switch
            {
                OperationCanceledException => ProviderError.TimedOut,
                HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => ProviderError.BadAnswer,
                HttpRequestException or IOException => ProviderError.Unreachable,
                _ => ProviderError.BadAnswer,
            };
            cut = new(error, ProviderException.CauseOf(exception));
        }

        if (status is { } answered && ContentCodings.Decode(body.ToArray(), codings, Outbound.LargestAnswer) is { } decoded
            && TokenAnswer.Read(answered, decoded, isWhole: cut is null) is { } answer)
        {
            return answer;
        }

        // An error page that begins with a brace is an error page.
        throw cut ?? (status is { } failed && (int)failed >= 400 ? FaultOf(TokenAnswer.Read(failed, [], isWhole: true)!) : new ProviderException(ProviderError.BadAnswer));
    }

    private static async Task ReadAsync(Stream stream, MemoryStream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[8 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (body.Length + read > Outbound.LargestAnswer)
            {
                throw new ProviderException(ProviderError.BadAnswer);
            }

            body.Write(buffer, 0, read);
        }
    }

    private static ProviderException FaultOf(TokenAnswer answer)
    {
        var code = (int)answer.Status;
        var error = answer.Status switch
        {
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout => ProviderError.Busy,
            _ when code >= 500 => ProviderError.ServerError,
            _ when answer.Error is { } stated => ProviderError.Of(stated) is ProviderError.Refused && answer.Status == HttpStatusCode.Unauthorized
                ? ProviderError.InvalidClient
                : ProviderError.Of(stated),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ProviderError.InvalidClient,
            HttpStatusCode.BadRequest or HttpStatusCode.PaymentRequired or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity => ProviderError.Refused,
            _ => ProviderError.BadAnswer,
        };
        return new(error)
        {
            IsRefusal = (code is >= 400 and < 500 || (code is >= 200 and < 300 && answer.Error is not null))
                && error is not (ProviderError.InvalidGrant or ProviderError.Busy or ProviderError.ServerError),
            RefreshToken = answer.Text("refresh_token") is { Length: > 0 and <= LongestToken } given && !given.Any(IsUnfit) ? given : null,
        };
    }

    // What may stand in a header: RFC 6749 has the same for tokens (appendices A.12 and A.13).
    private static bool IsHeaderText(string text) => text.All(character => character is >= ' ' and <= '~');

    private static bool IsUnfit(char character) => char.IsControl(character) || character == '\uFFFD';

    // Providers that mean "does not expire" leave it out or say zero.
    private TimeSpan? LifetimeOf(TokenAnswer answer)
    {
        if (answer.Text("expires_in") is { } seconds)
        {
            return Positive(seconds) is { } lifetime ? TimeSpan.FromSeconds(lifetime) : null;
        }

        var now = time.GetUtcNow();
        var end = answer.Text("expires_at") switch
        {
            null => default(DateTimeOffset?),
            var text when Positive(text) is { } since1970 => DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(since1970),
            var text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null,
        };
        return end > now && end - now < TimeSpan.FromSeconds(int.MaxValue) ? end - now : null;
    }

    // Separated by spaces (RFC 6749, section 3.3), or by what some providers take for them.
    private static string? ScopesOf(string? granted) =>
        granted is { Length: > 0 and <= LongestScopes } && IsHeaderText(granted) ? string.Join(',', granted.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)) : null;

    private static double? Positive(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and < int.MaxValue * 2.0 ? value : null;

    [LoggerMessage(EventId = 1302, EventName = "CredentialFormNotStored", Level = LogLevel.Warning,
        Message = "How the provider accepts credentials could not be stored: {Cause}")]
    private partial void LogNotRemembered(string cause);
}
