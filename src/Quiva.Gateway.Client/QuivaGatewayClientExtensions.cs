using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway.Client;

/// <summary>Registers the clients.</summary>
public static class QuivaGatewayClientExtensions
{
    private const string Name = "Quiva.Gateway";

    /// <summary>
    /// Makes <see cref="ICollectionsClient"/>, <see cref="INodesClient"/>, <see cref="IWorkflowsClient"/>,
    /// <see cref="IOauthClient"/>, <see cref="IProvidersClient"/> and <see cref="IApiKeysClient"/> available. They
    /// share an
    /// <see cref="HttpClient"/> of the <see cref="IHttpClientFactory"/>, and their requests carry the credentials.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Says where the gateway is and who calls it.</param>
    /// <returns>What further handlers, such as retries, can be added to.</returns>
    /// <exception cref="OptionsValidationException">
    /// Thrown when a client is first asked for: the address is not safe, or there is not exactly one credential.
    /// </exception>
    public static IHttpClientBuilder AddQuivaGatewayClient(
        this IServiceCollection services, Action<QuivaGatewayClientOptions> configure)
    {
        services.AddOptions<QuivaGatewayClientOptions>().Configure(configure)
            .Validate(
                options => options.IsSafe,
                "BaseAddress must be an absolute https address; http is for this machine only.")
            .Validate(options => options.HasOneCredential, "Set ApiKey or BearerToken, and not both.");
        services.AddTransient<IApiKeysClient>(provider => new ApiKeysClient(Http(provider)));
        services.AddTransient<ICollectionsClient>(provider => new CollectionsClient(Http(provider)));
        services.AddTransient<INodesClient>(provider => new NodesClient(Http(provider)));
        services.AddTransient<IProvidersClient>(provider => new ProvidersClient(Http(provider)));
        services.AddTransient<IWorkflowsClient>(provider => new WorkflowsClient(Http(provider)));
        services.AddTransient<IOauthClient>(provider => new OauthClient(Http(provider)));
        return services.AddHttpClient(Name, (provider, http) => http.BaseAddress = Options(provider).Root)
            // A redirect to another host would take the API key along.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false })
            .AddHttpMessageHandler(provider => new CredentialsHandler(Options(provider)));
    }

    private static HttpClient Http(IServiceProvider provider) =>
        provider.GetRequiredService<IHttpClientFactory>().CreateClient(Name);

    private static QuivaGatewayClientOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<QuivaGatewayClientOptions>>().Value;

    private sealed class CredentialsHandler(QuivaGatewayClientOptions options) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (options.BearerToken is { } token)
            {
                request.Headers.Authorization =
                    new AuthenticationHeaderValue("Bearer", await token(cancellationToken).ConfigureAwait(false));
            }
            else
            {
                request.Headers.Remove("X-Api-Key");
                request.Headers.Add("X-Api-Key", options.ApiKey);
            }

            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }
}
