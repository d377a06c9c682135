using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Moq;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Tests;

/// <summary>The gateway as it is, on Kestrel over HTTPS, in this process, on a database of its own.</summary>
public sealed class GatewayApp : IAsyncDisposable
{
    // As an operator would set it who wants to see all there is.
    private static readonly string[] EverythingLogged =
    [
        .. new[]
        {
            "Default", "Microsoft", "Microsoft.*.Kestrel", "Microsoft.AspNetCore", "Microsoft.AspNetCore.DataProtection",
            "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Mvc.Infrastructure.ControllerActionInvoker",
            "Microsoft.AspNetCore.Server.Kestrel.BadRequests", "Microsoft.AspNetCore.Routing", "Microsoft.AspNetCore.Authentication",
            "System.Net.Http",
        }.SelectMany(category => new[]
        {
            $"--Logging:LogLevel:{category}=Trace",
            $"--Logging:Captured:LogLevel:{category}=Trace"
        }),
    ];

    private readonly WebApplication app;
    private readonly TestDatabase? owned;
    private readonly CapturedLogs logs;

    private GatewayApp(WebApplication app, TestDatabase? owned, TestDatabase database, CapturedLogs logs)
    {
        this.app = app;
        this.owned = owned;
        this.logs = logs;
        TestDatabase = database;
    }

    /// <summary>
    /// A secret that no test may ever see again. Every response that comes through a client of this class is searched
    /// for it.
    /// </summary>
    public string Canary { get; } = "canary-" + Guid.NewGuid().ToString("n");

    public TestDatabase TestDatabase { get; }

    public Uri Address { get; private set; } = null!;

    public IServiceProvider Services => app.Services;

    public Database Database => Services.GetRequiredService<Database>();

    /// <summary>Everything that was logged, at every level.</summary>
    public string Logs => logs.Text;

    public static Task<GatewayApp> StartAsync(DatabaseProvider provider, params string[] settings) =>
        StartAsync(provider, _ => { }, settings);

    public static async Task<GatewayApp> StartAsync(
        DatabaseProvider provider, Action<IServiceCollection> configure, params string[] settings)
    {
        var database = TestDatabase.Create(provider);
        return await StartAsync(database, database, configure, settings);
    }

    /// <summary>Another instance on a database that is there already.</summary>
    public static Task<GatewayApp> StartAsync(
        TestDatabase database, Action<IServiceCollection>? configure = null, params string[] settings) =>
        StartAsync(database, null, configure ?? (_ => { }), settings);

    private static async Task<GatewayApp> StartAsync(
        TestDatabase database, TestDatabase? owned, Action<IServiceCollection> configure, string[] settings)
    {
        var logs = new CapturedLogs();
        // Each watcher of a settings file holds one of the 128 inotify instances that Linux gives a user.
        string[] args =
        [
            .. EverythingLogged, "--hostBuilder:reloadConfigOnChange=false", "--environment=Development",
            "--urls=https://127.0.0.1:0", "--RateLimit:Enabled=false", .. Tokens.Settings, .. database.Settings,
            .. settings
        ];
        var app = Program.Build(args, builder =>
        {
            builder.Services.Remove(
                builder.Services.Single(service => service.ImplementationType == typeof(ConsoleLoggerProvider)));
            builder.Logging.AddProvider(logs);
            // Names are looked up nowhere: a test that needs addresses says which.
            builder.Services.Replace(ServiceDescriptor.Singleton(Mock.Of<IHostResolver>(resolver =>
                resolver.ResolveAsync(
                    It.IsAny<string>(),
                    It.IsAny<CancellationToken>()) == Task.FromResult<IReadOnlyList<System.Net.IPAddress>>(
                    Array.Empty<System.Net.IPAddress>()))));
            configure(builder.Services);
        });
        var gateway = new GatewayApp(app, owned, database, logs);
        try
        {
            Settings.Validate(app.Services);
            await app.StartAsync();
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }

        gateway.Address = new Uri(
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return gateway;
    }

    /// <summary>A client that checks each response against the contract.</summary>
    public HttpClient Client(Action<HttpRequestHeaders>? credentials = null) =>
        Client(Address, TestDatabase.Directory, Canary, credentials);

    public static HttpClient Client(
        Uri address, string dataDirectory, string? canary, Action<HttpRequestHeaders>? credentials, bool isChecked =
            true) => Client(
        address, isChecked ? new ContractHandler(
            canary)
        { InnerHandler = Trusting(dataDirectory) } : Trusting(dataDirectory), credentials);

    /// <summary>A client that checks nothing, for calls by the thousand of a kind that other tests check.</summary>
    public async Task<HttpClient> UncheckedClientAsync(string account, params string[] roles)
    {
        var key = await KeyAsync(account, roles);
        return Client(Address, Trusting(TestDatabase.Directory), headers => headers.Add(ApiKeyHandler.HeaderName, key));
    }

    private static HttpClient Client(Uri address, HttpMessageHandler handler, Action<HttpRequestHeaders>? credentials)
    {
        var client = new HttpClient(handler) { BaseAddress = address };
        credentials?.Invoke(client.DefaultRequestHeaders);
        return client;
    }

    private static SocketsHttpHandler Trusting(string dataDirectory)
    {
        var own = HashOfOwn(dataDirectory);
        return new()
        {
            AllowAutoRedirect = false,
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == own
            },
        };
    }

    /// <summary>Whether a certificate is the one that the gateway has made for itself.</summary>
    public bool IsOwn(X509Certificate? presented) =>
        presented?.GetCertHashString() == HashOfOwn(TestDatabase.Directory);

    private static string HashOfOwn(string dataDirectory)
    {
        using var own = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(dataDirectory, "localhost.crt"));
        return own.GetCertHashString();
    }

    /// <summary>A client with a new API key.</summary>
    public async Task<HttpClient> ClientAsync(string account, params string[] roles)
    {
        var key = await KeyAsync(account, roles);
        return Client(headers => headers.Add(ApiKeyHandler.HeaderName, key));
    }

    /// <summary>A client of the platform's own staff.</summary>
    public Task<HttpClient> AdminAsync() => ClientAsync("platform", "quiva-admin");

    public async Task<string> KeyAsync(string account, string[] roles, TimeSpan? lifetime = null) =>
        (await Services.GetRequiredService<ApiKeyStore>().CreateAsync(account, roles, "test", lifetime, default)).Key;

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        owned?.Dispose();
    }

    [ProviderAlias("Captured")]
    private sealed class CapturedLogs : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> lines = new();

        public string Text => string.Join('\n', lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue($"scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs) : "";
            lines.Enqueue($"{logLevel} {formatter(state, exception)} {values} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
