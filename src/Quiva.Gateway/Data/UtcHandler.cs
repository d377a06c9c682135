using System.Data;
using System.Globalization;
using Dapper;

namespace Quiva.Gateway.Data;

/// <summary>Moments: SQLite gives them back as text, SQL Server as they are. Always UTC.</summary>
internal sealed class UtcHandler : SqlMapper.TypeHandler<DateTimeOffset>
{
    // What a column does not keep is cut off here: SQL Server would round it, and what was answered could differ from what is read by a second.
    public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) =>
        parameter.Value = new DateTimeOffset(value.UtcTicks - (value.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);

    public override DateTimeOffset Parse(object value) => value switch
    {
        DateTimeOffset moment => moment.ToUniversalTime(),
        string text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
        _ => throw new DataException($"Not a moment: {value.GetType()}"),
    };
}
