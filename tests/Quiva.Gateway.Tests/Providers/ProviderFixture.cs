using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Web;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// One gateway and one raw provider for all tests of a fixture; each test has an integration of its own.
/// </summary>
public abstract class ProviderFixture(DatabaseProvider engine)
{
    private static int count;

    /// <summary>Whether the long forms of tests run: <c>GATEWAY_TEST_LONG=1</c>.</summary>
    protected static bool IsLong { get; } = Environment.GetEnvironmentVariable("GATEWAY_TEST_LONG") == "1";

    /// <summary>How long the provider may take; short where a test waits for it.</summary>
    protected virtual int TimeoutSeconds => 1;

    protected DatabaseProvider Engine { get; } = engine;

    protected GatewayApp App { get; private set; } = null!;

    protected RawProvider Provider { get; private set; } = null!;

    protected HttpClient Admin { get; private set; } = null!;

    /// <summary>A developer of the account acme.</summary>
    protected HttpClient User { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Provider = RawProvider.Start();
        App = await GatewayApp.StartAsync(
            Engine,
            "--Oauth:AllowedNetworks:0=127.0.0.0/8",
            "--Oauth:SweepIntervalSeconds=0",
            $"--Oauth:ProviderTimeoutSeconds={TimeoutSeconds}");
        Admin = await App.AdminAsync();
        User = await App.ClientAsync("acme", "developer");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        Admin.Dispose();
        User.Dispose();
        await App.DisposeAsync();
        await Provider.DisposeAsync();
    }

    protected static string NewIntegration() => "p" + Interlocked.Increment(ref count);

    protected static JsonObject Tokens(int number, int expiresIn = 3600) => new()
    {
        ["access_token"] = "access-" + number,
        ["refresh_token"] = "refresh-" + number,
        ["token_type"] = "Bearer",
        ["expires_in"] = expiresIn,
    };

    /// <summary>Stores a configuration that leads to the raw provider.</summary>
    protected async Task ConfigureAsync(string integration, Action<JsonObject>? change = null)
    {
        var config = Configs.Body(integration);
        config["auth_url"] = $"{Provider.Url}/{integration}/authorize";
        config["token_url"] = $"{Provider.Url}/{integration}/token";
        config["revocation_url"] = $"{Provider.Url}/{integration}/revoke";
        change?.Invoke(config);
        using var put = await Admin.PutConfigAsync(config);
        Assert.That((int)put.StatusCode, Is.EqualTo(200), await put.Content.ReadAsStringAsync());
    }

    protected async Task<Uri> LoginAsync(string integration, string query = "", string connection = "maria")
    {
        using var response = await User.GetAsync(
            $"/hub/integrations/{integration}/oauth-login/{Uri.EscapeDataString(connection)}{query}");
        Assert.That((int)response.StatusCode, Is.EqualTo(200), await response.Content.ReadAsStringAsync());
        return new((await response.Content.ReadFromJsonAsync<OauthLoginResponse>())!.Oauth_url);
    }

    /// <summary>
    /// What the browser does after the provider: the account's own backend calls, so that any redirect_url will do.
    /// </summary>
    protected Task<HttpResponseMessage> CallBackAsync(Uri authorization, string parameters = "code=the-code") =>
        User.GetAsync(
            $"/hub/integrations/oauth-callback?state={HttpUtility.ParseQueryString(authorization.Query)["state"]}&{parameters}");

    protected async Task ConnectAsync(
        string integration, string query = "", string parameters = "code=the-code", string connection = "maria")
    {
        using var stored = await CallBackAsync(await LoginAsync(integration, query, connection), parameters);
        Assert.That((int)stored.StatusCode, Is.EqualTo(200), await stored.Content.ReadAsStringAsync());
    }

    protected async Task<OauthConnection> ReadAsync(string integration, string connection = "maria")
    {
        using var response =
            await User.GetAsync($"/hub/integrations/{integration}/oauth-token/{Uri.EscapeDataString(connection)}");
        Assert.That((int)response.StatusCode, Is.EqualTo(200), await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<OauthConnection>())!;
    }

    protected Task<HttpResponseMessage> RenewAsync(string integration, string refreshToken, string connection = "maria")
    {
        var path = $"/hub/integrations/{integration}/oauth-refresh-token/{Uri.EscapeDataString(connection)}";
        return User.GetAsync($"{path}?refresh_token={Uri.EscapeDataString(refreshToken)}");
    }

    protected Task<HttpResponseMessage> RemoveAsync(string integration, string connection = "maria") =>
        User.DeleteAsync($"/hub/integrations/{integration}/oauth-connections/{Uri.EscapeDataString(connection)}");

    protected static bool IsExchange(RawRequest request) => request["grant_type"] == "authorization_code";
}
