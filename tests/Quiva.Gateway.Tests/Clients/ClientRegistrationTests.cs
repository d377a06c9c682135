using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Client;

namespace Quiva.Gateway.Tests.Clients;

public sealed class ClientRegistrationTests
{
    [Test]
    public void Every_client_is_registered()
    {
        using var provider =
            Provider(options => (options.BaseAddress, options.ApiKey) = (new("https://gateway.example"), "a"));
        var clients = typeof(ICollectionsClient).Assembly
            .GetExportedTypes()
            .Where(type => type.IsInterface && type.Name.EndsWith("Client", StringComparison.Ordinal))
            .ToList();
        Assert.That(clients, Has.Count.EqualTo(6));
        Assert.That(clients.Select(provider.GetService), Has.None.Null);
    }

    [TestCase("https://gateway.example/api", "https://gateway.example/api/hub/collections")]
    [TestCase("https://gateway.example", "https://gateway.example/hub/collections")]
    [TestCase("http://localhost:7080/", "http://localhost:7080/hub/collections")]
    public async Task Requests_go_below_the_address_with_the_API_key(string address, string expected)
    {
        var stub = new Stub();
        await using var provider =
            Provider(options => (options.BaseAddress, options.ApiKey) = (new(address), "the-key"), stub);
        await provider.GetRequiredService<ICollectionsClient>().ListCollectionsAsync();
        Assert.That(stub.Sent.Single().RequestUri!.ToString(), Is.EqualTo(expected));
        Assert.That(stub.Sent.Single().Headers.GetValues("X-Api-Key"), Is.EqualTo(new[] { "the-key" }));
        Assert.That(stub.Sent.Single().Headers.Authorization, Is.Null);
    }

    [Test]
    public async Task A_bearer_token_is_asked_for_with_each_request()
    {
        var (stub, tokens) = (new Stub(), 0);
        await using var provider = Provider(options => (options.BaseAddress, options.BearerToken) =
            (new("https://gateway.example"), _ => new($"token-{++tokens}")), stub);
        var client = provider.GetRequiredService<ICollectionsClient>();
        await client.ListCollectionsAsync();
        await client.ListCollectionsAsync();
        Assert.That(
            stub.Sent.Select(request => request.Headers.Authorization!.ToString()),
            Is.EqualTo(new[] { "Bearer token-1", "Bearer token-2" }));
    }

    [TestCase(null, "a", false)]
    [TestCase("http://gateway.example", "a", false)]
    [TestCase("/relative", "a", false)]
    [TestCase("https://gateway.example", null, false)]
    [TestCase("https://gateway.example", "", false)]
    [TestCase("https://gateway.example", "a", true)]
    public void Credentials_go_only_to_a_safe_address_and_are_exactly_one(string? address, string? key, bool token)
    {
        using var provider = Provider(options =>
        {
            options.BaseAddress = address is null ? null : new(address, UriKind.RelativeOrAbsolute);
            options.ApiKey = key;
            options.BearerToken = token ? _ => new("b") : null;
        });
        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOauthClient>());
    }

    [Test]
    public async Task A_redirect_does_not_take_the_key_along()
    {
        var services = new ServiceCollection();
        HttpMessageHandler? primary = null;
        services.AddQuivaGatewayClient(
            options => (options.BaseAddress, options.ApiKey) = (new("https://gateway.example"), "a"))
            .ConfigurePrimaryHttpMessageHandler((handler, _) => primary = handler);
        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<ICollectionsClient>();
        Assert.That(((SocketsHttpHandler)primary!).AllowAutoRedirect, Is.False);
    }

    private static ServiceProvider Provider(
        Action<QuivaGatewayClientOptions> configure, HttpMessageHandler? primary = null)
    {
        var services = new ServiceCollection();
        var http = services.AddQuivaGatewayClient(configure);
        if (primary is not null)
        {
            http.ConfigurePrimaryHttpMessageHandler(() => primary);
        }

        return services.BuildServiceProvider();
    }

    private sealed class Stub : HttpMessageHandler
    {
        public List<HttpRequestMessage> Sent { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent.Add(request);
            return Task.FromResult(new HttpResponseMessage(
                HttpStatusCode.OK)
            { Content = new StringContent("""{"results":[],"results_total":0}""") });
        }
    }
}
