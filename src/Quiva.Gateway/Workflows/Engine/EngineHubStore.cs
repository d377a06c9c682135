using DurableTask.SqlServer;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Workflows.Engine;

/// <summary>
/// The engine's storage on SQL Server: the provider's own, in a schema of its own in the gateway's database. Its hub is found by the name
/// that the provider's connections carry, which is fixed here, and not by the login, which may change.
/// </summary>
public sealed class EngineHubStore(Database database, IOptions<DatabaseOptions> settings, IOptions<RunOptions> options, ILoggerFactory loggers)
{
    private const string Hub = "Quiva.Gateway", Schema = "dt";
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(500);

    // 0: by the connections' name. The provider begins with 1: by the database user.
    internal static readonly Sql SetModeSql = new(
        // As a text: the procedure is the provider's, and none of the schema that statements are checked against.
        SqlServer: """
            exec (N'if not exists (select 1 from dt.GlobalSettings where Name = ''TaskHubMode'' and convert(int, Value) = 0)
                exec dt.SetGlobalSetting @Name = ''TaskHubMode'', @Value = 0')
            """,
        Sqlite: "select 0");

    /// <summary>Makes the schema, or brings it to the provider's version. Only under the application lock.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (settings.Value.Provider == DatabaseProvider.SqlServer && options.Value.Enabled)
        {
            await Create().CreateIfNotExistsAsync();
            await database.InTransactionAsync(transaction => transaction.ExecuteAsync(SetModeSql, null, cancellationToken), cancellationToken);
        }
    }

    /// <summary>The storage.</summary>
    internal SqlOrchestrationService Create() => new(
        new SqlOrchestrationServiceSettings(SqlServerConnection.Of(settings.Value), Hub, Schema)
        {
            WorkItemLockTimeout = TimeSpan.FromSeconds(options.Value.LeaseSeconds),
            MaxConcurrentActivities = options.Value.Concurrency,
            MaxActiveOrchestrations = options.Value.Concurrency,
            MaxOrchestrationPollingInterval = LongestPoll,
            MaxActivityPollingInterval = LongestPoll,
            LoggerFactory = loggers,
        });
}
