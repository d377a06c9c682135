using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Oauth;

/// <summary>The operations of the tag <c>Oauth</c>.</summary>
public sealed class OauthController(OauthConfigStore configs, EndpointRules endpoints) : OauthControllerBase
{
    /// <inheritdoc/>
    public override async Task<ActionResult<OauthConfigList>> GetIntegrationsOauthConfigs(CancellationToken cancellationToken)
    {
        var results = await configs.ListAsync(cancellationToken);
        return new OauthConfigList { Results = results, Results_total = results.Count };
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<OauthConfigBasicData>> GetIntegrationOauthConfig(string integration_id, CancellationToken cancellationToken)
    {
        var found = await configs.FindAsync(integration_id, cancellationToken) ?? throw NoConfig;
        SetETag(found.Version);
        return found.Value;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> PutIntegrationsOauthConfig(
        string? if_Match, IntegrationOauthConfig body, string integration_id, CancellationToken cancellationToken)
    {
        var precondition = Precondition(if_Match);
        if (body.Integration_id != integration_id)
        {
            throw new GatewayException(GatewayError.Invalid, "integration_id in the body differs from the one in the path.");
        }

        await endpoints.CheckAsync(body, cancellationToken);
        SetETag(await configs.SaveAsync(body, precondition, Caller, cancellationToken));
        return Success;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> DeleteIntegrationsOauthConfig(
        string? if_Match, string integration_id, CancellationToken cancellationToken) =>
        await configs.DeleteAsync(integration_id, Precondition(if_Match), Caller, cancellationToken) ? Success : throw NoConfig;

    private static GatewayException NoConfig => new(GatewayError.NotFound, "This integration has no OAuth configuration.");
}
