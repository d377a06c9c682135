using Quiva.Gateway.Data;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Seals the data of runs and their steps again that are not under the newest key: a run at a time, its steps in parts.</summary>
public sealed class RunResealStore(Database database, SecretProtector secrets, TimeProvider time)
{
    private const int Part = 50;

    // Keys alone: with their data all of them would not fit into memory.
    internal static readonly Sql ListKeysOfAllAccountsSql = new(
        SqlServer: $"select top (200) {AfterKey}",
        Sqlite: $"select {AfterKey} limit 200");

    private const string AfterKey = """
        account, id, subject
          from runs
         where account >= @account and (account > @account or id > @id)
         order by account, id
        """;

    /// <summary>Seals them again.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the work; what is done stays done.</param>
    public Task<Resealing> ResealAsync(Caller actor, CancellationToken cancellationToken) => Resealing.ForEachAsync<StoredRun>(
        new(),
        async after => await database.QueryAsync<StoredRun>(ListKeysOfAllAccountsSql, new { account = after.Account, id = after.Id }, cancellationToken),
        run => run.TrackingId,
        run => ResealAsync(run, actor, cancellationToken));

    internal static readonly Sql ListNodesSql = """
        select node from run_steps
         where account = @account and run_id = @run and (input is not null or output is not null or error is not null)
        """;

    private async Task<bool> ResealAsync(StoredRun run, Caller actor, CancellationToken cancellationToken)
    {
        var isChanged = await database.InTransactionAsync(transaction => ResealRowAsync(transaction, run, actor, cancellationToken), cancellationToken);
        var nodes = await database.QueryAsync<string>(ListNodesSql, new { account = run.Account, run = run.Id }, cancellationToken);
        foreach (var part in nodes.Chunk(Part))
        {
            isChanged |= await database.InTransactionAsync(transaction => ResealStepsAsync(transaction, run, part, actor, cancellationToken), cancellationToken);
        }

        return isChanged;
    }

    internal static readonly Sql LockSql = new(
        SqlServer: $"select {StoredRun.Columns} from runs with (updlock, holdlock) where account = @account and id = @id",
        Sqlite: $"select {StoredRun.Columns} from runs where account = @account and id = @id");

    // The version rises: an instance that works on the run has the old bytes, and would write them back.
    internal static readonly Sql UpdateSql = """
        update runs set input = @input, result = @result, error = @error, version = version + 1
         where account = @account and id = @id
        """;

    private async Task<bool> ResealRowAsync(Transaction transaction, StoredRun key, Caller actor, CancellationToken cancellationToken)
    {
        if (await transaction.FindAsync<StoredRun>(LockSql, new { account = key.Account, id = key.Id }, cancellationToken) is not { } run)
        {
            return false;
        }

        var isOld = false;
        var (input, result, error) = (Again(run.Place("input"), run.Input, ref isOld), Again(run.Place("result"), run.Result, ref isOld), Again(run.Place("error"), run.Error, ref isOld));
        if (isOld)
        {
            await transaction.ExecuteAsync(UpdateSql, new { account = run.Account, id = run.Id, input, result, error }, cancellationToken);
            await AppendAsync(transaction, run, actor, ["input", "result", "error"], cancellationToken);
        }

        return isOld;
    }

    internal static readonly Sql FindStepSql = "select node, input, output, error from run_steps where account = @account and run_id = @run and node = @node";

    internal static readonly Sql UpdateStepSql = """
        update run_steps set input = @input, output = @output, error = @error
         where account = @account and run_id = @run and node = @node
        """;

    internal static readonly Sql LockVersionSql = new(
        SqlServer: "select version from runs with (updlock, holdlock) where account = @account and id = @id",
        Sqlite: "select version from runs where account = @account and id = @id");

    internal static readonly Sql TouchSql = "update runs set version = version + 1 where account = @account and id = @id";

    // Steps are written in transactions that change their run: with its row locked they stay as they are read.
    private async Task<bool> ResealStepsAsync(Transaction transaction, StoredRun run, string[] nodes, Caller actor, CancellationToken cancellationToken)
    {
        if (await transaction.FindAsync<long?>(LockVersionSql, new { account = run.Account, id = run.Id }, cancellationToken) is null)
        {
            return false;
        }

        var isAnyOld = false;
        foreach (var node in nodes)
        {
            var isOld = false;
            if (await transaction.FindAsync<StoredStep>(FindStepSql, new { account = run.Account, run = run.Id, node }, cancellationToken) is not { } step)
            {
                continue;
            }

            var (input, output, error) = (
                Again(StoredStep.Place(run, node, "input"), step.Input, ref isOld),
                Again(StoredStep.Place(run, node, "output"), step.Output, ref isOld),
                Again(StoredStep.Place(run, node, "error"), step.Error, ref isOld));
            if (isOld)
            {
                await transaction.ExecuteAsync(UpdateStepSql, new { account = run.Account, run = run.Id, node, input, output, error }, cancellationToken);
            }

            isAnyOld |= isOld;
        }

        if (isAnyOld)
        {
            await transaction.ExecuteAsync(TouchSql, new { account = run.Account, id = run.Id }, cancellationToken);
            await AppendAsync(transaction, run, actor, ["steps"], cancellationToken);
        }

        return isAnyOld;
    }

    private Task<long> AppendAsync(Transaction transaction, StoredRun run, Caller actor, string[] fields, CancellationToken cancellationToken) =>
        transaction.AppendAsync(new(run.Account, run.TrackingId, "resealed", actor.Actor, time.GetUtcNow(), fields), cancellationToken);

    private byte[]? Again(SecretPlace place, byte[]? sealedBytes, ref bool isOld)
    {
        if (sealedBytes is null)
        {
            return null;
        }

        var bytes = secrets.OpenBytes(place, sealedBytes, out var outdated);
        isOld |= outdated;
        return outdated ? secrets.Seal(place, bytes) : sealedBytes;
    }
}
