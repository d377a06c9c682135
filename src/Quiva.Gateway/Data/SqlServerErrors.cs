namespace Quiva.Gateway.Data;

/// <summary>
/// What errors of SQL Server and Azure SQL mean to a caller. Numbers and classes:
/// https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors and, for Azure
/// SQL, https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues.
/// </summary>
internal static class SqlServerErrors
{
    // From this class on the server lacks a resource, or is broken: no statement of ours is to blame.
    private const byte OutOfResources = 17;

    private const int Constraint = 547;

    private static readonly HashSet<int> LostRaces = [
        1205, // victim of a deadlock
        2601, 2627, // duplicate key
        3960, // snapshot conflict
    ];

    private static readonly HashSet<int> Unavailable = [
        -2, 0, 2, 20, 53, 64, 121, 233, 258, 10053, 10054, 10060, 10061, 11001, // no connection, or one that was lost
        4060, 4221, 6005, 17142, 17187, 17197, 18401, 18456, // not ready for logins: starting, stopping, paused, failing over
        615, 913, 921, 922, 924, 926, 927, 945, 952, 976, 978, 983, // this database is starting, in recovery, or on the wrong replica
        3906, 3908, // read-only, or in an emergency
        701, 802, 1105, 1204, 1222, 8645, 8651, 9002, 10922, 10928, 10929, 10936, // out of memory, space, locks, log, workers or time
        40143, 40166, 40197, 40501, 40540, 40613, 42108, 42109, 49918, 49919, 49920, // Azure: reconfigured, throttled, paused
    ];

    /// <summary>Whether another transaction was first, so that the work may be tried again as a whole.</summary>
    /// <param name="number">The error's number.</param>
    /// <param name="message">
    /// Its text. Error 547 is a lost race for a foreign key only, and permanent for a check; the name of the
    /// constraint, which a test makes start with <c>fk_</c>, is in the text in every language.
    /// </param>
    public static bool IsLostRace(int number, string message) =>
        LostRaces.Contains(number) || (number == Constraint && message.Contains("fk_", StringComparison.Ordinal));

    /// <summary>Whether the server can't be reached, or can't work at the moment.</summary>
    /// <param name="number">The error's number.</param>
    /// <param name="severity">Its class, 0 to 25.</param>
    public static bool IsUnavailable(int number, byte severity) =>
        severity >= OutOfResources || Unavailable.Contains(number);
}
