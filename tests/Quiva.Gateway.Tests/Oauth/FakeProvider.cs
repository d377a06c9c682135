using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>A provider that does what a test tells it, at http://127.0.0.1.</summary>
public sealed class FakeProvider : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeProvider(WebApplication app) => this.app = app;

    /// <summary>What came to the token endpoint: fields of the form, and <c>authorization</c> for the header.</summary>
    public ConcurrentQueue<Dictionary<string, string>> TokenRequests { get; } = new();

    public ConcurrentQueue<Dictionary<string, string>> Revocations { get; } = new();

    /// <summary>What the token endpoint does.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context => context.Response.WriteAsJsonAsync(Tokens());

    /// <summary>What the revocation endpoint does after that.</summary>
    public Func<HttpContext, Task> Revoke { get; set; } = _ => Task.CompletedTask;

    public string Url => app.Urls.First();

    public static async Task<FakeProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new FakeProvider(app);
        app.MapPost("/token", async context =>
        {
            provider.TokenRequests.Enqueue(await FieldsAsync(context.Request));
            await provider.Answer(context);
        });
        app.MapPost("/revoke", async context =>
        {
            provider.Revocations.Enqueue(await FieldsAsync(context.Request));
            await provider.Revoke(context);
        });
        await app.StartAsync();
        return provider;
    }

    public static JsonObject Tokens(string name = "1", int? expiresIn = 3600) => new()
    {
        ["access_token"] = "access-" + name,
        ["refresh_token"] = "refresh-" + name,
        ["token_type"] = "Bearer",
        ["expires_in"] = expiresIn,
    };

    /// <summary>The configuration that leads here.</summary>
    public JsonObject Config(string integration)
    {
        var config = Configs.Body(integration);
        config["auth_url"] = Url + "/authorize?tenant=1";
        config["token_url"] = Url + "/token";
        return config;
    }

    public static Func<HttpContext, Task> Say(int status, string contentType, string body) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(body);
    };

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static async Task<Dictionary<string, string>> FieldsAsync(HttpRequest request)
    {
        var fields = (await request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString());
        fields["authorization"] = request.Headers.Authorization.ToString();
        return fields;
    }
}
