using System.Net;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>
/// Talks to token and revocation endpoints. Whatever a provider answers, nothing but a <see cref="ProviderException"/>
/// is thrown. Answers are bounded in size and time, redirects are not followed, and nothing is sent twice, except that
/// credentials which a provider refuses in one form are tried in the other (RFC 6749, section 2.3.1) until one has
/// worked.
/// </summary>
public sealed partial class TokenClient(
    HttpClient http, CredentialFormStore forms, TimeProvider time, ILogger<TokenClient> logger)
{
    /// <summary>Exchanges a code for tokens (RFC 6749, section 4.1.3).</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="code">The code.</param>
    /// <param name="codeVerifier">
    /// The code verifier (RFC 7636, section 4.5); not sent to a provider without PKCE.
    /// </param>
    /// <param name="variables">Values of the configuration's variables, from the login and the callback.</param>
    /// <returns>The tokens; their variables are the given ones and those that the answer tells.</returns>
    /// <exception cref="ProviderException">The provider refused or failed.</exception>
    public async Task<Tokens> ExchangeAsync(
        OauthClient client, string code, string codeVerifier, IReadOnlyDictionary<string, string> variables)
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
    public Task<Tokens> RefreshAsync(
        OauthClient client, string refreshToken, IReadOnlyDictionary<string, string> variables) => AskAsync(
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
    public async Task RevokeAsync(
        OauthClient client, string token, string hint, IReadOnlyDictionary<string, string> variables)
    {
        var method = client.Options.TokenEndpointAuthMethod
            ?? client.TokenAuthMethod
            ?? client.TokenAuthHint
            ?? TokenEndpointAuthMethod.Client_secret_basic;
        var url = Filled(client.Variables.FillUrl(client.RevocationUrl!, variables));
        var answer =
            await SendAsync(url, client, method, null, new() { ["token"] = token, ["token_type_hint"] = hint });
        if (answer.Status is < HttpStatusCode.OK or >= HttpStatusCode.MultipleChoices)
        {
            throw TokenResponse.FaultOf(answer);
        }
    }

    private static string Filled(string? text) => text ?? throw new ProviderException(ProviderError.VariableRefused);

    private async Task<Tokens> AskAsync(
        OauthClient client, string template, Dictionary<string, string> fields, IReadOnlyDictionary<string, string> variables)
    {
        var url = Filled(client.Variables.FillUrl(template, variables));
        foreach (var (name, text) in client.TokenParams)
        {
            fields[name] = Filled(client.Variables.FillText(text, variables));
        }

        var tokens = await AskAsync(client, url, fields);
        return tokens with
        {
            Variables = variables.Concat(tokens.Variables)
                .GroupBy(value => value.Key)
                .ToDictionary(values => values.Key, values => values.Last().Value),
        };
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
                // The refused try has spent the code, and the credentials were refused only there: the next sign-in
                // starts with the other form.
                await RememberAsync(() => forms.SuggestAsync(client, second));
                throw;
            }
            catch (ProviderException again) when (again.Error == ProviderError.Refused
                && refused.Error != ProviderError.Refused)
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

    private async Task<Tokens> AskAsync(
        OauthClient client, string url, string method, Dictionary<string, string> fields)
    {
        var answer = await SendAsync(url, client, method, client.Options.TokenRequestType, fields);
        if (answer.Text("access_token") is not { Length: > 0 } accessToken)
        {
            throw TokenResponse.FaultOf(answer);
        }

        return TokenResponse.Read(answer, accessToken, client.Variables, time.GetUtcNow());
    }

    private async Task<TokenAnswer> SendAsync(
        string url, OauthClient client, string method, string? mediaType, Dictionary<string, string> fields)
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
                HttpRequestException
                {
                    HttpRequestError: HttpRequestError.InvalidResponse
                    or HttpRequestError.ConfigurationLimitExceeded
                }
                    => ProviderError.BadAnswer,
                HttpRequestException or IOException => ProviderError.Unreachable,
                _ => ProviderError.BadAnswer,
            };
            cut = new(error, ProviderException.CauseOf(exception));
        }

        if (status is { } answered
            && ContentCodings.Decode(body.ToArray(), codings, Outbound.LargestAnswer) is { } decoded
            && TokenAnswer.Read(answered, decoded, isWhole: cut is null) is { } answer)
        {
            return answer;
        }

        // An error page that begins with a brace is an error page.
        throw cut ?? (status is { } failed && (int)failed >= 400
            ? TokenResponse.FaultOf(TokenAnswer.Read(failed, [], isWhole: true)!)
            : new ProviderException(ProviderError.BadAnswer));
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

    [LoggerMessage(EventId = 1302, EventName = "CredentialFormNotStored", Level = LogLevel.Warning,
        Message = "How the provider accepts credentials could not be stored: {Cause}")]
    private partial void LogNotRemembered(string cause);
}
