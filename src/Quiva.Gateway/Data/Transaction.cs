using System.Data.Common;
using Dapper;

namespace Quiva.Gateway.Data;

/// <summary>
/// The statements of one transaction, until the work that got it returns. Not safe for concurrent use.
/// </summary>
public sealed class Transaction : IDisposable
{
    private readonly Database database;
    private readonly DbTransaction? transaction;
    private DbConnection? connection;

    internal Transaction(Database database, DbConnection connection, DbTransaction? transaction)
    {
        this.database = database;
        this.connection = connection;
        this.transaction = transaction;
    }

    // SQLite's connection serves the next caller then.
    private DbConnection Connection => connection ?? throw new ObjectDisposedException(nameof(Transaction));

    /// <summary>All rows of a query.</summary>
    /// <typeparam name="T">A class with settable properties named like the columns.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">An object whose properties are the parameters, spelled as in the statement.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<List<T>> QueryAsync<T>(Sql sql, object? parameters, CancellationToken cancellationToken) =>
        (await Connection.QueryAsync<T>(database.Command(sql, parameters, transaction, cancellationToken))).AsList();

    /// <summary>The first row of a query, or null.</summary>
    /// <typeparam name="T">A class with settable properties named like the columns.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">An object whose properties are the parameters, spelled as in the statement.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<T?> FindAsync<T>(Sql sql, object? parameters, CancellationToken cancellationToken) =>
        Connection.QueryFirstOrDefaultAsync<T>(database.Command(sql, parameters, transaction, cancellationToken));

    /// <summary>Runs a statement that returns no rows.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">An object whose properties are the parameters, spelled as in the statement.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many rows it changed.</returns>
    public Task<int> ExecuteAsync(Sql sql, object? parameters, CancellationToken cancellationToken) =>
        Connection.ExecuteAsync(database.Command(sql, parameters, transaction, cancellationToken));

    /// <summary>Ends the use of it; whether it is committed is decided elsewhere.</summary>
    public void Dispose() => connection = null;
}
