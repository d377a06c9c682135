using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>Lists connections of accounts. Tokens are not read.</summary>
public sealed class ConnectionListStore(Database database, CounterStore counters)
{
    // What no integration's id has in it.
    private const char Separator = '.';

    private const string Columns = StoredConnection.ListedColumns;

    internal static readonly Sql ListOfIntegrationSql = SqlPage.Of(
        Columns, "oauth_connections", "account = @account and integration_id = @integration and connection_id > @connection", "connection_id");

    // SQL Server does not compare pairs, and would walk past all connections of an integration.
    internal static readonly Sql ListSql = new(
        SqlServer: $"""
            select top (@rows) {StoredConnection.ListedNames} from (
                select top (@rows) {Columns} from oauth_connections
                 where account = @account and integration_id = @integration and connection_id > @connection
                 order by connection_id
                union all
                select top (@rows) {Columns} from oauth_connections
                 where account = @account and integration_id > @integration
                 order by integration_id, connection_id) both_parts
             order by integration_id, connection_id
            option (optimize for (@rows = 51))
            """,
        Sqlite: $"""
            select {Columns} from oauth_connections
             where account = @account and (integration_id, connection_id) > (@integration, @connection)
             order by integration_id, connection_id limit @rows
            """);

    /// <summary>Connections of an account, by integration and id.</summary>
    /// <param name="account">The account.</param>
    /// <param name="integration">Only those to this integration; null means to all.</param>
    /// <param name="window">Which part of the list.</param>
    /// <exception cref="GatewayException">The cursor is another list's.</exception>
    public Listing<Connection> List(string account, string? integration, Window window)
    {
        _ = KeyOf(window.After, integration);
        return new(
            window,
            async (after, rows, size, cancellationToken) =>
            {
                var key = KeyOf(after, integration);
                var (read, isCut) = await database.QueryAsync<StoredConnection>(
                    integration is null ? ListSql : ListOfIntegrationSql,
                    new { account, integration = key.Integration, connection = key.Connection, rows },
                    _ => 0,
                    size,
                    cancellationToken);
                return (read.ConvertAll(row => row.WithTokens("", null)), isCut);
            },
            connection => $"{connection.Key.Integration}{Separator}{connection.Key.Id}",
            _ => 0,
            cancellationToken =>
                counters.TotalAsync(account, CounterKind.Connection, integration ?? "", null, cancellationToken));
    }

    private static (string Integration, string Connection) KeyOf(string? after, string? integration) =>
        after is null ? (integration ?? "", "")
        : after.Split(Separator, 2) is [var first, var second]
            && (integration is null || first == integration) ? (first, second)
        : throw Window.Unknown();
}
