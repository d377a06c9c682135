using System.Globalization;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>What an account has under way, and what it may.</summary>
internal sealed class RunAccount
{
    public string Account { get; set; } = "";

    public int Running { get; set; }

    public int Queued { get; set; }

    public long Minute_at { get; set; }

    public int Minute_runs { get; set; }

    public DateTimeOffset Served_at { get; set; }

    /// <summary>Lets a run in: it begins at once, or is queued when nobody waits for it.</summary>
    /// <exception cref="GatewayException">A quota is used up.</exception>
    public void Admit(StoredRun run, bool isAwaited, RunOptions options, DateTimeOffset now, bool isScheduled = false)
    {
        var minute = now.ToUnixTimeSeconds() / 60;
        if (minute != Minute_at)
        {
            (Minute_at, Minute_runs) = (minute, 0);
        }

        // What runs start themselves was let in with them.
        if (run.Depth == 0 && !isScheduled && ++Minute_runs > options.RunsPerMinute)
        {
            throw new GatewayException(GatewayError.TooMany, string.Create(CultureInfo.InvariantCulture, $"This account may start {options.RunsPerMinute} runs a minute. Try again later."))
            {
                RetryAfter = TimeSpan.FromSeconds(60 - (now.ToUnixTimeSeconds() % 60)),
            };
        }

        if (run.Due_at is null && run.Run_key is null && Running < options.ConcurrentRuns)
        {
            Running++;
            run.Status = RunStatus.Running;
            run.Started_at = now;
            run.Kick_at = now + RunStarts.KickAfter;
            return;
        }

        if (isAwaited)
        {
            throw new GatewayException(GatewayError.TooMany, string.Create(CultureInfo.InvariantCulture, $"This account may have {options.ConcurrentRuns} runs under way at a time. Try again later."));
        }

        if (run.Depth == 0 && !isScheduled && Queued >= options.QueuedRuns)
        {
            throw new GatewayException(GatewayError.TooMany, string.Create(CultureInfo.InvariantCulture, $"This account may have {options.QueuedRuns} runs queued. Try again later."));
        }

        Queued++;
        run.Status = RunStatus.Queued;
        run.Due_at ??= now;
    }
}

/// <summary>Counts what accounts have under way. Whoever starts runs of an account locks its row first.</summary>
public sealed class RunAccountStore(Database database)
{
    private const string Columns = "account, running, queued, minute_at, minute_runs, served_at";

    internal static readonly Sql LockSql = new(
        SqlServer: $"select {Columns} from run_accounts with (updlock, holdlock) where account = @account",
        Sqlite: $"select {Columns} from run_accounts where account = @account");

    internal static readonly Sql InsertSql = """
        insert into run_accounts (account, running, queued, minute_at, minute_runs, served_at) values (@account, 0, 0, 0, 0, @now)
        """;

    internal static async Task<RunAccount> LockAsync(Transaction transaction, string account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await transaction.FindAsync<RunAccount>(LockSql, new { account }, cancellationToken) is { } known)
        {
            return known;
        }

        await transaction.ExecuteAsync(InsertSql, new { account, now }, cancellationToken);
        return new() { Account = account, Served_at = now };
    }

    internal static readonly Sql SaveSql = """
        update run_accounts set running = @running, queued = @queued, minute_at = @minute, minute_runs = @runs, served_at = @served
         where account = @account
        """;

    internal static Task SaveAsync(Transaction transaction, RunAccount account, CancellationToken cancellationToken) => transaction.ExecuteAsync(
        SaveSql,
        new { account = account.Account, running = account.Running, queued = account.Queued, minute = account.Minute_at, runs = account.Minute_runs, served = account.Served_at },
        cancellationToken);

    private const string Waiting = $"""
        from run_accounts
         where queued > 0 and running < @limit and exists (
               select 1 from runs where runs.account = run_accounts.account and runs.status = '{RunStatus.Queued}' and runs.due_at <= @now)
         order by served_at
        """;

    internal static readonly Sql ListWaitingOfAllAccountsSql = new(
        SqlServer: $"select top (@rows) account {Waiting} option (optimize for (@rows = 100))",
        Sqlite: $"select account {Waiting} limit @rows");

    /// <summary>Accounts with queued runs that may begin; those first that were served longest ago.</summary>
    internal Task<List<string>> ListWaitingAsync(int limit, DateTimeOffset now, int rows, CancellationToken cancellationToken) =>
        database.QueryAsync<string>(ListWaitingOfAllAccountsSql, new { limit, now, rows }, cancellationToken);

    internal static readonly Sql CountOfAllAccountsSql = "select coalesce(sum(running), 0) running, coalesce(sum(queued), 0) queued from run_accounts";

    // By the index on what is due: few others are there but queued ones.
    internal static readonly Sql OldestOfAllAccountsSql = new(
        SqlServer: $"select top (1) due_at served_at {Oldest}",
        Sqlite: $"select due_at served_at {Oldest} limit 1");

    private const string Oldest = $"from runs where due_at <= @now and status = '{RunStatus.Queued}' order by due_at";

    /// <summary>How much waits and goes on, in all accounts.</summary>
    internal async Task<RunQueues> SeeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var counts = await database.FindAsync<RunAccount>(CountOfAllAccountsSql, null, cancellationToken);
        var oldest = await database.FindAsync<RunAccount>(OldestOfAllAccountsSql, new { now }, cancellationToken);
        return new(counts?.Running ?? 0, counts?.Queued ?? 0, oldest is null ? TimeSpan.Zero : now - oldest.Served_at);
    }
}
