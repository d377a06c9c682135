using Microsoft.Extensions.Options;

namespace Quiva.Gateway.Data;

/// <summary>
/// Reads at the start how the database of SQL Server is set up, and logs a warning for what costs it speed.
/// </summary>
internal sealed partial class DatabaseAdvice(
    Database database, IOptions<DatabaseOptions> options, ILogger<DatabaseAdvice> logger) : BackgroundService
{
    private const int SqlServer2016 = 130;

    internal static readonly Sql FindSettingsSql = new(
        SqlServer: """
            select is_read_committed_snapshot_on as snapshot, compatibility_level as level, is_auto_close_on as closes, is_auto_shrink_on as shrinks
              from sys.databases where name = db_name()
            """,
        Sqlite: "select 1 as snapshot, 160 as level, 0 as closes, 0 as shrinks");

    /// <summary>What should be otherwise, a sentence each.</summary>
    /// <param name="settings">How the database is set up.</param>
    public static IEnumerable<string> Of(DatabaseSettings settings)
    {
        if (!settings.Snapshot)
        {
            yield return "READ_COMMITTED_SNAPSHOT is off, so readers wait for writers: alter database current set read_committed_snapshot on with rollback immediate.";
        }

        if (settings.Level < SqlServer2016)
        {
            yield return "The compatibility level is below 130: raise it to that of the server.";
        }

        if (settings.Closes)
        {
            yield return "AUTO_CLOSE is on, so the database is opened anew after each pause: alter database current set auto_close off.";
        }

        if (settings.Shrinks)
        {
            yield return "AUTO_SHRINK is on: alter database current set auto_shrink off.";
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Provider != DatabaseProvider.SqlServer)
        {
            return;
        }

        try
        {
            foreach (var advice in await database.FindAsync<DatabaseSettings>(
                FindSettingsSql, null, stoppingToken) is { } settings ? Of(settings) : [])
            {
                LogAdvice(advice);
            }
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // Advice only: a server that does not know these columns serves all the same.
            LogUnknown(exception);
        }
    }

    [LoggerMessage(EventId = 1701, EventName = "DatabaseAdvice", Level = LogLevel.Warning,
        Message = "The database could be set up better: {Advice}")]
    private partial void LogAdvice(string advice);

    [LoggerMessage(EventId = 1702, EventName = "DatabaseAdviceUnknown", Level = LogLevel.Information,
        Message = "How the database is set up could not be read")]
    private partial void LogUnknown(Exception exception);
}

/// <summary>How a database of SQL Server is set up.</summary>
internal sealed class DatabaseSettings
{
    /// <summary>Whether readers see the last committed version of a row instead of waiting.</summary>
    public bool Snapshot { get; init; }

    /// <summary>The compatibility level.</summary>
    public int Level { get; init; }

    /// <summary>Whether it is closed when nobody uses it.</summary>
    public bool Closes { get; init; }

    /// <summary>Whether its files are shrunk by themselves.</summary>
    public bool Shrinks { get; init; }
}
