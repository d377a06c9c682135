using System.Data;
using System.Globalization;
using Dapper;

namespace Quiva.Gateway.Data;

/// <summary>Moments: SQLite returns them as text, SQL Server as they are. Always UTC, in whole milliseconds.</summary>
internal sealed class UtcHandler : SqlMapper.ITypeHandler
{
    /// <summary>Makes Dapper use this handler in both directions.</summary>
    public static void Register()
    {
        // Dapper looks for a parameter's type in its own map first, and would never ask a handler for a type that it
        // finds there.
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        SqlMapper.AddTypeHandler(typeof(DateTimeOffset), new UtcHandler());
    }

    // A column cuts off nothing: SQL Server rounds up what it can't keep, and a response could differ from a later read
    // by a second.
    public void SetValue(IDbDataParameter parameter, object value)
    {
        // Also for null, which SqlClient would send as text: each shape of a statement has its own plan.
        parameter.DbType = DbType.DateTimeOffset;
        parameter.Value = value is DateTimeOffset moment
            ? new DateTimeOffset(moment.UtcTicks - (moment.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero)
            : DBNull.Value;
    }

    public object? Parse(Type destinationType, object value) => value switch
    {
        DateTimeOffset moment => moment.ToUniversalTime(),
        string text => DateTimeOffset.Parse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
        DBNull => null,
        _ => throw new DataException($"Not a moment: {value.GetType()}"),
    };
}
