namespace Quiva.Gateway.Data;

/// <summary>
/// One statement, as text for each engine. A statement that both engines take is written once and converts from a
/// string. Each <c>SqlServer</c> text is parsed in a test, so a statement has to be a field of a store, never built at
/// run time.
/// </summary>
/// <param name="SqlServer">T-SQL.</param>
/// <param name="Sqlite">SQLite's dialect.</param>
public readonly record struct Sql(string SqlServer, string Sqlite)
{
    /// <summary>A statement that both engines take as it stands.</summary>
    /// <param name="portable">The text for both engines.</param>
    public static implicit operator Sql(string portable) => new(portable, portable);
}
