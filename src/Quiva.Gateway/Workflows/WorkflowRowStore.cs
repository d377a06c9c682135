using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows;

/// <summary>
/// The rows of <c>workflows</c> as parts of a transaction, with what each change adds to the log and to the counters.
/// </summary>
public sealed class WorkflowRowStore(CounterStore counters, TimeProvider time)
{
    // Locks the row, or the gap where it would be, and lets readers pass: callers of one workflow queue here.
    internal static readonly Sql LockSql = new(
        SqlServer: """
            select subject, collection, resource, first_name, name, description,
                   archived, modified_at, version, bytes
              from workflows with (updlock, holdlock)
             where account = @account and subject = @subject
            """,
        Sqlite: $"select {StoredWorkflow.Small} from workflows where account = @account and subject = @subject");

    internal static readonly Sql FindSmallSql =
        $"select {StoredWorkflow.Small} from workflows where account = @account and subject = @subject";

    /// <summary>A row without its configuration, or null.</summary>
    internal static Task<StoredWorkflow?> FindAsync(
        Transaction transaction, string account, string subject, CancellationToken cancellationToken) =>
        transaction.FindAsync<StoredWorkflow>(FindSmallSql, new { account, subject }, cancellationToken);

    internal static readonly Sql FindConfigSql = new(
        SqlServer: "select config from workflows where account = @account and subject = @subject",
        Sqlite: "select cast(config as blob) as config from workflows where account = @account and subject = @subject");

    /// <summary>The configuration of a row, if it has one.</summary>
    internal static async Task<StoredJson?> FindConfigAsync(
        Transaction transaction, string account, string subject, CancellationToken cancellationToken) =>
        (await transaction.FindAsync<StoredWorkflow>(
            FindConfigSql, new { account, subject }, cancellationToken))?.Config;

    internal static readonly Sql InsertSql =
        new(SqlServer: InsertOf("@config"), Sqlite: InsertOf("cast(@config as text)"));

    private static string InsertOf(string config) => $"""
        insert into workflows (account, subject, collection, topic, is_draft, resource, first_name, name, description, config, archived, version, modified_at, bytes)
        values (@account, @subject, @collection, @topic, @isDraft, @resource, @firstName, @name, @description, {config}, @archived, @version, @now, @bytes)
        """;

    /// <summary>Adds a row.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="row">The row; its version and moment are made here.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="fields">Names of the members that are set.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal async Task<Versioned<GetWorkflowResponse>> InsertAsync(
        Transaction transaction, StoredWorkflow row, Caller caller, string[] fields, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var version = await transaction.AppendAsync(
            new(
                caller.Account,
                row.Subject,
                ChangeType.Created,
                caller.Actor,
                now,
                fields,
                row.Resource,
                row.Config), cancellationToken);
        var bytes = StoredWorkflow.SizeOf(row.Name, row.Description, row.Config);
        await counters.AddAsync(
            transaction, caller.Account, [.. Counted(row, 1, bytes), .. History(row.Config)], cancellationToken);
        var parameters = new
        {
            account = caller.Account,
            subject = row.Subject,
            collection = row.Collection,
            topic = Collections.Subjects.TopicOf(row.Subject),
            isDraft = row.IsDraft,
            resource = row.Resource,
            firstName = row.FirstName,
            name = row.Name,
            description = row.Description,
            config = row.Config,
            archived = row.Archived,
            version,
            now,
            bytes,
        };
        await transaction.ExecuteAsync(InsertSql, parameters, cancellationToken);
        return new(row.Read(row.Config, now), version);
    }

    internal static readonly Sql UpdateSql =
        new(SqlServer: UpdateOf("@config"), Sqlite: UpdateOf("cast(@config as text)"));

    private static string UpdateOf(string config) => $"""
        update workflows set name = @name, description = @description, config = coalesce({config}, config), archived = @archived,
               version = @version, modified_at = @now, bytes = @bytes
         where account = @account and subject = @subject and version = @seen
        """;

    /// <summary>Changes a row.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="row">The row as it shall be, with its configuration.</param>
    /// <param name="before">The row as it is, without.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="fields">Names of the members that are set.</param>
    /// <param name="config">The new configuration; null keeps the stored one, and adds none to the history.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal async Task<Versioned<GetWorkflowResponse>> UpdateAsync(
        Transaction transaction,
        StoredWorkflow row,
        StoredWorkflow before,
        Caller caller,
        string[] fields,
        StoredJson? config,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var version = await transaction.AppendAsync(
            new(
                caller.Account,
                row.Subject,
                ChangeType.Updated,
                caller.Actor,
                now,
                fields,
                row.Resource,
                config), cancellationToken);
        var bytes = StoredWorkflow.SizeOf(row.Name, row.Description, row.Config);
        await counters.AddAsync(
            transaction,
            caller.Account,
            [new(CounterKind.Workflow, "", 0, bytes - before.Bytes), .. History(config)],
            cancellationToken);
        var parameters = new
        {
            account = caller.Account,
            subject = row.Subject,
            name = row.Name,
            description = row.Description,
            config,
            archived = row.Archived,
            version,
            now,
            bytes,
            seen = before.Version,
        };
        return await transaction.ExecuteAsync(UpdateSql, parameters, cancellationToken) == 1
            ? new(row.Read(row.Config, now), version)
            : throw new LostRaceException();
    }

    /// <summary>What a row that comes or goes adds to the account's counters.</summary>
    internal static Counter[] Counted(StoredWorkflow row, long total, long bytes)
    {
        var kind = row.IsDraft ? CounterKind.Draft : CounterKind.Published;
        return [new(CounterKind.Workflow, "", total, bytes), new(kind, "", total), new(kind, row.Collection, total)];
    }

    private static Counter[] History(StoredJson? config) =>
        config is null ? [] : [new(CounterKind.History, "", 1, config.Size)];
}
