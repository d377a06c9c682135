using Microsoft.AspNetCore.WebUtilities;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>The address that a user's browser is sent to (RFC 6749, section 4.1.1, with RFC 7636).</summary>
internal static class AuthorizationRequest
{
    /// <summary>The values that a sign-in was started with, judged.</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="given">The values as they came; null for none.</param>
    /// <exception cref="GatewayException">A value is missing, unknown or refused.</exception>
    public static IReadOnlyDictionary<string, string> Variables(
        OauthClient client, IDictionary<string, string>? given) =>
        client.Variables.FaultOfLogin(given) is { } fault
            ? throw new GatewayException(GatewayError.Invalid, fault)
            : new Dictionary<string, string>(given ?? new Dictionary<string, string>());

    /// <summary>The address.</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="scopes">The scopes to ask for, separated by commas.</param>
    /// <param name="state">The state.</param>
    /// <param name="challenge">The code challenge; not sent to a provider without PKCE.</param>
    /// <param name="variables">The values of the login.</param>
    /// <exception cref="GatewayException">A value can't stand where it would.</exception>
    public static string Url(
        OauthClient client,
        string scopes,
        string state,
        string challenge,
        IReadOnlyDictionary<string, string> variables)
    {
        var url = client.Variables.FillUrl(client.AuthUrl, variables)
            ?? throw new GatewayException(
                GatewayError.Invalid, "variables have a value that can't stand in the provider's address.");
        var parameters = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = client.ClientId,
            ["redirect_uri"] = client.RedirectUrl,
            ["scope"] = scopes.Length == 0
                ? null
                : scopes.Replace(',', client.Options.ScopeSeparator == ScopeSeparator.Comma ? ',' : ' '),
            ["state"] = state,
        };
        if (client.Options.UsesPkce)
        {
            parameters["code_challenge"] = challenge;
            parameters["code_challenge_method"] = CodeChallengeMethod.S256;
        }

        return QueryHelpers.AddQueryString(url, parameters);
    }

    /// <summary>The values of a sign-in and those that the provider's redirect brought.</summary>
    /// <param name="client">The configuration.</param>
    /// <param name="ofLogin">The values of the login.</param>
    /// <param name="redirect">Reads a parameter of the redirect; null when it has none.</param>
    /// <exception cref="GatewayException">A value is refused.</exception>
    public static IReadOnlyDictionary<string, string> WithRedirect(
        OauthClient client, IReadOnlyDictionary<string, string> ofLogin, Func<string, string?> redirect)
    {
        var values = new Dictionary<string, string>(ofLogin);
        foreach (var variable in client.Variables.From(VariablePlace.Callback))
        {
            if (redirect(variable.Name) is { Length: > 0 } value)
            {
                values[variable.Name] = VariableSet.Accepts(variable, value)
                    ? value
                    : throw SignInFaults.VariableRefused;
            }
        }

        return values;
    }
}
