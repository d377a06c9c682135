using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows;

/// <summary>Reads workflows of accounts. Each version is a row: the draft, which is there as long as the workflow is, and the published one.</summary>
public sealed class WorkflowStore(Database database, IOptions<JsonOptions> json)
{
    private const string Columns = StoredWorkflow.Columns;

    /// <summary>What is told when there is no such workflow, or no such version of it.</summary>
    public static GatewayException NotFound => new(GatewayError.NotFound, "workflow not found");

    internal static readonly Sql ListSql = new(
        SqlServer: $"""
            select top (@rows) {Columns} from workflows
             where account = @account and subject > @after and subject < @before
             order by subject
            option (optimize for (@rows = 51))
            """,
        Sqlite: $"""
            select {Columns} from workflows
             where account = @account and subject > @after and subject < @before
             order by subject limit @rows
            """);

    internal static readonly Sql ListOfCollectionSql = new(
        SqlServer: $"""
            select top (@rows) {Columns} from workflows
             where account = @account and collection = @collection and subject > @after and subject < @before
             order by subject
            option (optimize for (@rows = 51))
            """,
        // Without statistics SQLite would walk along the primary key, past the workflows of other collections.
        Sqlite: $"""
            select {Columns} from workflows indexed by ix_workflows_collection
             where account = @account and collection = @collection and subject > @after and subject < @before
             order by subject limit @rows
            """);

    internal static readonly Sql CountSql = "select count(*) from workflows where account = @account and subject > @after and subject < @before";

    internal static readonly Sql CountOfCollectionSql = new(
        SqlServer: "select count(*) from workflows where account = @account and collection = @collection and subject > @after and subject < @before",
        Sqlite: "select count(*) from workflows indexed by ix_workflows_collection where account = @account and collection = @collection and subject > @after and subject < @before");

    /// <summary>Workflows of an account, by subject.</summary>
    /// <param name="account">The account.</param>
    /// <param name="collectionTopic">Only those in the collection with this topic; null means in all.</param>
    /// <param name="version">Only those of this <see cref="WorkflowVersion"/>; null means of both.</param>
    /// <param name="window">Which part of the list.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<Listing<GetWorkflowResponse>> ListAsync(string account, string? collectionTopic, string? version, Window window, CancellationToken cancellationToken)
    {
        var collection = collectionTopic is null ? null : Subjects.OfCollection(CollectionType.Workflow, collectionTopic);
        var (list, count) = collection is null ? (ListSql, CountSql) : (ListOfCollectionSql, CountOfCollectionSql);
        return (await Subjects.Workflows(version).ListAsync<StoredWorkflow>(database, list, count, account, collection, window, row => row.Subject, row => row.Config?.Length ?? 0, cancellationToken)).Select(row => row.Read(json.Value));
    }

    internal static readonly Sql FindSql = $"select {Columns} from workflows where account = @account and subject = @subject";

    /// <summary>One version of a workflow, or null.</summary>
    /// <param name="account">The account.</param>
    /// <param name="subject">The version's subject.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<Versioned<GetWorkflowResponse>?> FindAsync(string account, string subject, CancellationToken cancellationToken) =>
        await database.FindAsync<StoredWorkflow>(FindSql, new { account, subject }, cancellationToken) is { } stored ? new(stored.Read(json.Value), stored.Version) : null;

    internal static readonly Sql ExistsSql = "select count(*) from workflows where account = @account and subject = @subject";

    /// <summary>Whether there is such a version of a workflow.</summary>
    internal static async Task<bool> ExistsAsync(Transaction transaction, string account, string subject, CancellationToken cancellationToken) =>
        // SQL Server takes no notice of spaces at the end of a text.
        Subjects.IsWorkflow(subject) && await transaction.FindAsync<int>(ExistsSql, new { account, subject }, cancellationToken) > 0;

    internal static readonly Sql FindResourceSql = "select resource from workflows where account = @account and subject = @subject";

    internal static readonly Sql ListHistorySql = new(
        SqlServer: """
            select top (@rows) sequence, body from changes
             where account = @account and resource = @resource and sequence < @before and body is not null
             order by sequence desc
            option (optimize for (@rows = 51))
            """,
        Sqlite: """
            select sequence, body from changes
             where account = @account and resource = @resource and sequence < @before and body is not null
             order by sequence desc limit @rows
            """);

    /// <summary>Every configuration that a version of a workflow has had, newest first; null when there is no such version.</summary>
    /// <param name="account">The account.</param>
    /// <param name="subject">The version's subject.</param>
    /// <param name="window">Which part of the list.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="GatewayException">The cursor is another list's.</exception>
    public async Task<(List<WorkflowConfig> Configs, string? NextCursor)?> ListHistoryAsync(string account, string subject, Window window, CancellationToken cancellationToken)
    {
        var before = window.After is null ? long.MaxValue
            : long.TryParse(window.After, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence
            : throw Window.Unknown();
        if (await database.FindAsync<string>(FindResourceSql, new { account, subject }, cancellationToken) is not { } resource)
        {
            return null;
        }

        var (rows, isCut) = await database.QueryAsync<StoredConfig>(ListHistorySql, new { account, resource, before, rows = window.Rows }, row => row.Body.Length, window.Size, cancellationToken);
        var (results, next) = window.Cut(rows, isCut, row => row.Sequence.ToString(CultureInfo.InvariantCulture));
        return (results.ConvertAll(row => JsonSerializer.Deserialize<WorkflowConfig>(row.Body, json.Value.JsonSerializerOptions)!), next);
    }

    private sealed class StoredConfig
    {
        public long Sequence { get; init; }

        public string Body { get; init; } = "";
    }
}
