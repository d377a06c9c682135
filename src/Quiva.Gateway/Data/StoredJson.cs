using System.Data;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Quiva.Gateway.Data;

/// <summary>
/// JSON that was validated when it came: stored, and copied into answers, as it is. SQLite has it as UTF-8, SQL Server
/// as UTF-16; neither is turned into the other before something needs it.
/// </summary>
public sealed class StoredJson
{
    private readonly byte[]? utf8;
    private readonly string? text;

    /// <summary>JSON in UTF-8.</summary>
    /// <param name="utf8">Well-formed JSON; not changed any more.</param>
    public StoredJson(byte[] utf8) => this.utf8 = utf8;

    /// <summary>JSON in UTF-16.</summary>
    /// <param name="text">Well-formed JSON.</param>
    public StoredJson(string text) => this.text = text;

    /// <summary>Bytes in UTF-8.</summary>
    public int Size => utf8?.Length ?? Encoding.UTF8.GetByteCount(text!);

    internal byte[] Utf8 => utf8 ?? Encoding.UTF8.GetBytes(text!);

    internal string Text => text ?? Encoding.UTF8.GetString(utf8!);

    /// <summary>Copies the JSON into other JSON.</summary>
    /// <param name="writer">Where a value is expected.</param>
    public void WriteTo(Utf8JsonWriter writer)
    {
        if (utf8 is not null)
        {
            writer.WriteRawValue(utf8, skipInputValidation: true);
        }
        else
        {
            writer.WriteRawValue(text!, skipInputValidation: true);
        }
    }

    /// <summary>Parses the JSON, for those who look into it.</summary>
    /// <typeparam name="T">What it was written from.</typeparam>
    /// <param name="options">How it was written.</param>
    public T Read<T>(JsonSerializerOptions options) =>
        (utf8 is not null
            ? JsonSerializer.Deserialize<T>(utf8, options)
            : JsonSerializer.Deserialize<T>(text!, options))!;
}

/// <summary>
/// Columns with JSON. SQLite's statements read them as <c>cast(… as blob)</c> and write them as <c>cast(@… as
/// text)</c>: the same bytes, which the provider then hands over without making a text of them.
/// </summary>
internal sealed class StoredJsonHandler : SqlMapper.TypeHandler<StoredJson>
{
    public override void SetValue(IDbDataParameter parameter, StoredJson? value)
    {
        parameter.Value = value is null ? DBNull.Value : parameter is SqliteParameter ? value.Utf8 : value.Text;
        if (parameter is not SqliteParameter)
        {
            // nvarchar(max) for every length: SqlClient would give each its own type, and SQL Server a plan to each of
            // them.
            parameter.DbType = DbType.String;
            parameter.Size = -1;
        }
    }

    public override StoredJson Parse(object value) => value is byte[] utf8 ? new(utf8) : new((string)value);
}
