using System.Data;
using System.Globalization;
using Dapper;

namespace Quiva.Gateway.Data;

/// <summary>Moments: SQLite gives them back as text, SQL Server as they are. Always UTC.</summary>
internal sealed class UtcHandler : SqlMapper.TypeHandler<DateTimeOffset>
{
    public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) => parameter.Value = value.ToUniversalTime();

    public override DateTimeOffset Parse(object value) => value switch
    {
        DateTimeOffset moment => moment.ToUniversalTime(),
        string text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
        _ => throw new DataException($"Not a moment: {value.GetType()}"),
    };
}
