using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>
/// An authorization server that this project has not written: OpenIddict's, on Kestrel over plain http, in memory.
/// Codes, PKCE, client authentication, rotation and revocation are its own; all that is added is a user who is signed
/// in, and agrees to all but <c>profile</c>.
/// </summary>
public sealed class AuthorizationServer : IAsyncDisposable
{
    // Needs the encoding of RFC 6749, section 2.3.1, to get through an Authorization header.
    private const string ClientId = "hub: client+1%";
    private readonly WebApplication app;
    private readonly string method, secret;
    private readonly HttpClient http =
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    private AuthorizationServer(WebApplication app, string method, string secret) =>
        (this.app, this.method, this.secret) = (app, method, secret);

    /// <summary>Starts it with one client.</summary>
    /// <param name="method">
    /// The only form of client authentication that it takes: <c>client_secret_basic</c> or <c>client_secret_post</c>.
    /// </param>
    /// <param name="secret">The client's secret.</param>
    public static async Task<AuthorizationServer> StartAsync(string method, string secret)
    {
        // Empty: the gateway's appsettings.json stands beside the tests too.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var database = Guid.NewGuid().ToString();
        builder.Services.AddDbContext<DbContext>(options => options.UseInMemoryDatabase(database).UseOpenIddict());
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().DisableBulkOperations().UseDbContext<DbContext>())
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("authorize")
                    .SetTokenEndpointUris("token")
                    .SetUserInfoEndpointUris("userinfo")
                    .SetRevocationEndpointUris("revoke");
                server.AllowAuthorizationCodeFlow()
                    .RequireProofKeyForCodeExchange()
                    .AllowRefreshTokenFlow()
                    .RegisterScopes(Scopes.Email, Scopes.Profile);
                // A refresh token works once, without the half minute of grace that is the default.
                server.SetRefreshTokenReuseLeeway(null);
                // Keys that are made at once: its own choice, RSA, takes seconds.
                server.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)))
                    .AddEphemeralSigningKey(SecurityAlgorithms.EcdsaSha256);
                server.AddEventHandler<HandleAuthorizationRequestContext>(handler => handler.UseInlineHandler(SignIn));
                server.UseAspNetCore().DisableTransportSecurityRequirement();
                server.Configure(options => options.ClientAuthenticationMethods.IntersectWith([method]));
            });
        var app = builder.Build();
        app.UseAuthentication();
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>()
                .CreateAsync(new OpenIddictApplicationDescriptor
                {
                    ClientId = ClientId,
                    ClientSecret = secret,
                    RedirectUris = { new(RedirectUrl) },
                    Permissions =
                {
                    Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.Revocation,
                    Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
                    Permissions.Scopes.Email, Permissions.Scopes.Profile,
                },
                });
        }

        await app.StartAsync();
        return new(app, method, secret);
    }

    private static string RedirectUrl => (string)Configs.Body("any")["redirect_url"]!;

    /// <summary>
    /// The configuration that makes the gateway its client. <c>offline_access</c> is what it gives refresh tokens for.
    /// </summary>
    public JsonObject Config(string integration)
    {
        var body = Configs.Body(integration, secret);
        body["scopes"] = "email,offline_access";
        body["client_id"] = ClientId;
        body["auth_url"] = UrlOf("authorize");
        body["token_url"] = UrlOf("token");
        body["revocation_url"] = UrlOf("revoke");
        return body;
    }

    /// <summary>Does what a browser does with the address of a sign-in.</summary>
    /// <returns>The query of the address that the browser is sent to.</returns>
    public async Task<string> SignInAsync(string oauthUrl)
    {
        using var response = await http.GetAsync(oauthUrl);
        Assert.That(
            response.StatusCode, Is.EqualTo(HttpStatusCode.Redirect), await response.Content.ReadAsStringAsync());
        Assert.That(response.Headers.Location!.GetLeftPart(UriPartial.Path), Is.EqualTo(RedirectUrl));
        return response.Headers.Location.Query;
    }

    /// <summary>What it says about the user to the holder of an access token; null when it refuses the token.</summary>
    public async Task<JsonObject?> UserInfoAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, UrlOf("userinfo"))
        { Headers = { Authorization = new("Bearer", accessToken) } };
        using var response = await http.SendAsync(request);
        return response.StatusCode == HttpStatusCode.Unauthorized
            ? null
            : await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>();
    }

    /// <summary>Sends it a refresh token, past the gateway.</summary>
    /// <returns>The error code; null when there are new tokens.</returns>
    public async Task<string?> RefreshAsync(string refreshToken)
    {
        var form =
            new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken };
        using var request = new HttpRequestMessage(HttpMethod.Post, UrlOf("token"));
        if (method == ClientAuthenticationMethods.ClientSecretBasic)
        {
            var credentials = $"{Uri.EscapeDataString(ClientId)}:{Uri.EscapeDataString(secret)}";
            request.Headers.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(credentials)));
        }
        else
        {
            (form["client_id"], form["client_secret"]) = (ClientId, secret);
        }

        request.Content = new FormUrlEncodedContent(form);
        using var response = await http.SendAsync(request);
        return (string?)(await response.Content.ReadFromJsonAsync<JsonObject>())!["error"];
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.DisposeAsync();
    }

    private static ValueTask SignIn(HandleAuthorizationRequestContext context)
    {
        if (context.Request.HasScope(Scopes.Profile))
        {
            context.Reject(Errors.AccessDenied, "The user keeps the profile private.");
            return ValueTask.CompletedTask;
        }

        var identity = new ClaimsIdentity("test");
        identity.SetClaim(Claims.Subject, "ann")
            .SetClaim(Claims.Email, "ann@example.com")
            .SetScopes(context.Request.GetScopes());
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        context.SignIn(new ClaimsPrincipal(identity));
        return ValueTask.CompletedTask;
    }

    private string UrlOf(string endpoint) => $"{app.Urls.Single()}/{endpoint}";
}
