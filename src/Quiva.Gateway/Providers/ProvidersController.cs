using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Providers;

/// <summary>The operations of the tag <c>Providers</c>.</summary>
public sealed class ProvidersController(ProviderCatalogue catalogue) : ProvidersControllerBase
{
    /// <inheritdoc/>
    public override Task<ActionResult<ProviderList>> ListProviders(
        string? search, int? limit, string? cursor, CancellationToken cancellationToken) =>
        List<ProviderList, Provider, Provider>(catalogue.List(search, Window.Of(limit, cursor)), provider => provider);

    /// <inheritdoc/>
    public override Task<ActionResult<Provider>> GetProvider(
        string provider_id, CancellationToken cancellationToken) => Task.FromResult<ActionResult<Provider>>(
        catalogue.Find(provider_id)
        ?? throw new GatewayException(GatewayError.NotFound, "The catalogue has no such provider."));
}
