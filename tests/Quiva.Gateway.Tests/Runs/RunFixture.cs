using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Oauth.SignIns;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>A gateway whose workflows run, and something that their steps call.</summary>
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public abstract class RunFixture(DatabaseProvider engine)
{
    public static readonly string[] Settings =
        ["--Runs:AllowedNetworks:0=127.0.0.0/8", "--Runs:RunsPerMinute=1000000", "--Runs:ConcurrentRuns=1000", "--Logging:Captured:LogLevel:Default=Information"];

    private readonly List<HttpClient> clients = [];

    protected GatewayApp App { get; private set; } = null!;

    protected Target Target { get; private set; } = null!;

    /// <summary>A developer of the test's account.</summary>
    protected HttpClient Client { get; private set; } = null!;

    protected string Account { get; private set; } = "";

    protected string Collection { get; private set; } = "";

    protected virtual string[] MoreSettings => [];

    protected virtual void Configure(IServiceCollection services)
    {
    }

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (engine == DatabaseProvider.SqlServer && Engines.RunsObstacle is { } obstacle)
        {
            Assert.Ignore(obstacle);
        }

        Target = await Target.StartAsync();
        App = await GatewayApp.StartAsync(engine, Configure, [.. Settings, .. MoreSettings]);
    }

    [SetUp]
    public async Task OpenAccountAsync()
    {
        Account = "account-" + Guid.NewGuid().ToString("n");
        Client = await ClientAsync("developer");
        Collection = await Client.CollectionAsync("workflow");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        clients.ForEach(client => client.Dispose());
        await (App?.DisposeAsync() ?? default);
        await (Target?.DisposeAsync() ?? default);
    }

    protected async Task<HttpClient> ClientAsync(params string[] roles)
    {
        var client = await App.ClientAsync(Account, roles);
        clients.Add(client);
        return client;
    }

    /// <summary>Connects the account as <c>maria</c>, with the tokens <c>access-secret</c> and <c>refresh-secret</c>.</summary>
    protected async Task ConnectAsync(string integration, string tokenUrl)
    {
        using var admin = await App.AdminAsync();
        var config = Configs.Body(integration);
        config["auth_url"] = tokenUrl.Replace("/token", "/authorize", StringComparison.Ordinal);
        config["token_url"] = tokenUrl;
        using var put = await admin.PutConfigAsync(config);
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK), await put.Content.ReadAsStringAsync());
        var signIn = new SignIn
        {
            Account = Account,
            Actor = "user:maria",
            IntegrationId = integration,
            ConnectionId = "maria",
            Scopes = "read"
        };
        await App.Services.GetRequiredService<OauthConnectionStore>().SaveAsync(
            signIn,
            new("access-secret", "refresh-secret", "bearer", TimeSpan.FromHours(1)),
            DateTimeOffset.UtcNow,
            default);
    }

    /// <summary>Makes a workflow and returns the path of its draft's runs.</summary>
    protected async Task<string> FlowAsync(string nodes, string edges = "", string more = "") =>
        $"/hub/workflows/{Collection}/{await Client.WorkflowAsync(Collection, Guid.NewGuid().ToString(), Config(nodes, edges, more))}/run?draft=true";

    /// <summary>A configuration: nodes as <c>{…data…}</c>, edges as <c>a>b</c> separated by spaces.</summary>
    protected static string Config(string nodes, string edges = "", string more = "")
    {
        var wrapped = new JsonArray([.. JsonNode.Parse($"[{nodes}]")!.AsArray().Select(data => (JsonNode)new JsonObject { ["data"] = data!.DeepClone() })]);
        var links = new JsonArray([.. edges.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(edge => edge.Split('>', ':')).Select(ends => (JsonNode)(ends.Length == 2
            ? new JsonObject { ["source"] = ends[0], ["target"] = ends[1] }
            : new JsonObject { ["source"] = ends[0], ["sourceHandle"] = ends[1], ["target"] = ends[2] }))]);
        return $$"""{"nodes":{{wrapped.ToJsonString()}},"edges":{{links.ToJsonString()}}{{(more.Length == 0 ? "" : "," + more)}}}""";
    }

    /// <summary>Runs and waits.</summary>
    protected Task<Reply> RunAsync(string flow, string trigger = "{}", string more = "", HttpClient? client = null) =>
        (client ?? Client).CallAsync("POST", flow, $$"""{"trigger":{{trigger}},"await":true{{more}}}""");

    /// <summary>Makes a workflow, runs it and returns its result as JSON.</summary>
    protected async Task<string> ResultAsync(string nodes, string edges = "", string result = "\"r\"", string trigger = "{}")
    {
        var reply = await RunAsync(await FlowAsync(nodes, edges, $"\"result\":{result}"), trigger);
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        return reply.Json["result"]?.ToJsonString() ?? "null";
    }

    /// <summary>Starts a run and returns its id.</summary>
    protected async Task<string> StartAsync(string flow, string trigger = "{}", string more = "")
    {
        var reply = await Client.CallAsync("POST", flow, $$"""{"trigger":{{trigger}}{{more}}}""");
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        return ((string)reply.Json["trackingId"]!).Split('.')[3];
    }

    protected async Task<JsonNode> ReadAsync(string run, HttpClient? client = null)
    {
        var reply = await (client ?? Client).CallAsync("GET", "/hub/workflows/runs/" + run);
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        return reply.Json;
    }

    /// <summary>Waits until a run is in one of these states.</summary>
    protected async Task<JsonNode> UntilAsync(string run, params string[] states)
    {
        for (var wait = 0; ; wait++)
        {
            var read = await ReadAsync(run);
            if (states.Contains((string)read["status"]!))
            {
                return read;
            }

            Assert.That(wait, Is.LessThan(400), read.ToJsonString());
            await Task.Delay(25);
        }
    }
}

/// <summary>What steps call, at http://127.0.0.1.</summary>
public sealed class Target : IAsyncDisposable
{
    private readonly WebApplication app;

    private Target(WebApplication app) => this.app = app;

    public string Url => app.Urls.First();

    /// <summary>How often each key was called.</summary>
    public ConcurrentDictionary<string, int> Calls { get; } = new();

    /// <summary>Path, query and headers of every call.</summary>
    public ConcurrentQueue<(string Path, IHeaderDictionary Headers, string Body)> Requests { get; } = new();

    /// <summary>What it answers; the path is the default.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = Echo;

    public static Task Echo(HttpContext context) => context.Response.WriteAsJsonAsync(new { path = context.Request.Path.Value });

    public static async Task<Target> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var target = new Target(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            target.Requests.Enqueue((context.Request.Path + context.Request.QueryString.Value, new HeaderDictionary(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value)), await reader.ReadToEndAsync()));
            target.Calls.AddOrUpdate(context.Request.Headers["Idempotency-Key"].ToString(), 1, (_, count) => count + 1);
            await target.Answer(context);
        });
        await app.StartAsync();
        return target;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
