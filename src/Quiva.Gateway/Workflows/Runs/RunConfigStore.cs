using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>A version of a workflow that can run.</summary>
/// <param name="ConfigId">What its configuration is stored under.</param>
/// <param name="Config">The configuration as JSON.</param>
/// <param name="Graph">The same, ready to run.</param>
internal sealed record RunnableWorkflow(string ConfigId, string Config, RunGraph Graph);

/// <summary>
/// Configurations that runs are pinned to: a run goes on as it began, whatever becomes of its workflow.
/// </summary>
public sealed class RunConfigStore(
    Database database, RunSessions sessions, IOptions<FunctionOptions> functions, IOptions<JsonOptions> json)
{
    private const int MostKept = 500;
    private readonly ConcurrentDictionary<(string Account, string Subject, long Version), RunnableWorkflow> kept =
        new();

    internal static readonly Sql FindVersionSql =
        "select version, archived from workflows where account = @account and subject = @subject";

    // Read after the version: what is kept under a version is never older than it.
    internal static readonly Sql FindConfigSql =
        "select config from workflows where account = @account and subject = @subject";

    /// <summary>The version of a workflow, if it can run.</summary>
    /// <exception cref="GatewayException">There is no such version, or it can't run.</exception>
    internal async Task<RunnableWorkflow> FindAsync(string account, string subject, CancellationToken cancellationToken)
    {
        var row = await database.FindAsync<StoredVersion>(FindVersionSql, new { account, subject }, cancellationToken)
            ?? throw WorkflowStore.NotFound;
        if (row.Archived)
        {
            throw new GatewayException(GatewayError.Invalid, "cannot run an archived flow");
        }

        if (kept.TryGetValue((account, subject, row.Version), out var known))
        {
            return known;
        }

        var text = await database.FindAsync<string>(FindConfigSql, new { account, subject }, cancellationToken)
            ?? throw new GatewayException(GatewayError.Invalid, "missing configuration");
        var config = JsonSerializer.Deserialize<WorkflowConfig>(text, json.Value.JsonSerializerOptions)!;
        var obstacle = config.Nodes is not { Count: > 0 } ? "nodes are required"
            : WorkflowRules.Problems(config)
                .Concat(RunRules.Problems(config))
                .ToList() is { Count: > 0 } problems ? GatewayException.Join(problems)
            : RunRules.Obstacle(config, !string.IsNullOrEmpty(functions.Value.Url));
        if (obstacle is not null)
        {
            throw new GatewayException(GatewayError.Invalid, obstacle);
        }

        if (kept.Count >= MostKept)
        {
            kept.Clear();
        }

        var id = RunRules.IdOf(text);
        return kept.GetOrAdd(
            (account, subject, row.Version), new RunnableWorkflow(id, text, sessions.GraphOf(account, id, config)));
    }

    internal static readonly Sql ExistsSql = "select count(*) from run_configs where account = @account and id = @id";

    internal static readonly Sql InsertSql =
        "insert into run_configs (account, id, config) values (@account, @id, @config)";

    /// <summary>Stores a configuration unless it is there.</summary>
    internal static async Task EnsureAsync(
        Transaction transaction, string account, RunnableWorkflow workflow, CancellationToken cancellationToken)
    {
        if (await transaction.FindAsync<int>(
            ExistsSql, new { account, id = workflow.ConfigId }, cancellationToken) == 0)
        {
            await transaction.ExecuteAsync(
                InsertSql, new { account, id = workflow.ConfigId, config = workflow.Config }, cancellationToken);
        }
    }

    private sealed class StoredVersion
    {
        public long Version { get; init; }

        public bool Archived { get; init; }
    }
}
