using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Puts runs in, and lets queued ones begin.</summary>
public sealed class RunAdmissionStore(Database database)
{
    internal static readonly Sql InsertSql = """
        insert into runs
            (account, id, subject, config_id, parent_id, parent_node, depth, status, run_key, due_at, kick_at, deadline_at, actor, enable_log, input,
             size, generation, version, created_at, started_at)
        values
            (@account, @id, @subject, @config, @parent, @parentNode, @depth, @status, @key, @due, @kick, @deadline, @actor, @log, @input,
             0, 0, 1, @created, @started)
        """;

    internal static Task InsertAsync(Transaction transaction, StoredRun run, CancellationToken cancellationToken) => transaction.ExecuteAsync(
        InsertSql,
        new
        {
            account = run.Account,
            id = run.Id,
            subject = run.Subject,
            config = run.Config_id,
            parent = run.Parent_id,
            parentNode = run.Parent_node,
            depth = run.Depth,
            status = run.Status,
            key = run.Run_key,
            due = run.Due_at,
            kick = run.Kick_at,
            deadline = run.Deadline_at,
            actor = run.Actor,
            log = run.Enable_log,
            input = run.Input,
            created = run.Created_at,
            started = run.Started_at,
        },
        cancellationToken);

    // Of the runs with one key only the oldest is let in, and only when no other is under way.
    internal static readonly Sql FindDueSql = new(
        SqlServer: $"select top (1) {StoredRun.Columns} {DueFrom} order by due_at, id",
        Sqlite: $"select {StoredRun.Columns} {DueFrom} order by due_at, id limit 1");

    private const string DueFrom = $"""
        from runs
         where account = @account and status = '{RunStatus.Queued}' and due_at <= @now
           and (run_key is null or not exists (
                select 1 from runs older
                 where older.account = @account and older.subject = runs.subject and older.run_key = runs.run_key and older.ended_at is null
                   and (older.id < runs.id or older.status <> '{RunStatus.Queued}')))
        """;

    /// <summary>Lets the next queued run of an account begin.</summary>
    /// <returns>The run; null when none may.</returns>
    internal Task<StoredRun?> TryBeginAsync(string account, int limit, DateTimeOffset now, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            var counts = await RunAccountStore.LockAsync(transaction, account, now, cancellationToken);
            if (counts.Running >= limit || await transaction.FindAsync<StoredRun>(FindDueSql, new { account, now }, cancellationToken) is not { } run)
            {
                return null;
            }

            var begun = run.Clone();
            begun.Status = RunStatus.Running;
            begun.Started_at = now;
            begun.Due_at = null;
            // It may have been put in for a day long after.
            begun.Deadline_at = now + RunStarts.Longest;
            begun.Kick_at = now + RunStarts.KickAfter;
            begun.Version++;
            await RunStore.UpdateAsync(transaction, run, begun, now, cancellationToken);
            await transaction.ExecuteAsync(RunStore.KickSql, new { account, id = run.Id, at = begun.Kick_at }, cancellationToken);
            await RunKeyStore.ForgetBurstAsync(transaction, begun, cancellationToken);
            return begun;
        },
        cancellationToken);
}
