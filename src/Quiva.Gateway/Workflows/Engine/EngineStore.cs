using Quiva.Gateway.Data;

namespace Quiva.Gateway.Workflows.Engine;

/// <summary>
/// The queues and histories of the embedded engine, on SQLite. A lease is a name, a moment and a number that rises with each holder: who
/// has lost it changes nothing any more.
/// </summary>
public sealed class EngineStore(Database database)
{
    internal static readonly Sql CreateSql = Sqlite("""
        insert into engine_instances (id, execution_id, ready_at, locked_until, fence, attempts) values (@id, @execution, @now, 0, 0, 0)
        on conflict (id) do nothing
        """);

    internal static readonly Sql InsertMessageSql = Sqlite("""
        insert into engine_messages (instance_id, due_at, body)
        select @id, @due, @body where exists (select 1 from engine_instances where id = @id)
        """);

    internal static readonly Sql ReadySql = Sqlite(
        "update engine_instances set ready_at = min(coalesce(ready_at, @due), @due) where id = @id");

    /// <summary>Makes an instance with its first message, unless it is there.</summary>
    internal Task<bool> CreateAsync(string id, string execution, string body, long now) => InTransactionAsync(
        async transaction =>
        {
            if (await transaction.ExecuteAsync(CreateSql, new { id, execution, now }, default) == 0)
            {
                return false;
            }

            await transaction.ExecuteAsync(InsertMessageSql, new { id, due = now, body }, default);
            return true;
        },
        default);

    /// <summary>Sends messages to instances; those to instances that are gone are dropped.</summary>
    internal Task SendAsync(IReadOnlyCollection<(string Id, long Due, string Body)> messages) => InTransactionAsync(
        async transaction =>
        {
            await SendAsync(transaction, messages);
            return true;
        },
        default);

    private static async Task SendAsync(Transaction transaction, IReadOnlyCollection<(string Id, long Due, string Body)> messages)
    {
        foreach (var (id, due, body) in messages)
        {
            await transaction.ExecuteAsync(InsertMessageSql, new { id, due, body }, default);
            await transaction.ExecuteAsync(ReadySql, new { id, due }, default);
        }
    }

    internal static readonly Sql NextSql = Sqlite(
        "select min(ready_at) from engine_instances where ready_at is not null and locked_until <= @now");

    /// <summary>When the next instance is due, or null.</summary>
    internal Task<long?> NextAsync(long now, CancellationToken cancellationToken) => database.FindAsync<long?>(NextSql, new { now }, cancellationToken);

    internal static readonly Sql LockSql = Sqlite("""
        update engine_instances set locked_by = @owner, locked_until = @until, fence = fence + 1, attempts = attempts + 1
         where id = (select id from engine_instances where ready_at <= @now and locked_until <= @now order by ready_at limit 1)
        returning id, fence, attempts
        """);

    internal static readonly Sql MessagesSql = Sqlite(
        "select sequence, body from engine_messages where instance_id = @id and due_at <= @now order by sequence limit 1000");

    internal static readonly Sql HistorySql = Sqlite("select body from engine_history where instance_id = @id order by position");

    /// <summary>Takes the lease of an instance with messages that are due, or null.</summary>
    internal async Task<LockedInstance?> LockAsync(string owner, long now, long until, CancellationToken cancellationToken)
    {
        var found = await InTransactionAsync(
            transaction => transaction.FindAsync<LockedInstance>(LockSql, new { owner, now, until }, cancellationToken), cancellationToken);
        if (found is not null)
        {
            found.Messages = await database.QueryAsync<StoredMessage>(MessagesSql, new { id = found.Id, now }, cancellationToken);
            found.History = await database.QueryAsync<string>(HistorySql, new { id = found.Id }, cancellationToken);
        }

        return found;
    }

    internal static readonly Sql RenewSql = Sqlite(
        "update engine_instances set locked_until = @until where id = @id and locked_by = @owner and fence = @fence");

    /// <summary>Extends a lease, or lets go of it; false when it is lost.</summary>
    internal Task<bool> RenewAsync(LockedInstance locked, string owner, long until) => InTransactionAsync(
        async transaction => await transaction.ExecuteAsync(RenewSql, new { id = locked.Id, owner, fence = locked.Fence, until }, default) == 1, default);

    internal static readonly Sql ReleaseSql = Sqlite("""
        update engine_instances set locked_by = null, locked_until = 0, attempts = 0
         where id = @id and locked_by = @owner and fence = @fence
        """);

    internal static readonly Sql DeleteMessageSql = Sqlite("delete from engine_messages where sequence = @sequence");

    internal static readonly Sql AppendSql = Sqlite("insert into engine_history (instance_id, position, body) values (@id, @position, @body)");

    internal static readonly Sql InsertTaskSql = Sqlite(
        "insert into engine_tasks (instance_id, body, locked_until, fence, attempts) values (@id, @body, 0, 0, 0)");

    internal static readonly Sql SetReadySql = Sqlite(
        "update engine_instances set ready_at = (select min(due_at) from engine_messages where instance_id = @id) where id = @id");

    /// <summary>Records a turn; false when the lease is lost, and nothing was changed.</summary>
    internal Task<bool> CompleteAsync(LockedInstance locked, string owner, Turn turn) => InTransactionAsync(
        async transaction =>
        {
            if (await transaction.ExecuteAsync(ReleaseSql, new { id = locked.Id, owner, fence = locked.Fence }, default) != 1)
            {
                return false;
            }

            if (turn.IsLast)
            {
                await DeleteAsync(transaction, locked.Id);
            }
            else
            {
                foreach (var message in locked.Messages)
                {
                    await transaction.ExecuteAsync(DeleteMessageSql, new { sequence = message.Sequence }, default);
                }

                for (var i = 0; i < turn.Events.Count; i++)
                {
                    await transaction.ExecuteAsync(AppendSql, new { id = locked.Id, position = locked.History.Count + i, body = turn.Events[i] }, default);
                }

                foreach (var body in turn.Tasks)
                {
                    await transaction.ExecuteAsync(InsertTaskSql, new { id = locked.Id, body }, default);
                }
            }

            await SendAsync(transaction, turn.Messages);
            await transaction.ExecuteAsync(SetReadySql, new { id = locked.Id }, default);
            return true;
        },
        default);

    internal static readonly Sql DeleteInstanceSql = Sqlite("delete from engine_instances where id = @id");

    internal static readonly Sql DeleteInstanceMessagesSql = Sqlite("delete from engine_messages where instance_id = @id");

    internal static readonly Sql DeleteHistorySql = Sqlite("delete from engine_history where instance_id = @id");

    internal static readonly Sql DeleteTasksSql = Sqlite("delete from engine_tasks where instance_id = @id");

    /// <summary>Forgets an instance.</summary>
    internal Task DeleteAsync(string id) => InTransactionAsync(
        async transaction =>
        {
            await DeleteAsync(transaction, id);
            return true;
        },
        default);

    private static async Task DeleteAsync(Transaction transaction, string id)
    {
        foreach (var sql in new[] { DeleteInstanceMessagesSql, DeleteHistorySql, DeleteTasksSql, DeleteInstanceSql })
        {
            await transaction.ExecuteAsync(sql, new { id }, default);
        }
    }

    internal static readonly Sql ReleaseInstancesSql = Sqlite("update engine_instances set locked_until = 0 where locked_until > 0");

    internal static readonly Sql ReleaseTasksSql = Sqlite("update engine_tasks set locked_until = 0 where locked_until > 0");

    internal static readonly Sql ReleaseOwnInstancesSql = Sqlite(
        "update engine_instances set locked_by = null, locked_until = 0, attempts = 0 where locked_by = @owner and locked_until > 0");

    internal static readonly Sql ReleaseOwnTasksSql = Sqlite(
        "update engine_tasks set locked_by = null, locked_until = 0, attempts = 0 where locked_by = @owner and locked_until > 0");

    /// <summary>Ends the leases of one that stops in order; it has not failed at what it leaves.</summary>
    internal Task ReleaseOwnAsync(string owner) => InTransactionAsync(
        async transaction => await transaction.ExecuteAsync(ReleaseOwnInstancesSql, new { owner }, default)
            + await transaction.ExecuteAsync(ReleaseOwnTasksSql, new { owner }, default),
        default);

    /// <summary>Ends every lease: only while no other process is at work.</summary>
    internal Task ReleaseAllAsync(CancellationToken cancellationToken) => InTransactionAsync(
        async transaction => await transaction.ExecuteAsync(ReleaseInstancesSql, null, cancellationToken)
            + await transaction.ExecuteAsync(ReleaseTasksSql, null, cancellationToken),
        cancellationToken);

    internal static readonly Sql FreeTaskSql = Sqlite("select sequence from engine_tasks where locked_until <= @now order by sequence limit 1");

    internal static readonly Sql FreeTasksSql = Sqlite("select sequence from engine_tasks where locked_until <= @now order by sequence limit 1001");

    internal static readonly Sql LockTaskSql = Sqlite("""
        update engine_tasks set locked_by = @owner, locked_until = @until, fence = fence + 1, attempts = attempts + 1
         where sequence = @sequence and locked_until <= @now
        returning sequence, instance_id, body, fence, attempts
        """);

    /// <summary>
    /// Takes the lease of the next task, or null. One that this process works on is not taken again: its lease may seem to be over when the
    /// process was stopped for a while, or the clock was set.
    /// </summary>
    internal async Task<LockedTask?> LockTaskAsync(string owner, long now, long until, Func<long, bool> isOurs, CancellationToken cancellationToken)
    {
        var next = await database.FindAsync<long?>(FreeTaskSql, new { now }, cancellationToken);
        if (next is { } seen && isOurs(seen))
        {
            var others = await database.QueryAsync<long>(FreeTasksSql, new { now }, cancellationToken);
            next = others.Where(sequence => !isOurs(sequence)).Select(sequence => (long?)sequence).FirstOrDefault();
        }

        // Another process may be quicker: then there may be more.
        return next is not { } free ? null
            : await InTransactionAsync(transaction => transaction.FindAsync<LockedTask>(LockTaskSql, new { owner, now, until, sequence = free }, cancellationToken), cancellationToken)
            ?? await LockTaskAsync(owner, now, until, isOurs, cancellationToken);
    }

    internal static readonly Sql RenewTaskSql = Sqlite(
        "update engine_tasks set locked_until = @until where sequence = @sequence and locked_by = @owner and fence = @fence");

    /// <summary>Extends the lease of a task, or lets go of it; false when it is lost.</summary>
    internal Task<bool> RenewTaskAsync(LockedTask locked, string owner, long until) => InTransactionAsync(
        async transaction => await transaction.ExecuteAsync(RenewTaskSql, new { sequence = locked.Sequence, owner, fence = locked.Fence, until }, default) == 1, default);

    internal static readonly Sql DeleteTaskSql = Sqlite("delete from engine_tasks where sequence = @sequence and locked_by = @owner and fence = @fence");

    /// <summary>Sends the outcome of a task; false when its lease is lost, and nothing was changed.</summary>
    internal Task<bool> CompleteTaskAsync(LockedTask locked, string owner, (string Id, long Due, string Body) message) => InTransactionAsync(
        async transaction =>
        {
            if (await transaction.ExecuteAsync(DeleteTaskSql, new { sequence = locked.Sequence, owner, fence = locked.Fence }, default) != 1)
            {
                return false;
            }

            await SendAsync(transaction, [message]);
            return true;
        },
        default);

    // A power cut takes back the last of these, and with them nothing that was answered: what steps have come to is in the runs' tables, on
    // the disk, and so is whatever was written before.
    private Task<T> InTransactionAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellationToken) =>
        database.InTransactionAsync(work, Durability.Relaxed, cancellationToken);

    // SQL Server has the provider's own schema.
    private static Sql Sqlite(string text) => new(SqlServer: "select 0 as nothing", Sqlite: text);
}

/// <summary>What a turn of an instance has come to.</summary>
/// <param name="IsLast">Whether the instance has ended.</param>
/// <param name="Events">What is added to its history.</param>
/// <param name="Tasks">Tasks that it has scheduled.</param>
/// <param name="Messages">Messages that it has sent, and timers that it has set.</param>
internal sealed record Turn(bool IsLast, IReadOnlyList<string> Events, IReadOnlyList<string> Tasks, IReadOnlyList<(string Id, long Due, string Body)> Messages);

/// <summary>An instance under lease.</summary>
internal sealed class LockedInstance
{
    public string Id { get; init; } = "";

    public long Fence { get; init; }

    public int Attempts { get; init; }

    public List<StoredMessage> Messages { get; set; } = [];

    public List<string> History { get; set; } = [];
}

/// <summary>A message to an instance.</summary>
internal sealed class StoredMessage
{
    public long Sequence { get; init; }

    public string Body { get; init; } = "";
}

/// <summary>A task under lease.</summary>
internal sealed class LockedTask
{
    public long Sequence { get; init; }

    public string Instance_id { get; init; } = "";

    public string Body { get; init; } = "";

    public long Fence { get; init; }

    public int Attempts { get; init; }
}
