using System.Text;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway;

/// <summary>
/// What has to be done before the first request: migrations, the key ring, the first API key. Under the application
/// lock, so that instances which start together do each of them once.
/// </summary>
internal sealed partial class Startup(IServiceProvider services, ILogger<Startup> logger)
    : IHostedLifecycleService, IDisposable
{
    private const string Marker = "database.path";
    private IDisposable? use;

    /// <summary>Brings the database to the current version.</summary>
    /// <param name="services">The services.</param>
    /// <param name="then">What else to do under the application lock.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>The names of the migrations that ran.</returns>
    public static async Task<IReadOnlyList<string>> MigrateAsync(
        IServiceProvider services, Func<Task> then, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        LocalFiles.Directory(options);
        var database = services.GetRequiredService<Database>();
        if (database.File is { } directoryOf)
        {
            LocalFiles.RequireWritable(Path.GetDirectoryName(directoryOf)!, "ConnectionStrings:Gateway");
        }

        await using var only = await database.LockAsync(cancellationToken);
        if (database.File is { } file)
        {
            RequireDatabase(options, file);
            // SQLite gives its other files the mode of this one.
            LocalFiles.CreateEmpty(file);
        }

        var applied = database.Migrate();
        KeyRing.Verify(services);
        await services.GetRequiredService<Workflows.Engine.EngineHubStore>().MigrateAsync(cancellationToken);
        await then();
        if (database.File is { } known)
        {
            LocalFiles.Write(Path.Combine(options.FullDataDirectory, Marker), Encoding.UTF8.GetBytes(known));
        }

        return applied;
    }

    // A new, empty database would look like a loss of everything, and make a new admin key.
    private static void RequireDatabase(GatewayOptions options, string file)
    {
        if (File.Exists(file))
        {
            return;
        }

        var marker = Path.Combine(options.FullDataDirectory, Marker);
        var hadDatabase = File.Exists(marker)
            ? File.ReadAllText(marker) == file
            : File.Exists(Path.Combine(options.FullDataDirectory, MasterKeys.FileName));
        if (hadDatabase)
        {
            throw new InvalidOperationException(
                $"The data directory '{options.FullDataDirectory}' is that of a gateway, but its database '{file}' is gone. "
                + "Put it back (restore FILE), or start anew with another data directory.");
        }
    }

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var applied = await MigrateAsync(
            services, async () =>
            {
                await services.GetRequiredService<FirstKey>().CreateAsync(cancellationToken);
                services.GetRequiredService<Workflows.Engine.EngineLock>().Take();
            }, cancellationToken);
        if (services.GetRequiredService<Database>().File is { } file)
        {
            use = DatabaseFile.Use(file);
        }

        LogMigrated(applied.Count);
        var sections = services.GetServices<SettingsSection>().ToList();
        foreach (var warning in SettingsNames.Suspicious(services.GetRequiredService<IConfiguration>(), sections))
        {
            LogSuspicious(warning);
        }
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<FirstKey>().Print();
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

    /// <inheritdoc/>
    public void Dispose() => use?.Dispose();

    [LoggerMessage(EventId = 1001, EventName = "DatabaseReady", Level = LogLevel.Information,
        Message = "The database is ready, {Applied} migrations applied")]
    private partial void LogMigrated(int applied);

    [LoggerMessage(EventId = 1002, EventName = "SettingSuspicious", Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogSuspicious(string warning);
}
