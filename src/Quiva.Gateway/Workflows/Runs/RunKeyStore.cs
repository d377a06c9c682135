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

    /// <summary>The runs that an earlier request with the same key has started, or null.</summary>
    /// <exception cref="GatewayException">That request asked for something else.</exception>
    internal static async Task<List<StoredRun>?> FindAsync(Transaction transaction, RunRequest request, string key, CancellationToken cancellationToken)
    {
        var earlier = new List<StoredRun>();
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var parameters = new { account = request.Account, subject = request.Subject, kind = Request, key = KeyOf(key, i) };
            var found = await transaction.FindAsync<StoredKey>(FindSql, parameters, cancellationToken);
            if (found is null)
            {
                break;
            }

            if (found.Body_hash != request.BodyHash)
            {
                throw new GatewayException(GatewayError.Conflict, "This Idempotency-Key was used for another request.");
            }

            earlier.Add((await transaction.FindAsync<StoredRun>(RunStore.FindSql, new { account = request.Account, id = found.Run_id }, cancellationToken))!);
        }

        return earlier.Count == 0 ? null : earlier;
    }

    // Of a list of triggers each run has a key of its own, which nobody else can send.
    private static string KeyOf(string key, int place) =>
        place == 0 ? key : RunRules.HashOf(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key}/{place}"));

    internal static readonly Sql InsertSql = """
        insert into run_keys (account, subject, kind, run_key, run_id, body_hash, first_at)
        values (@account, @subject, @kind, @key, @run, @hash, @now)
        """;

    /// <summary>Remembers the key of a request.</summary>
    internal static async Task AddAsync(Transaction transaction, RunRequest request, string key, IReadOnlyList<StoredRun> runs, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var i = 0; i < runs.Count; i++)
        {
            var parameters = new { account = request.Account, subject = request.Subject, kind = Request, key = KeyOf(key, i), run = runs[i].Id, hash = request.BodyHash, now };
            await transaction.ExecuteAsync(InsertSql, parameters, cancellationToken);
        }
    }

    internal static readonly Sql ProlongSql = $"""
        update runs set input = @input, due_at = @due, version = version + 1
         where account = @account and id = @id and status = '{Contract.RunStatus.Queued}'
        """;

    /// <summary>Gives a run that is held back another trigger, and holds it back longer.</summary>
    /// <returns>The run that is held back; null when there is none.</returns>
    internal static async Task<StoredRun?> ProlongAsync(Transaction transaction, StoredRun run, Burst burst, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await transaction.FindAsync<StoredKey>(FindSql, new { account = run.Account, subject = run.Subject, kind = Held, key = run.Run_key }, cancellationToken);
        if (found is null)
        {
            return null;
        }

        var held = run.Clone();
        held.Id = found.Run_id;
        held.Due_at = burst.Most is { } most && found.First_at + most < now + burst.Quiet ? found.First_at + most : now + burst.Quiet;
        // The trigger is sealed for the run that is there.
        var parameters = new { account = held.Account, id = held.Id, input = held.Reseal!(held), due = held.Due_at };
        return await transaction.ExecuteAsync(ProlongSql, parameters, cancellationToken) == 1 ? held : null;
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
