using System.Data;
using Dapper;

namespace Quiva.Gateway.Data;

/// <summary>
/// Bytes as parameters of one size: SqlClient would give each length its own, and SQL Server a plan to each of them.
/// </summary>
internal sealed class BytesHandler : SqlMapper.ITypeHandler
{
    // The longest varbinary that is not (max); longer ones are (max), whose size is written as -1.
    private const int Longest = 8000, Max = -1;

    /// <summary>Makes Dapper use this handler in both directions.</summary>
    public static void Register()
    {
        SqlMapper.RemoveTypeMap(typeof(byte[]));
        SqlMapper.AddTypeHandler(typeof(byte[]), new BytesHandler());
    }

    public void SetValue(IDbDataParameter parameter, object value)
    {
        parameter.DbType = DbType.Binary;
        parameter.Size = value is byte[] { Length: > Longest } ? Max : Longest;
        parameter.Value = value;
    }

    public object? Parse(Type destinationType, object value) => value is DBNull ? null : (byte[])value;
}
