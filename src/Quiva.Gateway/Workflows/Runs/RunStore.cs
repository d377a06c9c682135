using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Reads and changes runs.</summary>
public sealed class RunStore(Database database)
{
    internal static readonly Sql FindSql = $"select {StoredRun.Columns} from runs where account = @account and id = @id";

    /// <summary>A run, or null.</summary>
    internal Task<StoredRun?> FindAsync(string account, string id, CancellationToken cancellationToken) =>
        database.FindAsync<StoredRun>(FindSql, new { account, id }, cancellationToken);

    internal static readonly Sql FindVersionSql = "select version from runs where account = @account and id = @id";

    /// <summary>The version of a run as it is stored; null when it is gone.</summary>
    internal Task<long?> FindVersionAsync(StoredRun run, CancellationToken cancellationToken) =>
        database.FindAsync<long?>(FindVersionSql, new { account = run.Account, id = run.Id }, cancellationToken);

    internal static readonly Sql FindOfAllAccountsSql = "select account from runs where id = @id";

    /// <summary>Whose a run is; null when there is none. For the engine, which knows runs by their ids, and needs them so but rarely.</summary>
    internal Task<string?> FindAccountAsync(string id, CancellationToken cancellationToken) =>
        database.FindAsync<string>(FindOfAllAccountsSql, new { id }, cancellationToken);

    internal static readonly Sql FindConfigSql = "select config from run_configs where account = @account and id = @id";

    internal Task<string?> FindConfigAsync(string account, string id, CancellationToken cancellationToken) =>
        database.FindAsync<string>(FindConfigSql, new { account, id }, cancellationToken);

    internal static readonly Sql ListSql = Newest("account = @account and id < @before");

    internal static readonly Sql ListOfStatusSql = Newest("account = @account and status = @status and id < @before");

    internal static readonly Sql ListOfSubjectSql = Newest("account = @account and subject = @subject and id < @before");

    internal static readonly Sql ListOfBothSql = Newest("account = @account and subject = @subject and status = @status and id < @before");

    /// <summary>Runs of an account, newest first.</summary>
    internal Task<List<StoredRun>> ListAsync(string account, string? subject, string? status, string? before, int rows, CancellationToken cancellationToken)
    {
        var sql = (subject, status) switch { (null, null) => ListSql, (null, _) => ListOfStatusSql, (_, null) => ListOfSubjectSql, _ => ListOfBothSql };
        // Ids rise with time, and the tilde is greater than what they are made of.
        return database.QueryAsync<StoredRun>(sql, new { account, subject, status, before = before ?? "~", rows }, cancellationToken);
    }

    internal static readonly Sql CountOfStatusSql = "select count(*) from runs where account = @account and status = @status";

    internal static readonly Sql CountOfBothSql = "select count(*) from runs where account = @account and subject = @subject and status = @status";

    /// <summary>How many runs of an account are in a state.</summary>
    internal Task<int> CountAsync(string account, string? subject, string status, CancellationToken cancellationToken) =>
        database.FindAsync<int>(subject is null ? CountOfStatusSql : CountOfBothSql, new { account, subject, status }, cancellationToken);

    internal static readonly Sql UpdateSql = """
        update runs
           set status = @status, due_at = @due, idle_at = @idle, deadline_at = @deadline, input = @input, result = @result, error = @error,
               failed_node = @node, status_code = @code, size = @size, generation = @generation, version = @version,
               started_at = @started, ended_at = @ended,
               kick_at = case when @ended is null then kick_at else null end
         where account = @account and id = @id and version = @seen
        """;

    internal static readonly Sql CountSql = """
        update run_accounts set running = running + @running, queued = queued + @queued, served_at = @now
         where account = @account
        """;

    internal static readonly Sql KickSql = "update runs set kick_at = @at where account = @account and id = @id and ended_at is null";

    /// <summary>Changes a run as it was read, in a transaction.</summary>
    /// <exception cref="RunChangedException">It is not as it was read any more.</exception>
    internal static async Task UpdateAsync(Transaction transaction, StoredRun before, StoredRun after, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The account comes before its runs, as where runs begin: a child that ends and its parent would otherwise wait for each other.
        var (running, queued) = (Count(RunStatus.Running), Count(RunStatus.Queued));
        if (running != 0 || queued != 0)
        {
            await transaction.ExecuteAsync(CountSql, new { account = after.Account, running, queued, now }, cancellationToken);
        }

        if (await transaction.ExecuteAsync(UpdateSql, Parameters(before, after), cancellationToken) != 1)
        {
            throw new RunChangedException();
        }

        if (after is { IsEnded: true, Parent_id: { } parent })
        {
            await transaction.ExecuteAsync(KickSql, new { account = after.Account, id = parent, at = now }, cancellationToken);
        }

        int Count(string status) => (after.Status == status ? 1 : 0) - (before.Status == status ? 1 : 0);
    }

    /// <summary>
    /// Has a run begin once more, without the steps that have not succeeded: at once, or in its turn when the account has enough under way, or
    /// when runs of its key follow each other.
    /// </summary>
    /// <returns>The run as it is now.</returns>
    /// <exception cref="RunChangedException">It is not as it was read any more.</exception>
    internal Task<StoredRun> RestartAsync(StoredRun before, StoredRun wanted, int limit, string actor, DateTimeOffset now, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            var account = await RunAccountStore.LockAsync(transaction, before.Account, now, cancellationToken);
            var after = wanted.Clone();
            var isNow = after.Run_key is null && account.Running < limit;
            after.Status = isNow ? RunStatus.Running : RunStatus.Queued;
            after.Due_at = isNow ? null : now;
            after.Kick_at = isNow ? now + RunStarts.KickAfter : null;
            await UpdateAsync(transaction, before, after, now, cancellationToken);
            await StepStore.DeleteFailedAsync(transaction, after, cancellationToken);
            if (isNow)
            {
                await transaction.ExecuteAsync(KickSql, new { account = after.Account, id = after.Id, at = after.Kick_at }, cancellationToken);
            }

            await transaction.AppendAsync(new(after.Account, after.TrackingId, "retried", actor, now, ["status"]), cancellationToken);
            return after;
        },
        cancellationToken);

    private static object Parameters(StoredRun before, StoredRun after) => new
    {
        account = after.Account,
        id = after.Id,
        status = after.Status,
        due = after.Due_at,
        idle = after.Idle_at,
        deadline = after.Deadline_at,
        input = after.Input,
        result = after.Result,
        error = after.Error,
        node = after.Failed_node,
        code = after.Status_code,
        size = after.Size,
        generation = after.Generation,
        version = after.Version,
        started = after.Started_at,
        ended = after.Ended_at,
        seen = before.Version,
    };

    internal static readonly Sql ClearKickSql = "update runs set kick_at = null where account = @account and id = @id and kick_at = @seen";

    /// <summary>The engine has been told of a run; what else has come up since stays to be told.</summary>
    internal Task ClearKickAsync(StoredRun run, CancellationToken cancellationToken) => database.InTransactionAsync(
        transaction => transaction.ExecuteAsync(ClearKickSql, new { account = run.Account, id = run.Id, seen = run.Kick_at }, cancellationToken), Durability.Relaxed, cancellationToken);

    internal static readonly Sql ClaimKickSql = "update runs set kick_at = @at where account = @account and id = @id and kick_at <= @now";

    /// <summary>Takes it on to tell the engine of a run; false when another instance has.</summary>
    internal Task<bool> TryClaimKickAsync(StoredRun run, DateTimeOffset now, DateTimeOffset at, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction => await transaction.ExecuteAsync(ClaimKickSql, new { account = run.Account, id = run.Id, now, at }, cancellationToken) == 1, Durability.Relaxed, cancellationToken);

    internal static readonly Sql ListKicksOfAllAccountsSql = new(
        SqlServer: $"select top (@rows) {StoredRun.Columns} from runs where kick_at <= @now order by kick_at option (optimize for (@rows = 100))",
        Sqlite: $"select {StoredRun.Columns} from runs where kick_at <= @now order by kick_at limit @rows");

    /// <summary>Runs that the engine has to be told of.</summary>
    internal Task<List<StoredRun>> ListKicksAsync(DateTimeOffset now, int rows, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredRun>(ListKicksOfAllAccountsSql, new { now, rows }, cancellationToken);

    internal static readonly Sql ListOverdueOfAllAccountsSql = new(
        SqlServer: $"select top (@rows) {StoredRun.Columns} from runs where status = '{RunStatus.Running}' and deadline_at < @now option (optimize for (@rows = 100))",
        Sqlite: $"select {StoredRun.Columns} from runs where status = '{RunStatus.Running}' and deadline_at < @now limit @rows");

    /// <summary>Runs that have been under way for too long.</summary>
    internal Task<List<StoredRun>> ListOverdueAsync(DateTimeOffset now, int rows, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredRun>(ListOverdueOfAllAccountsSql, new { now, rows }, cancellationToken);

    internal static readonly Sql ListChildrenSql = $"select {StoredRun.Columns} from runs where account = @account and parent_id = @parent and ended_at is null";

    internal Task<List<StoredRun>> ListChildrenAsync(StoredRun parent, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredRun>(ListChildrenSql, new { account = parent.Account, parent = parent.Id }, cancellationToken);

    /// <summary>The refusal of a run that is not there, or another account's.</summary>
    public static GatewayException NotFound => new(GatewayError.NotFound, "run not found");

    private static Sql Newest(string where) => new(
        SqlServer: $"select top (@rows) {StoredRun.Columns} from runs where {where} order by id desc option (optimize for (@rows = 100))",
        Sqlite: $"select {StoredRun.Columns} from runs where {where} order by id desc limit @rows");
}

/// <summary>Somebody else has changed the run meanwhile: read it again.</summary>
internal sealed class RunChangedException : Exception;
