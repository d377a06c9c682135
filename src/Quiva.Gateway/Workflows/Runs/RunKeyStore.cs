using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Keys by which runs are found: those of callers' requests, and those of bursts that are held back.</summary>
public static class RunKeyStore
{
    private const string Request = "request", Held = "burst";

    internal static readonly Sql FindSql = """
        select run_id, body_hash, first_at from run_keys
         where account = @account and subject = @subject and kind = @kind and run_key = @key
        """;

    /// <summary>The run that an earlier request with the same key has started, or null.</summary>
    /// <exception cref="GatewayException">That request asked for something else.</exception>
    internal static async Task<StoredRun?> FindAsync(Transaction transaction, RunRequest request, string key, CancellationToken cancellationToken)
    {
        var found = await transaction.FindAsync<StoredKey>(FindSql, new { account = request.Account, subject = request.Subject, kind = Request, key }, cancellationToken);
        return found is null ? null
            : found.Body_hash != request.BodyHash ? throw new GatewayException(GatewayError.Conflict, "This Idempotency-Key was used for another request.")
            : await transaction.FindAsync<StoredRun>(RunStore.FindSql, new { account = request.Account, id = found.Run_id }, cancellationToken);
    }

    internal static readonly Sql InsertSql = """
        insert into run_keys (account, subject, kind, run_key, run_id, body_hash, first_at)
        values (@account, @subject, @kind, @key, @run, @hash, @now)
        """;

    /// <summary>Remembers the key of a request.</summary>
    internal static Task AddAsync(Transaction transaction, RunRequest request, string key, StoredRun run, DateTimeOffset now, CancellationToken cancellationToken) => transaction.ExecuteAsync(
        InsertSql, new { account = request.Account, subject = request.Subject, kind = Request, key, run = run.Id, hash = request.BodyHash, now }, cancellationToken);

    internal static readonly Sql ProlongSql = $"""
        update runs set input = @input, due_at = @due, version = version + 1
         where account = @account and id = @id and status = '{Contract.RunStatus.Queued}'
        """;

    /// <summary>Gives a run that is held back another trigger, and holds it back longer; false when there is none.</summary>
    internal static async Task<bool> ProlongAsync(Transaction transaction, StoredRun run, Burst burst, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await transaction.FindAsync<StoredKey>(FindSql, new { account = run.Account, subject = run.Subject, kind = Held, key = run.Run_key }, cancellationToken);
        if (found is null)
        {
            return false;
        }

        // The trigger is sealed for the run that is there.
        var due = burst.Most is { } most && found.First_at + most < now + burst.Quiet ? found.First_at + most : now + burst.Quiet;
        run.Id = found.Run_id;
        run.Due_at = due;
        return await transaction.ExecuteAsync(ProlongSql, new { account = run.Account, id = run.Id, input = run.Reseal!(run), due }, cancellationToken) == 1;
    }

    /// <summary>Remembers a run that is held back.</summary>
    internal static Task AddBurstAsync(Transaction transaction, StoredRun run, DateTimeOffset now, CancellationToken cancellationToken) => transaction.ExecuteAsync(
        InsertSql, new { account = run.Account, subject = run.Subject, kind = Held, key = run.Run_key, run = run.Id, hash = (string?)null, now }, cancellationToken);

    internal static readonly Sql ForgetBurstSql = $"delete from run_keys where account = @account and run_id = @run and kind = '{Held}'";

    /// <summary>A burst's run begins: what comes after it is another burst.</summary>
    internal static Task ForgetBurstAsync(Transaction transaction, StoredRun run, CancellationToken cancellationToken) =>
        run.Run_key is null ? Task.CompletedTask : transaction.ExecuteAsync(ForgetBurstSql, new { account = run.Account, run = run.Id }, cancellationToken);

    internal sealed class StoredKey
    {
        public string Run_id { get; init; } = "";

        public string? Body_hash { get; init; }

        public DateTimeOffset First_at { get; init; }
    }
}
