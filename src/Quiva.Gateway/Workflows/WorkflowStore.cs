using System.Globalization;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows;

/// <summary>
/// Reads workflows of accounts. Each version is a row: the draft, which is there as long as the workflow is, and the
/// published one.
/// </summary>
public sealed class WorkflowStore(Database database, CounterStore counters)
{
    /// <summary>What is told when there is no such workflow, or no such version of it.</summary>
    public static GatewayException NotFound => new(GatewayError.NotFound, "workflow not found");

    private const string InRange = "subject > @after and subject < @before";

    internal static readonly Sql ListSql = SqlPage.Of(
        StoredWorkflow.Columns, "workflows", "account = @account and "
            + InRange, "subject", StoredWorkflow.SqliteColumns);

    // Without statistics SQLite would walk along the primary key, past the workflows of other collections.
    internal static readonly Sql ListOfCollectionSql = SqlPage.Of(
        StoredWorkflow.Columns,
        "workflows",
        "account = @account and collection = @collection and " + InRange,
        "subject",
        StoredWorkflow.SqliteColumns,
        "ix_workflows_collection");

    /// <summary>Workflows of an account, by subject.</summary>
    /// <param name="account">The account.</param>
    /// <param name="collectionTopic">Only those in the collection with this topic; null means in all.</param>
    /// <param name="version">Only those of this <see cref="WorkflowVersion"/>; null means of both.</param>
    /// <param name="window">Which part of the list.</param>
    /// <exception cref="GatewayException">The cursor is another list's.</exception>
    public Listing<StoredWorkflow> List(string account, string? collectionTopic, string? version, Window window)
    {
        var collection = collectionTopic is null
            ? null
            : Subjects.OfCollection(CollectionType.Workflow, collectionTopic);
        var (kind, other) = version switch
        {
            WorkflowVersion.Draft => (CounterKind.Draft, null),
            WorkflowVersion.Published => (CounterKind.Published, null),
            _ => (CounterKind.Draft, CounterKind.Published),
        };
        return Subjects.Workflows(version).List<StoredWorkflow>(
            database,
            collection is null ? ListSql : ListOfCollectionSql,
            account,
            collection,
            window,
            row => row.Subject,
            row => row.Config?.Size ?? 0,
            cancellationToken => counters.TotalAsync(account, kind, collection ?? "", other, cancellationToken));
    }

    private const string FindText = "from workflows where account = @account and subject = @subject";

    internal static readonly Sql FindSql = new(
        SqlServer: $"select {StoredWorkflow.Columns} {FindText}",
        Sqlite: $"select {StoredWorkflow.SqliteColumns} {FindText}");

    /// <summary>One version of a workflow, or null.</summary>
    /// <param name="account">The account.</param>
    /// <param name="subject">The version's subject.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<StoredWorkflow?> FindAsync(string account, string subject, CancellationToken cancellationToken) =>
        database.FindAsync<StoredWorkflow>(FindSql, new { account, subject }, cancellationToken);

    internal static readonly Sql ExistsSql =
        "select count(*) from workflows where account = @account and subject = @subject";

    /// <summary>Whether there is such a version of a workflow.</summary>
    internal static async Task<bool> ExistsAsync(
        Transaction transaction, string account, string subject, CancellationToken cancellationToken) =>
        // SQL Server takes no notice of spaces at the end of a text.
        Subjects.IsWorkflow(subject)
        && await transaction.FindAsync<int>(ExistsSql, new { account, subject }, cancellationToken) > 0;

    internal static readonly Sql FindResourceSql =
        "select resource from workflows where account = @account and subject = @subject";

    private const string HistoryOf =
        "account = @account and resource = @resource and version < @before and body is not null";

    internal static readonly Sql ListHistorySql = SqlPage.Of(
        "version, body", "changes", HistoryOf, "version desc", "version, cast(body as blob) as body", "ix_changes_history");

    // Neither engine reads a text to say how long it is.
    internal static readonly Sql ListHistorySizesSql = SqlPage.Of(
        "version, datalength(body) as size", "changes", HistoryOf, "version desc", "version, octet_length(body) as size", "ix_changes_history");

    /// <summary>
    /// Every configuration that a version of a workflow has had, newest first; null when there is no such version.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="subject">The version's subject.</param>
    /// <param name="window">Which part of the list.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The list, and the cursor of the next part if there is one: it goes out before the list.</returns>
    /// <exception cref="GatewayException">The cursor is another list's.</exception>
    public async Task<(Listing<StoredConfig> Configs, string? NextCursor)?> ListHistoryAsync(
        string account, string subject, Window window, CancellationToken cancellationToken)
    {
        var first = KeyOf(window.After);
        if (await database.FindAsync<string>(
            FindResourceSql, new { account, subject }, cancellationToken) is not { } resource)
        {
            return null;
        }

        string? next = null;
        if (window.Limit is { } limit)
        {
            var sizes = await database.QueryAsync<SizeOfConfig>(
                ListHistorySizesSql, new { account, resource, before = first, rows = limit + 1 }, cancellationToken);
            var room = Listing<StoredConfig>.LargestPart;
            var count = sizes.TakeWhile(
                (row, index) => index < limit && (index == 0 || room > 0) && (room -= row.Size) is var _).Count();
            next = count < sizes.Count ? Window.CursorOf(Text(sizes[count - 1].Version)) : null;
            window = window with { Limit = Math.Max(count, 1) };
        }

        return (
            new(
                window,
                (after, rows, size, token) => database.QueryAsync<StoredConfig>(
                    ListHistorySql, new
                    {
                        account,
                        resource,
                        before = KeyOf(after),
                        rows
                    }, row => row.Body.Size, size, token),
                row => Text(row.Version),
                // What ends the part is settled.
                _ => 0,
                _ => Task.FromResult(0)),
            next);
    }

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static long KeyOf(string? key) =>
        key is null ? long.MaxValue
        : long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
        : throw Window.Unknown();

    private sealed class SizeOfConfig
    {
        public long Version { get; init; }

        public long Size { get; init; }
    }
}

/// <summary>A configuration that a version of a workflow has had.</summary>
public sealed class StoredConfig
{
    /// <summary>The sequence of the change that stored it.</summary>
    public long Version { get; init; }

    /// <summary>The configuration.</summary>
    public StoredJson Body { get; init; } = null!;
}
