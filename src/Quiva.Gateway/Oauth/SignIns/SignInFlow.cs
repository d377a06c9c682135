using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Oauth.TokenEndpoint;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>The authorization code grant (RFC 6749, section 4.1) with PKCE (RFC 7636), as RFC 9700 asks for it.</summary>
public sealed class SignInFlow(OauthConfigStore configs, SignInStore signIns, OauthConnectionStore connections, TokenClient provider, TimeProvider time)
{
    private static readonly GatewayException UnknownState =
        new(GatewayError.Unauthorized, "This sign-in is unknown, was finished already, or took too long. Start again.");

    /// <summary>Starts a sign-in.</summary>
    /// <param name="integration">The integration's id.</param>
    /// <param name="connection">The connection's id.</param>
    /// <param name="scopes">The scopes to ask for, separated by commas; null means all of the configuration's.</param>
    /// <param name="variables">Values of the configuration's variables; null for none.</param>
    /// <param name="caller">Who starts it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Where to send the user.</returns>
    /// <exception cref="GatewayException">There is no configuration, or it does not allow a scope.</exception>
    public async Task<string> StartAsync(string integration, string connection, string? scopes, IDictionary<string, string>? variables, Caller caller, CancellationToken cancellationToken)
    {
        var client = await configs.FindClientAsync(integration, cancellationToken) ?? throw ProviderFaults.NoConfig;
        var asked = scopes ?? client.Scopes;
        if (asked.Length > 0 && asked.Split(',').Except(client.Scopes.Split(','), StringComparer.Ordinal).Any())
        {
            throw new GatewayException(GatewayError.Invalid, "scopes must be among those of the integration's OAuth configuration.");
        }

        var values = AuthorizationRequest.Variables(client, variables);
        var (state, challenge) = await signIns.StartAsync(client, connection, asked, values, caller, cancellationToken);
        return AuthorizationRequest.Url(client, asked, state, challenge, values);
    }

    /// <summary>Finishes a sign-in with what the provider's redirect brought. Its state is taken whatever comes of it.</summary>
    /// <param name="state">The state.</param>
    /// <param name="code">The code; null when there is an error.</param>
    /// <param name="error">The provider's error code; null when there is none.</param>
    /// <param name="issuer">The provider's issuer (RFC 9207); null when it does not say.</param>
    /// <param name="redirect">Reads a parameter of the redirect.</param>
    /// <param name="cancellationToken">Ends the work before the code is exchanged.</param>
    /// <exception cref="GatewayException">The state or the provider's answer is refused; the message says why.</exception>
    public async Task<Connection> FinishAsync(string state, string? code, string? error, string? issuer, Func<string, string?> redirect, CancellationToken cancellationToken)
    {
        var (signIn, codeVerifier, ofLogin) = await signIns.TakeAsync(state, cancellationToken) ?? throw UnknownState;
        if (error is not null)
        {
            throw new GatewayException(GatewayError.Invalid, error == "access_denied" ? "The sign-in was declined at the provider." : "The provider refused the sign-in.");
        }

        if (code is null)
        {
            throw new GatewayException(GatewayError.Invalid, "code is required.");
        }

        var client = await configs.FindClientAsync(signIn.IntegrationId, cancellationToken);
        if (client?.Version != signIn.ConfigVersion)
        {
            throw new GatewayException(GatewayError.Invalid, "The integration's OAuth configuration has changed since this sign-in began. Start again.");
        }

        if (client.Options.Issuer is { } expected ? issuer != expected : issuer is not null && !IsIssuer(issuer, client.AuthUrl))
        {
            throw new GatewayException(GatewayError.Invalid, "The answer comes from another provider than the one that was asked.");
        }

        var values = AuthorizationRequest.WithRedirect(client, ofLogin, redirect);
        try
        {
            var obtainedAt = time.GetUtcNow();
            var tokens = await provider.ExchangeAsync(client, code, codeVerifier, values);
            // The code is spent: what it was exchanged for is stored even if nobody waits any more.
            return await connections.SaveAsync(signIn, tokens, obtainedAt, CancellationToken.None);
        }
        catch (ProviderException exception)
        {
            throw ProviderFaults.Of(exception.Error);
        }
    }

    // A configuration does not name its issuer; an issuer is an https URL at the host of its authorization endpoint for all that is known.
    private static bool IsIssuer(string issuer, string authUrl) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out var stated) && new Uri(authUrl) is var asked
        && (stated.Scheme, stated.IdnHost, stated.Port) == (asked.Scheme, asked.IdnHost, asked.Port);
}
