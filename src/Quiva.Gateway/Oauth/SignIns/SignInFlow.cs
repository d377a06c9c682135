using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Oauth.TokenEndpoint;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>
/// The authorization code grant (RFC 6749, section 4.1) with PKCE (RFC 7636), as RFC 9700 asks for it, up to the
/// provider's redirect;
/// <see cref="SignInFinish"/> has the rest.
/// </summary>
public sealed partial class SignInFlow(
    OauthConfigStore configs,
    SignInStore signIns,
    PendingSignInStore pendings,
    OauthConnectionStore connections,
    TokenClient provider,
    TokenRevocation revocation,
    EndpointRules endpoints,
    IOptions<OauthOptions> options,
    TimeProvider time,
    ILogger<SignInFlow> logger)
{
    private const string AccessDenied = "access_denied", ServerError = "server_error";

    /// <summary>Starts a sign-in.</summary>
    /// <param name="integration">The integration's id.</param>
    /// <param name="connection">The connection's id.</param>
    /// <param name="scopes">The scopes to ask for, separated by commas; null means all of the configuration's.</param>
    /// <param name="returnUrl">
    /// Where in the application the browser goes after the provider; null when it is asked for a click instead.
    /// </param>
    /// <param name="variables">Values of the configuration's variables; null for none.</param>
    /// <param name="caller">Who starts it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Where to send the user, and with a return address the session that finishes the sign-in.</returns>
    /// <exception cref="GatewayException">
    /// There is no configuration, or a scope or the return address is not allowed.
    /// </exception>
    public async Task<(string Url, string? Session)> StartAsync(
        string integration,
        string connection,
        string? scopes,
        string? returnUrl,
        IDictionary<string, string>? variables,
        Caller caller,
        CancellationToken cancellationToken)
    {
        RequireAllowed(returnUrl);
        var client = await configs.FindClientAsync(integration, cancellationToken) ?? throw ProviderFaults.NoConfig;
        var asked = scopes ?? client.Scopes;
        if (asked.Length > 0 && asked.Split(',').Except(client.Scopes.Split(','), StringComparer.Ordinal).Any())
        {
            throw new GatewayException(
                GatewayError.Invalid, "scopes must be among those of the integration's OAuth configuration.");
        }

        var values = AuthorizationRequest.Variables(client, variables);
        var session = returnUrl is null ? null : OneTimeSecret.Create();
        var (state, challenge) =
            await signIns.StartAsync(client, connection, asked, values, returnUrl, session, caller, cancellationToken);
        return (AuthorizationRequest.Url(client, asked, state, challenge, values), session);
    }

    /// <summary>Takes what the provider's redirect brought. Its state is spent whatever comes of it.</summary>
    /// <param name="callback">What it brought.</param>
    /// <param name="cancellationToken">Ends the work before the code is exchanged.</param>
    /// <exception cref="GatewayException">
    /// The state or the provider's answer is refused; the message says why.
    /// </exception>
    public async Task<SignInAnswer> CallBackAsync(SignInCallback callback, CancellationToken cancellationToken)
    {
        if (await signIns.TakeAsync(callback.State, cancellationToken) is not var (signIn, codeVerifier, ofLogin))
        {
            return await AgainAsync(callback, cancellationToken) ?? throw SignInFaults.UnknownState;
        }

        var client = await configs.FindClientAsync(signIn.IntegrationId, cancellationToken);
        if (client?.Version != signIn.ConfigVersion)
        {
            throw SignInFaults.ConfigChanged;
        }

        RequireOwn(callback, signIn, client, ofLogin);
        try
        {
            var code = callback.Error switch
            {
                null => callback.Code ?? throw SignInFaults.NoCode,
                AccessDenied => throw SignInFaults.DeclinedAtProvider,
                _ => throw SignInFaults.RefusedAtProvider,
            };
            var obtainedAt = time.GetUtcNow();
            var values = AuthorizationRequest.WithRedirect(client, ofLogin, callback.Parameter);
            var tokens = await ExchangeAsync(client, code, codeVerifier, values);
            return await KeepAsync(callback, signIn, tokens, obtainedAt);
        }
        catch (GatewayException refusal) when (signIn.ReturnUrl is not null
            && refusal.Error != GatewayError.Unavailable)
        {
            LogRefused(signIn.Key.Subject, refusal.Message);
            return GoOn(signIn, "error", callback.Error == AccessDenied ? AccessDenied : ServerError);
        }
    }

    private void RequireAllowed(string? returnUrl)
    {
        if (returnUrl is null)
        {
            if (options.Value.RequireReturnUrl)
            {
                throw SignInFaults.NeedsReturnUrl;
            }
        }
        else if (!options.Value.ReturnUrls.Contains(returnUrl, StringComparer.Ordinal))
        {
            throw SignInFaults.OtherReturnUrl;
        }
    }

    private void RequireOwn(
        SignInCallback callback, SignIn signIn, OauthClient client, IReadOnlyDictionary<string, string> ofLogin)
    {
        // RFC 9700, section 4.4.2.2: an answer has to arrive where the one that was asked was told to send it.
        var integration = signIn.IntegrationId;
        var isOwn = endpoints.IsOwnCallback(client.RedirectUrl, integration);
        var isElsewhere = isOwn
            && endpoints.IsCallbackOf(client.RedirectUrl, integration) != (callback.Integration is not null);
        if (isElsewhere || (callback.Integration is { } called && called != integration))
        {
            throw SignInFaults.OtherCallback;
        }

        if (client.Options.Issuer is { } expected
            ? callback.Issuer != expected
            : callback.Issuer is { } issuer
                && !Issuer.CanBeOf(issuer, client.Variables.FillUrl(client.AuthUrl, ofLogin)!))
        {
            throw SignInFaults.OtherIssuer;
        }

        // A browser is bound by what follows. An application behind the redirect could be made to relay another
        // person's code.
        if (!callback.IsBrowser && !isOwn && callback.Account != signIn.Account)
        {
            throw SignInFaults.NeedsCredentials;
        }

        if (signIn.ReturnUrl is null && options.Value.RequireReturnUrl)
        {
            throw SignInFaults.NeedsReturnUrl;
        }
    }

    private async Task<Tokens> ExchangeAsync(
        OauthClient client, string code, string codeVerifier, IReadOnlyDictionary<string, string> values)
    {
        try
        {
            return await provider.ExchangeAsync(client, code, codeVerifier, values);
        }
        catch (ProviderException exception)
        {
            // A connection's variables may no longer be accepted; those of a sign-in are the redirect's.
            throw exception.Error == ProviderError.VariableRefused
                ? SignInFaults.VariableRefused
                : ProviderFaults.Of(exception.Error);
        }
    }

    // The code is spent: what it was exchanged for is kept, or revoked, even if nobody waits any more.
    private async Task<SignInAnswer> KeepAsync(
        SignInCallback callback, SignIn signIn, Tokens tokens, DateTimeOffset obtainedAt)
    {
        try
        {
            if (signIn.ReturnUrl is not null)
            {
                var handle = OneTimeSecret.Create();
                await pendings.AddAsync(signIn, callback.State, handle, signIn.SessionHash!, tokens, obtainedAt);
                return GoOn(signIn, "handle", handle);
            }

            if (callback.IsBrowser)
            {
                // A browser with several sign-ins has one cookie, and a handle for each.
                var session = callback.Session ?? OneTimeSecret.Create();
                var handle = HandleOf(session, callback.State);
                var pending = await pendings.AddAsync(
                    signIn, callback.State, handle, OneTimeSecret.HashOf(session), tokens, obtainedAt);
                return new SignInAnswer.Ask(pending, handle, session);
            }

            return new SignInAnswer.Stored(
                await connections.SaveAsync(signIn, tokens, obtainedAt, CancellationToken.None), Before: false);
        }
        catch (Exception exception)
        {
            LogLost(signIn.Key.Subject, exception);
            await revocation.TryAsync(
                signIn.Key, tokens.AccessToken, tokens.RefreshToken, tokens.Variables, CancellationToken.None);
            throw;
        }
    }

    // The browser that a sign-in's page was shown to may load it again.
    private async Task<SignInAnswer?> AgainAsync(SignInCallback callback, CancellationToken cancellationToken)
    {
        if (callback.Session is not { } session || HandleOf(session, callback.State) is not { } handle
            || await pendings.FindAsync(handle, cancellationToken) is not { InBrowser: true } pending
                || !pending.IsOf(session))
        {
            return null;
        }

        return pending.Status switch
        {
            PendingSignIn.Waiting when pending.ExpiresAt > time.GetUtcNow() =>
                new SignInAnswer.Ask(pending, handle, session),
            PendingSignIn.Finished when await connections.FindAsync(pending.Key, cancellationToken) is { } connection =>
                new SignInAnswer.Stored(connection, Before: true),
            _ => null,
        };
    }

    private static string HandleOf(string session, string state) => OneTimeSecret.Derive(session, "handle of " + state);

    private static SignInAnswer.GoOn GoOn(SignIn signIn, string name, string value) =>
        new(QueryHelpers.AddQueryString(signIn.ReturnUrl!, name, value));

    [LoggerMessage(EventId = 1311, EventName = "SignInRefused", Level = LogLevel.Information,
        Message = "Sign-in to {Subject} was refused: {Reason}")]
    private partial void LogRefused(string subject, string reason);

    [LoggerMessage(EventId = 1312, EventName = "SignInTokensLost", Level = LogLevel.Error,
        Message = "The tokens of a sign-in to {Subject} could not be stored, and are revoked")]
    private partial void LogLost(string subject, Exception exception);
}
