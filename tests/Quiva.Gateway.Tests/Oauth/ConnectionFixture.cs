using System.Net.Http.Json;
using System.Web;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>A gateway, a provider, and what users do with both.</summary>
public abstract class ConnectionFixture(DatabaseProvider engine)
{
    /// <summary>Where the application of the tests is.</summary>
    protected const string ReturnUrl = "https://app.example.com/connected?via=quiva";

    /// <summary>The redirect_url of <see cref="Configs"/> is this gateway's own callback.</summary>
    protected static readonly string[] Settings =
    [
        "--Oauth:AllowedNetworks:0=127.0.0.0/8", "--Oauth:SweepIntervalSeconds=0", "--Oauth:ProviderTimeoutSeconds=1",
        "--Gateway:PublicUrl=https://api.quiva.ai", "--Oauth:ReturnUrls:0="
            + ReturnUrl, "--Oauth:ReturnUrls:1=http://localhost:3000/back",
    ];

    protected DatabaseProvider Engine { get; } = engine;

    protected GatewayApp App { get; private set; } = null!;

    protected FakeProvider Provider { get; private set; } = null!;

    protected HttpClient Admin { get; private set; } = null!;

    /// <summary>A developer of the account acme.</summary>
    protected HttpClient User { get; private set; } = null!;

    /// <summary>A root of another account.</summary>
    protected HttpClient Stranger { get; private set; } = null!;

    protected HttpClient Browser { get; private set; } = null!;

    [SetUp]
    public async Task StartAsync()
    {
        Provider = await FakeProvider.StartAsync();
        App = await GatewayApp.StartAsync(Engine, Settings);
        Admin = await App.AdminAsync();
        User = await App.ClientAsync("acme", "developer");
        Stranger = await App.ClientAsync("other", "root");
        Browser = App.Client();
        using var put = await Admin.PutConfigAsync(Provider.Config("fake"));
        Assert.That((int)put.StatusCode, Is.EqualTo(200), await put.Content.ReadAsStringAsync());
    }

    [TearDown]
    public async Task StopAsync()
    {
        Admin.Dispose();
        User.Dispose();
        Stranger.Dispose();
        Browser.Dispose();
        await App.DisposeAsync();
        await Provider.DisposeAsync();
    }

    protected static string Path(string what, string? connection = null, string integration = "fake") =>
        $"/hub/integrations/{integration}/{what}" + (connection is null ? "" : "/" + connection);

    /// <summary>The parameters of the address that a sign-in sends the browser to.</summary>
    protected static async Task<System.Collections.Specialized.NameValueCollection> SignInAsync(
        HttpClient user, string connection, string? scopes = null, string integration = "fake")
    {
        var answer = await user.GetFromJsonAsync<OauthLoginResponse>(
            Path("oauth-login", connection, integration) + (scopes is null ? "" : "?scopes=" + scopes));
        return HttpUtility.ParseQueryString(new Uri(answer!.Oauth_url).Query);
    }

    /// <summary>The path and query of the callback that the provider sends a browser to.</summary>
    protected static string CallbackOf(string? state, string parameters = "code=the-code") =>
        $"/hub/integrations/oauth-callback?state={state}&{parameters}";

    /// <summary>Starts a sign-in that returns to the application.</summary>
    protected static async Task<(string State, string Session)> SignInForAsync(
        HttpClient user, string connection, string returnUrl = ReturnUrl)
    {
        var answer = await user.GetFromJsonAsync<OauthLoginResponse>(
            Path("oauth-login", connection) + "?return_url=" + Uri.EscapeDataString(returnUrl));
        return (HttpUtility.ParseQueryString(new Uri(answer!.Oauth_url).Query)["state"]!, answer.Session!);
    }

    /// <summary>What an application does with what its user's browser and its user's session have.</summary>
    protected static Task<HttpResponseMessage> FinishAsync(
        HttpClient user, string connection, string handle, string session) =>
        user.PostAsJsonAsync(Path("oauth-login", connection) + "/finish", new { handle, session });

    protected static string HandleOf(BrowserPage page) =>
        HttpUtility.ParseQueryString(new Uri(page.Location!).Query)["handle"]!;

    protected async Task AssertAbsentAsync(string connection, HttpClient? user = null)
    {
        using var absent = await (user ?? User).GetAsync(Path("oauth-token", connection));
        Assert.That((int)absent.StatusCode, Is.EqualTo(404), "Something was stored.");
    }

    protected Task<HttpResponseMessage> CallBackAsync(string? state, string parameters = "code=the-code") =>
        Browser.GetAsync(CallbackOf(state, parameters));

    protected async Task ConnectAsync(string connection, HttpClient? user = null, string integration = "fake")
    {
        var parameters = await SignInAsync(user ?? User, connection, integration: integration);
        using var stored = await CallBackAsync(parameters["state"]);
        Assert.That((int)stored.StatusCode, Is.EqualTo(200), await stored.Content.ReadAsStringAsync());
    }

    protected async Task<OauthConnection> ReadAsync(string connection, HttpClient? user = null) =>
        (await (user ?? User).GetFromJsonAsync<OauthConnection>(Path("oauth-token", connection)))!;
}
