using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Providers;

/// <summary>Makes whole configurations of what the catalogue knows.</summary>
public static class ProviderConfigs
{
    /// <summary>A configuration of a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="integration">The integration's id.</param>
    /// <param name="scopes">Scopes that may be asked for, separated by commas.</param>
    /// <param name="clientId">Client identifier.</param>
    /// <param name="clientSecret">Client secret.</param>
    /// <param name="redirectUrl">Where the provider sends the browser.</param>
    public static IntegrationOauthConfig Create(
        Provider provider, string integration, string scopes, string clientId, string clientSecret, string redirectUrl) => new()
        {
            Integration_id = integration,
            Name = provider.Name,
            Scopes = scopes,
            Client_id = clientId,
            Client_secret = clientSecret,
            Redirect_url = redirectUrl,
            Auth_url = provider.Config.Auth_url,
            Token_url = provider.Config.Token_url,
            Revocation_url = provider.Config.Revocation_url,
            Code_challenge_method = provider.Config.Code_challenge_method,
            Variables = provider.Config.Variables,
            Token_request_type = provider.Config.Token_request_type,
            Scope_separator = provider.Config.Scope_separator,
            Refresh_url = provider.Config.Refresh_url,
            Token_params = provider.Config.Token_params,
            Token_endpoint_auth_method = provider.Config.Token_endpoint_auth_method,
            Default_expires_in = provider.Config.Default_expires_in,
            Issuer = provider.Config.Issuer,
            Allowed_hosts = provider.Config.Allowed_hosts,
        };
}
