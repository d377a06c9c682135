using System.Data;
using Dapper;
using Microsoft.Data.SqlClient;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data;

public sealed class UtcHandlerTests
{
    // 0.6 ms after the millisecond, which SQL Server's datetimeoffset(3) would round up to the next one.
    private static readonly DateTimeOffset Moment = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 999, TimeSpan.FromHours(2))
        .AddTicks(6_000);

    [Test]
    public void A_moment_goes_to_SQL_Server_cut_to_what_a_column_keeps()
    {
        var parameter = ParameterOf(Moment);
        Assert.That(parameter.Value, Is.EqualTo(new DateTimeOffset(2026, 1, 2, 1, 4, 5, 999, TimeSpan.Zero)));
        Assert.That(parameter.SqlDbType, Is.EqualTo(SqlDbType.DateTimeOffset));
    }

    [Test]
    public void No_moment_goes_to_SQL_Server_as_one_of_the_same_type()
    {
        var parameter = ParameterOf(null);
        Assert.That(
            (parameter.SqlDbType, parameter.Value), Is.EqualTo((SqlDbType.DateTimeOffset, (object)DBNull.Value)));
    }

    [Test]
    public async Task What_was_written_is_what_is_read()
    {
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        Assert.That(
            await app.Database.FindAsync<DateTimeOffset>("select @moment", new { moment = Moment }),
            Is.EqualTo(Moment.AddTicks(-6_000)));
        Assert.That(
            await app.Database.FindAsync<DateTimeOffset?>("select @moment", new { moment = (DateTimeOffset?)null }),
            Is.Null);
    }

    private static SqlParameter ParameterOf(DateTimeOffset? moment)
    {
        UtcHandler.Register();
        using var connection = new RecordingConnection();
        connection.Execute("select @moment", new { moment });
        return connection.Parameters.Single();
    }
}
