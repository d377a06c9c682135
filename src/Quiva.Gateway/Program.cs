using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Accounts;
using Quiva.Gateway.ApiKeys;
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
using Quiva.Gateway.Providers;
using Quiva.Gateway.Security;
using Quiva.Gateway.Workflows;
using Quiva.Gateway.Workflows.Runs;
using Quiva.Gateway.Workflows.Runs.Pages;

namespace Quiva.Gateway;

/// <summary>The gateway.</summary>
public static class Program
{
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

        services.AddSettings<ApiKeyOptions>("ApiKeys");
        services.AddSettings<DatabaseOptions>("Database").Configure(options => options.ConnectionString = configuration.GetConnectionString("Gateway") ?? "");
        services.AddSettings<GatewayOptions>("Gateway");
        services.AddSettings<OauthOptions>("Oauth");
        services.AddSettings<QuotaOptions>("Quotas");
        services.AddSettings<RateLimitOptions>("RateLimit");
        services.AddSettings<SecretsOptions>("Secrets").Validate(
            secrets => !builder.Environment.IsProduction() || secrets.MasterKey is not null || secrets.Certificate is not null,
            "Production needs Secrets:Certificate or Secrets:MasterKey: without one the keys of all secrets would lie open in the database.");
        services.CheckSettings<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme);

        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Database>();
        services.AddSingleton<AccountEraseStore>();
        services.AddSingleton<AccountErasure>();
        services.AddSingleton<CounterStore>();
        services.AddSingleton<CounterCheckStore>();
        services.AddSingleton<ChangePruneStore>();
        services.AddSingleton<DatabaseProbe>();
        services.AddKeyRing(configuration);
        services.AddGatewayAuthentication(configuration);
        services.AddRateLimiter(_ => { });
        services.AddSingleton<RateLimit>();
        services.AddSingleton<IConfigureOptions<RateLimiterOptions>>(provider => provider.GetRequiredService<RateLimit>());
        services.AddSingleton<IHostResolver, SystemResolver>();
        services.AddSingleton<EndpointRules>();
        services.AddSingleton<ProviderCatalogue>();
        services.AddSingleton<OauthConfigStore>();
        services.AddSingleton<CredentialFormStore>();
        services.AddSingleton<SignInStore>();
        services.AddSingleton<OauthConnectionStore>();
        services.AddSingleton<ConnectionListStore>();
        services.AddSingleton(provider => new TokenClient(
            Outbound.Create(provider.GetRequiredService<EndpointRules>(), provider.GetRequiredService<IOptions<OauthOptions>>().Value),
            provider.GetRequiredService<CredentialFormStore>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TokenClient>>()));
        services.AddSingleton<ConnectionLeaseStore>();
        services.AddSingleton<DueConnectionStore>();
        services.AddSingleton<TokenRefresh>();
        services.AddSingleton<TokenRevocation>();
        services.AddSingleton<TokenAudit>();
        services.AddSingleton<PendingSignInStore>();
        services.AddSingleton<SignInFlow>();
        services.AddSingleton<SignInFinish>();
        services.AddSingleton<SignInPages>();
        services.AddSingleton<AccountKeyStore>();
        services.AddSingleton<CollectionStore>();
        services.AddSingleton<NodeStore>();
        services.AddSingleton<WorkflowStore>();
        services.AddSingleton<WorkflowRowStore>();
        services.AddSingleton<WorkflowVersionStore>();
        services.AddRuns();
        services.AddSingleton<ChangeListStore>();
        services.AddContractControllers();
        services.AddExceptionHandler<ContractErrors>();
        services.AddCors();
        services.AddCompression();
        Readiness.Add(services);
        services.AddHostedService<Startup>();
        services.AddHostedService<ConnectionSweep>();
        services.AddHostedService<DatabaseAdvice>();
        services.AddHostedService<PendingSignInSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<RunStarter>());
        services.SuppressSecretBearingLogs();
        builder.AddTelemetry();
        builder.ConfigureListeners();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseKnownProxies();
        app.UseSecurityHeaders();
        app.UseHeadAsGet();
        app.UseCompression();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = _ => Task.CompletedTask });
        app.UseStatusCodePages(ContractErrors.DescribeStatusAsync);
        // Before authentication: a live gateway says so whatever the probe sends and however the database is.
        Readiness.Map(app);
        app.UseRouting();
        app.UseExactPaths();
        app.UseAllowedOrigins();
        app.UseAuthentication();
        app.Use(WriteOnBehalfOfTheCaller);
        app.UseRateLimitHeaders();
        app.UseRateLimiter();
        app.UsePlacesForExpensiveRequests();
        app.UseAuthorization();
        var operations = app.MapControllers();
        operations.Add(LeaveMediaTypesToTheAction);
        operations.Add(ExpensiveRequests.Mark);
        app.MapContract();
        app.MapRunsPage();
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

    private static Task WriteOnBehalfOfTheCaller(HttpContext context, RequestDelegate next)
    {
        WriterTurn.Account = context.User.FindFirst(Caller.AccountClaim)?.Value;
        return next(context);
    }
}
