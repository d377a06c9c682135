using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway;

/// <summary>
/// What has to be done before the first request: migrations, the key ring, the first API key. Under the application lock, so that instances
/// which start together do each of them once.
/// </summary>
public sealed partial class Startup(IServiceProvider services, ILogger<Startup> logger) : IHostedLifecycleService
{
    private string? firstKey;

    /// <summary>Brings the database to the current version.</summary>
    /// <param name="services">The services.</param>
    /// <param name="then">What else to do under the application lock.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>The names of the migrations that ran.</returns>
    public static async Task<IReadOnlyList<string>> MigrateAsync(IServiceProvider services, Func<Task> then, CancellationToken cancellationToken)
    {
        LocalFiles.Directory(services.GetRequiredService<IOptions<GatewayOptions>>().Value);
        var database = services.GetRequiredService<Database>();
        await using var only = await database.LockAsync(cancellationToken);
        var applied = database.Migrate();
        KeyRing.Verify(services);
        await then();
        return applied;
    }

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var applied = await MigrateAsync(
            services, async () =>
            {
                firstKey = await services.GetRequiredService<ApiKeyStore>().CreateFirstAsync(cancellationToken);
                services.GetRequiredService<Workflows.Engine.EngineLock>().Take();
            }, cancellationToken);
        LogMigrated(applied.Count);
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (firstKey is not null)
        {
            // On standard output, never in the log. It can't be read again.
            Console.WriteLine(Welcome(firstKey));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string Welcome(string key)
    {
        var options = services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var address = addresses.FirstOrDefault(address => address.StartsWith("https:", StringComparison.Ordinal)) ?? options.PublicUrl;
        var trust = File.Exists(LocalCertificate.PublicPath(options)) ? $"--cacert '{LocalCertificate.PublicPath(options)}' " : "";
        return $$"""

            Admin API key: {{key}}
            It is shown only this once. To store a first configuration:

            curl {{trust}}-X PUT '{{address.TrimEnd('/')}}/hub/integrations/slack/oauth-config' \
              -H 'X-Api-Key: {{key}}' -H 'Content-Type: application/json' \
              -d '{"integration_id":"slack","name":"Slack API","scopes":"channels:read,chat:write","client_id":"123456789.987654321","client_secret":"abcdef1234567890abcdef","auth_url":"https://slack.com/oauth/v2/authorize","token_url":"https://slack.com/api/oauth.v2.access","redirect_url":"https://api.quiva.ai/hub/integrations/oauth-callback"}'

            """;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is ready, {Applied} migrations applied")]
    private partial void LogMigrated(int applied);
}
