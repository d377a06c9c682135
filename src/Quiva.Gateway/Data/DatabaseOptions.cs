using System.ComponentModel.DataAnnotations;

namespace Quiva.Gateway.Data;

/// <summary>The engines that the gateway runs on.</summary>
public enum DatabaseProvider
{
    /// <summary>Embedded, one file, nothing to install.</summary>
    Sqlite,

    /// <summary>Microsoft SQL Server, the production engine.</summary>
    SqlServer,
}

/// <summary>
/// Section <c>Database</c>: which engine holds the data. Where it is stands in <c>ConnectionStrings:Gateway</c>.
/// </summary>
public sealed class DatabaseOptions : IValidatableObject
{
    /// <summary>The engine; SQLite unless said otherwise.</summary>
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>
    /// <c>ConnectionStrings:Gateway</c>. Required for SQL Server; for SQLite a file <c>gateway.db</c> in the data
    /// directory when empty.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Seconds, 1 to 4, that connecting, a statement or waiting for a lock may take, unless the connection string says
    /// otherwise. The upper limit keeps the promise that an unreachable database is answered with 503 within 5 seconds.
    /// </summary>
    [Range(1, 4)]
    public int TimeoutSeconds { get; set; } = 3;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider != DatabaseProvider.SqlServer)
        {
            yield break;
        }

        if (string.IsNullOrWhiteSpace(ConnectionString))
        {
            yield return new("ConnectionStrings:Gateway is required when Database:Provider is SqlServer.");
        }
        else if (SqlServerConnection.FaultOf(ConnectionString) is { } fault)
        {
            yield return new(fault);
        }
    }
}
