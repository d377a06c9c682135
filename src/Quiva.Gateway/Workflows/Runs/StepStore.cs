using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>The steps of runs: one record each. Written only in the transaction that changes their run.</summary>
public sealed class StepStore(Database database)
{
    private const int Few = 10;

    internal static readonly Sql ListSql = $"select {StoredStep.Columns} from run_steps where account = @account and run_id = @run";

    /// <summary>The steps of a run, without their data.</summary>
    internal Task<List<StoredStep>> ListAsync(StoredRun run, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredStep>(ListSql, new { account = run.Account, run = run.Id }, cancellationToken);

    internal static readonly Sql ListWholeSql =
        $"select {StoredStep.Columns}, input, output, error from run_steps where account = @account and run_id = @run";

    /// <summary>The steps of a run, with their data as it is sealed.</summary>
    internal Task<List<StoredStep>> ListWholeAsync(StoredRun run, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredStep>(ListWholeSql, new { account = run.Account, run = run.Id }, cancellationToken);

    internal static readonly Sql ListStatesSql =
        $"select {StoredStep.Columns}, error from run_steps where account = @account and run_id = @run";

    /// <summary>The steps of a run, with why they failed as it is sealed.</summary>
    internal Task<List<StoredStep>> ListStatesAsync(StoredRun run, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredStep>(ListStatesSql, new { account = run.Account, run = run.Id }, cancellationToken);

    internal static readonly Sql FindOutputSql =
        "select node, output from run_steps where account = @account and run_id = @run and node = @node";

    internal static readonly Sql ListOutputsSql =
        "select node, output from run_steps where account = @account and run_id = @run and output is not null";

    /// <summary>What steps have put out, as it is sealed: those, and of many all that there are.</summary>
    internal async Task<List<StoredStep>> ListOutputsAsync(StoredRun run, IReadOnlyCollection<string> nodes, CancellationToken cancellationToken)
    {
        if (nodes.Count > Few)
        {
            return await database.QueryAsync<StoredStep>(ListOutputsSql, new { account = run.Account, run = run.Id }, cancellationToken);
        }

        var found = new List<StoredStep>();
        foreach (var node in nodes)
        {
            found.AddRange(await database.QueryAsync<StoredStep>(FindOutputSql, new { account = run.Account, run = run.Id, node }, cancellationToken));
        }

        return found;
    }

    // What went in stays: whoever records the outcome may not have read it.
    internal static readonly Sql UpdateSql = """
        update run_steps
           set status = @status, attempt = @attempt, failures = @failures, taken = @taken, child_id = @child, due_at = @due,
               input = coalesce(@input, input), output = @output, error = @error, started_at = @started, ended_at = @ended
         where account = @account and run_id = @run and node = @node
        """;

    internal static readonly Sql InsertSql = """
        insert into run_steps
            (account, run_id, node, status, attempt, failures, taken, child_id, due_at, input, output, error, started_at, ended_at)
        values
            (@account, @run, @node, @status, @attempt, @failures, @taken, @child, @due, @input, @output, @error, @started, @ended)
        """;

    /// <summary>Records a step.</summary>
    /// <param name="transaction">The transaction that changes the run.</param>
    /// <param name="run">The run.</param>
    /// <param name="step">The step.</param>
    /// <param name="isNew">Whether it has no record yet.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal static Task SaveAsync(Transaction transaction, StoredRun run, StoredStep step, bool isNew, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            isNew ? InsertSql : UpdateSql,
            new
            {
                account = run.Account,
                run = run.Id,
                node = step.Node,
                status = step.Status,
                attempt = step.Attempt,
                failures = step.Failures,
                taken = step.Taken,
                child = step.Child_id,
                due = step.Due_at,
                input = step.Input,
                output = step.Output,
                error = step.Error,
                started = step.Started_at,
                ended = step.Ended_at,
            },
            cancellationToken);

    internal static readonly Sql ForgetDataSql = "update run_steps set input = null, output = null where account = @account and run_id = @run";

    /// <summary>Forgets what went into the steps of a run and came out of them.</summary>
    internal static Task ForgetDataAsync(Transaction transaction, StoredRun run, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(ForgetDataSql, new { account = run.Account, run = run.Id }, cancellationToken);

    internal static readonly Sql DeleteFailedSql =
        $"delete from run_steps where account = @account and run_id = @run and status <> '{StepStatus.Succeeded}'";

    /// <summary>Forgets the steps that have not succeeded, so that they are tried again.</summary>
    internal static Task DeleteFailedAsync(Transaction transaction, StoredRun run, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(DeleteFailedSql, new { account = run.Account, run = run.Id }, cancellationToken);
}
