namespace Quiva.Gateway.Data;

/// <summary>
/// An entry of the audit trail as it is read. It holds no values, only the names of the fields that changed.
/// </summary>
public sealed class RecordedChange
{
    /// <summary>Its place among all entries.</summary>
    public long Sequence { get; init; }

    /// <summary>The account that acted.</summary>
    public string Account { get; init; } = "";

    /// <summary>What was changed.</summary>
    public string Subject { get; init; } = "";

    /// <summary>How.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Who did it.</summary>
    public string Actor { get; init; } = "";

    /// <summary>When, UTC.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>The names of the changed fields, separated by commas.</summary>
    public string Fields { get; init; } = "";
}

/// <summary>Which entries of the audit trail are wanted.</summary>
/// <param name="Account">Those of this account.</param>
/// <param name="Subject">Those of this subject; null means of all.</param>
/// <param name="Actor">Those by this actor; null means by all.</param>
/// <param name="Since">Those from then on.</param>
/// <param name="Until">Those before then.</param>
public sealed record ChangeFilter(
    string Account, string? Subject, string? Actor, DateTimeOffset Since, DateTimeOffset Until);

/// <summary>Reads the audit trail.</summary>
public sealed class ChangeListStore(Database database)
{
    private const string Columns = "sequence, account, subject, kind, actor, occurred_at, fields";

    private const string Where = """
        account = @account and sequence > @after and (@subject is null or subject = @subject)
           and occurred_at >= @since and occurred_at < @until
        """;

    internal static readonly Sql ListSql = new(
        SqlServer: $"""
            select top (500) {Columns} from changes
             where {Where} and (@actor is null or actor = @actor collate Latin1_General_100_BIN2)
             order by sequence
            """,
        Sqlite: $"""
            select {Columns} from changes
             where {Where} and (@actor is null or actor = @actor)
             order by sequence limit 500
            """);

    /// <summary>Entries in the order in which they were made, read a part at a time.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async IAsyncEnumerable<RecordedChange> ListAsync(
        ChangeFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0L;
        while (true)
        {
            var part = await database.QueryAsync<RecordedChange>(
                ListSql,
                new
                {
                    account = filter.Account,
                    subject = filter.Subject,
                    actor = filter.Actor,
                    since = filter.Since,
                    until = filter.Until,
                    after
                },
                cancellationToken);
            foreach (var change in part)
            {
                yield return change;
            }

            if (part.Count == 0)
            {
                yield break;
            }

            after = part[^1].Sequence;
        }
    }
}
