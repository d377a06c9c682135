using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Quiva.Gateway.Cli;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Nodes;
using Quiva.Gateway.Oauth;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Oauth.SignIns;
using Quiva.Gateway.Oauth.TokenEndpoint;
using Quiva.Gateway.Security;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway;

/// <summary>The gateway.</summary>
public static class Program
{
    private static readonly string[] ListenerKeys = ["urls", "http_ports", "https_ports"];
    private const int LongestRequestLine = 16 * 1024;
    private const int LargestBody = 64 * 1024;

    /// <summary>Serves, or runs one of the verbs of the command line.</summary>
    /// <param name="args">See <c>--help</c>.</param>
    /// <returns>0, or 1 after a failure that was told on standard error.</returns>
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args);

    /// <summary>Puts the gateway together; starts nothing.</summary>
    /// <param name="args">Settings: <c>--Section:Key=value</c>.</param>
    /// <param name="configure">Changes for tests and for verbs of the command line.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // appsettings.json stands beside the program; the data directory is relative to the working directory.
        // The name is that of the assembly with the controllers, whichever program has started it.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(Program).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        var services = builder.Services;
        var configuration = builder.Configuration;

        services.AddSettings<DatabaseOptions>("Database").Configure(options => options.ConnectionString = configuration.GetConnectionString("Gateway") ?? "");
        services.AddSettings<GatewayOptions>("Gateway");
        services.AddSettings<OauthOptions>("Oauth");
        services.AddSettings<RateLimitOptions>("RateLimit");
        services.AddSettings<SecretsOptions>("Secrets").Validate(
            secrets => !builder.Environment.IsProduction() || secrets.MasterKey is not null || secrets.Certificate is not null,
            "Production needs Secrets:Certificate or Secrets:MasterKey: without one the keys of all secrets would lie open in the database.");
        services.CheckSettings<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme);

        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Database>();
        services.AddKeyRing(configuration);
        services.AddGatewayAuthentication(configuration);
        services.AddRateLimiter(_ => { }).AddSingleton<IConfigureOptions<RateLimiterOptions>, RateLimit>();
        services.AddSingleton<IHostResolver, SystemResolver>();
        services.AddSingleton<EndpointRules>();
        services.AddSingleton<OauthConfigStore>();
        services.AddSingleton<SignInStore>();
        services.AddSingleton<OauthConnectionStore>();
        services.AddSingleton(provider => new TokenClient(
            Outbound.Create(provider.GetRequiredService<EndpointRules>(), provider.GetRequiredService<IOptions<OauthOptions>>().Value), provider.GetRequiredService<OauthConfigStore>()));
        services.AddSingleton<ConnectionLeaseStore>();
        services.AddSingleton<TokenRefresh>();
        services.AddSingleton<TokenRevocation>();
        services.AddSingleton<TokenAudit>();
        services.AddSingleton<PendingSignInStore>();
        services.AddSingleton<SignInFlow>();
        services.AddSingleton<SignInFinish>();
        services.AddSingleton<SignInPages>();
        services.AddSingleton<CollectionStore>();
        services.AddSingleton<NodeStore>();
        services.AddSingleton<WorkflowStore>();
        services.AddSingleton<WorkflowVersionStore>();
        services.AddContractControllers();
        services.AddExceptionHandler<ContractErrors>();
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: [DatabaseHealth.Tag]);
        services.AddHostedService<Startup>();
        services.AddHostedService<ConnectionSweep>();
        services.AddHostedService<PendingSignInSweep>();
        services.PostConfigure<LoggerFilterOptions>(SilenceTelltales);
        AddTelemetry(builder);
        ConfigureKestrel(builder);
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = _ => Task.CompletedTask });
        app.UseStatusCodePages(ContractErrors.DescribeStatusAsync);
        app.Use(AddSecurityHeaders);
        app.UseHsts();
        // Before authentication: a live gateway says so whatever the probe sends and however the database is.
        app.UseHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.UseHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(DatabaseHealth.Tag) });
        app.UseRouting();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.MapControllers().Add(LeaveMediaTypesToTheAction);
        app.MapContract();
        return app;
    }

    // Routing would refuse a media type before the credentials are decided; the action's own filter does it afterwards.
    private static void LeaveMediaTypesToTheAction(EndpointBuilder endpoint)
    {
        foreach (var accepts in endpoint.Metadata.OfType<IAcceptsMetadata>().ToList())
        {
            endpoint.Metadata.Remove(accepts);
        }
    }

    private static Task AddSecurityHeaders(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (context.Request.Path.StartsWithSegments("/hub"))
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
        }

        return next(context);
    }

    // What these say below a warning holds whole URLs or arguments, and some operations have secrets in theirs: no setting may turn it on.
    // A rule for one provider of logs beats any rule for all of them, so each that has rules gets its own.
    private static void SilenceTelltales(LoggerFilterOptions options)
    {
        foreach (var provider in options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToList())
        {
            options.Rules.Add(new(provider, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning, null));
            options.Rules.Add(new(provider, "Microsoft.AspNetCore.Mvc.Infrastructure.ControllerActionInvoker", LogLevel.Warning, null));
        }
    }

    private static void ConfigureKestrel(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var isListening = ListenerKeys.Any(key => !string.IsNullOrEmpty(configuration[key])) || configuration.GetSection("Kestrel:Endpoints").Exists();
        if (!isListening)
        {
            builder.WebHost.UseUrls("https://localhost:7443");
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Long identifiers get as far as the contract's own limit, and its answer.
            kestrel.Limits.MaxRequestLineSize = LongestRequestLine;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.SslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13;
                if (!builder.Environment.IsProduction() && !configuration.GetSection("Kestrel:Certificates:Default").Exists())
                {
                    var services = kestrel.ApplicationServices;
                    https.ServerCertificate = LocalCertificate.LoadOrCreate(
                        services.GetRequiredService<IOptions<GatewayOptions>>().Value, services.GetRequiredService<TimeProvider>());
                }
            });
        });
    }

    private static void AddTelemetry(WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation())
            .WithMetrics(metrics => metrics.AddMeter(TokenAudit.MeterName, "Microsoft.AspNetCore.*", "System.Runtime"))
            .WithLogging()
            .UseOtlpExporter();
    }

    private sealed class DatabaseHealth(Database database) : IHealthCheck
    {
        public const string Tag = "ready";

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await database.IsReachableAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The database can't be reached.");
    }
}
