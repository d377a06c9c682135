namespace Quiva.Gateway.Data;

/// <summary>
/// One entry of the append-only log: audit trail, history, and source of the contract's <c>sequence</c>. Never holds a
/// secret.
/// </summary>
/// <param name="Account">The account that acted.</param>
/// <param name="Subject">The full identifier of what was changed.</param>
/// <param name="Kind">
/// <c>created</c>, <c>updated</c>, <c>deleted</c>, <c>revoked</c>, <c>refreshed</c>, <c>resealed</c>, <c>moved</c>,
/// <c>pruned</c> or <c>erased</c>.
/// </param>
/// <param name="Actor">Who did it, see <see cref="Security.Caller.Actor"/>.</param>
/// <param name="OccurredAt">When, UTC.</param>
/// <param name="Fields">Names of the changed fields, in the contract's spelling.</param>
/// <param name="Resource">
/// What the history of a resource is found by, also after it was moved to another subject; null where there is no
/// history.
/// </param>
/// <param name="Body">What history shows of this change, as JSON; null for nothing.</param>
public sealed record Change(
    string Account, string Subject, string Kind, string Actor, DateTimeOffset OccurredAt, IEnumerable<string> Fields, string? Resource =
        null, StoredJson? Body = null)
{
    /// <summary>Whose sequence the change is counted in: the account's, except for rows of the platform.</summary>
    internal string Owner { get; init; } = Account;
}

/// <summary>
/// Writes to <c>changes</c>, always in the transaction of the change itself: if it can't be written, the change does
/// not happen.
/// </summary>
public static class ChangeStore
{
    // The row of the sequence stays locked until the end of the transaction: changes of an account get their numbers in
    // the order in which they are committed. A transaction locks the rows that it changes before it comes here, and no
    // others afterwards.
    internal static readonly Sql AppendSql = new(
        SqlServer: $"""
            update counters with (updlock, serializable) set total = total + 1 where account = @owner and kind = 'sequence' and scope = '';
            if @@rowcount = 0
                insert into counters (account, kind, scope, total, bytes) values (@owner, 'sequence', '', 1, 0);
            {InsertOf("@body")};
            {VersionText}
            """,
        Sqlite: $"""
            insert into counters (account, kind, scope, total, bytes) values (@owner, 'sequence', '', 1, 0)
                on conflict (account, kind, scope) do update set total = total + 1;
            {InsertOf("cast(@body as text)")};
            {VersionText}
            """);

    private const string VersionText =
        "select total from counters where account = @owner and kind = 'sequence' and scope = ''";

    private static string InsertOf(string body) => $"""
        insert into changes (account, subject, kind, actor, occurred_at, fields, resource, body, bytes, version)
        select @account, @subject, @kind, @actor, @occurredAt, @fields, @resource, {body}, @bytes, total
          from counters where account = @owner and kind = 'sequence' and scope = ''
        """;

    /// <summary>Appends an entry.</summary>
    /// <param name="transaction">The transaction of the change.</param>
    /// <param name="change">What happened.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Its sequence: greater than that of every earlier change of the same owner.</returns>
    public static Task<long> AppendAsync(
        this Transaction transaction, Change change, CancellationToken cancellationToken) =>
        transaction.FindAsync<long>(
            AppendSql,
            new
            {
                owner = change.Owner,
                account = change.Account,
                subject = change.Subject,
                kind = change.Kind,
                actor = change.Actor,
                occurredAt = change.OccurredAt,
                fields = string.Join(',', change.Fields),
                resource = change.Resource,
                body = change.Body,
                bytes = (long)(change.Body?.Size ?? 0),
            },
            cancellationToken);
}
