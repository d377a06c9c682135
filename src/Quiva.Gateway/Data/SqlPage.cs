namespace Quiva.Gateway.Data;

/// <summary>
/// The statements of lists: a part begins behind a key, and costs the same however much there is before and after it.
/// </summary>
internal static class SqlPage
{
    /// <summary>The first rows that meet a condition.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="table">The table.</param>
    /// <param name="where">
    /// The condition: equal to what the key begins with, then behind the key of the row before.
    /// </param>
    /// <param name="order">The rest of the key.</param>
    /// <param name="sqliteColumns">The columns for SQLite, where they differ.</param>
    /// <param name="sqliteIndex">The index that SQLite takes only when it is told to.</param>
    /// <returns>A statement that also takes <c>@rows</c>.</returns>
    public static Sql Of(
        string columns,
        string table,
        string where,
        string order,
        string? sqliteColumns = null,
        string? sqliteIndex = null) => new(
        // One plan for every count, compiled for the usual one.
        SqlServer: $"select top (@rows) {columns} from {table} where {where} order by {order} option (optimize for (@rows = 51))",
        Sqlite: $"""
            select {sqliteColumns ?? columns} from {table}{(sqliteIndex is null ? "" : " indexed by " + sqliteIndex)}
             where {where} order by {order} limit @rows
            """);
}
