using System.Data;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DbUp.Engine;
using DbUp.Engine.Transactions;

namespace Quiva.Gateway.Data;

/// <summary>The numbered scripts under <c>Data/Migrations</c>, embedded in the assembly, in order.</summary>
internal static class MigrationScripts
{
    public static IReadOnlyList<SqlScript> All { get; } = [.. Embedded()
        .OrderBy(script => script.Name, StringComparer.Ordinal)];

    private static IEnumerable<SqlScript> Embedded()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            yield return new SqlScript(name, reader.ReadToEnd());
        }
    }
}

/// <summary>
/// Makes the T-SQL of a migration SQLite's: SQLite takes any type name, but knows no <c>(max)</c>, no identity, no
/// <c>len</c>, no such collation and no <c>drop index … on</c>.
/// </summary>
internal sealed partial class SqliteDialect : IScriptPreprocessor
{
    public string Process(string contents) =>
        Dropped().Replace(
            Length().Replace(Collation().Replace(
                Max().Replace(Identity().Replace(contents, "integer primary key autoincrement"), ""), ""), "length("),
            "drop index $1;");

    [GeneratedRegex(@"bigint identity\(1,1\) not null primary key", RegexOptions.NonBacktracking)]
    private static partial Regex Identity();

    [GeneratedRegex(@"\(max\)", RegexOptions.NonBacktracking)]
    private static partial Regex Max();

    [GeneratedRegex(@"\blen\(", RegexOptions.NonBacktracking)]
    private static partial Regex Length();

    [GeneratedRegex(@"\bdrop index (\w+) on \w+;", RegexOptions.NonBacktracking)]
    private static partial Regex Dropped();

    [GeneratedRegex(@" collate \w+_BIN2", RegexOptions.NonBacktracking)]
    private static partial Regex Collation();
}

/// <summary>
/// DbUp's journal with a hash of each script: a script that was changed after it ran somewhere is refused, because that
/// database would differ from a new one for ever. It also records which scripts are additive: an older version, which
/// does not know them, works with what they have made. Without that it refuses to start.
/// </summary>
/// <remarks>
/// The first line <c>-- additive</c> of a script marks it. The line is no part of the hash, so that a script can be
/// marked later.
/// </remarks>
internal sealed class HashJournal(Func<IConnectionManager> connections, Func<Sql, string> textOf) : IJournal
{
    internal static readonly Sql CreateTableSql = new(
        SqlServer: """
            if object_id(N'schema_versions') is null
                create table schema_versions (
                    script nvarchar(200) not null,
                    hash nvarchar(64) not null,
                    applied_at datetimeoffset(3) not null,
                    constraint pk_schema_versions primary key (script)
                );
            """,
        Sqlite: "create table if not exists schema_versions (script nvarchar(200) not null primary key, hash nvarchar(64) not null, applied_at datetimeoffset(3) not null)");

    internal static readonly Sql HasAdditiveSql = new(
        SqlServer: "select case when col_length('schema_versions', 'additive') is null then 0 else 1 end",
        Sqlite: "select count(*) from pragma_table_info('schema_versions') where name = 'additive'");

    internal static readonly Sql AddAdditiveSql = "alter table schema_versions add additive bit null";

    internal static readonly Sql ListSql = "select script, hash, additive from schema_versions";

    internal static readonly Sql StoreSql =
        "insert into schema_versions (script, hash, applied_at, additive) values (@script, @hash, @now, @additive)";

    private const string AdditiveMark = "-- additive\n";

    public static string HashOf(SqlScript script)
    {
        var text = TextOf(script);
        return Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(IsAdditive(script) ? text[AdditiveMark.Length..] : text)));
    }

    public static bool IsAdditive(SqlScript script) =>
        TextOf(script).StartsWith(AdditiveMark, StringComparison.Ordinal);

    private static string TextOf(SqlScript script) => script.Contents.ReplaceLineEndings("\n");

    public string[] GetExecutedScripts() => connections().ExecuteCommandsWithManagedConnection(command =>
    {
        EnsureTableExistsAndIsLatestVersion(command);
        using var list = command();
        list.CommandText = textOf(ListSql);
        using var reader = list.ExecuteReader();
        var known = MigrationScripts.All.ToDictionary(script => script.Name, HashOf);
        var executed = new List<string>();
        var unknown = new List<string>();
        while (reader.Read())
        {
            var name = reader.GetString(0);
            if (known.TryGetValue(name, out var hash) && hash != reader.GetString(1))
            {
                throw new InvalidOperationException(
                    $"The migration {name} was changed after it had run on this database. Restore it, and put the change into a new migration.");
            }

            if (hash is null
                && (reader.IsDBNull(2) || !Convert.ToBoolean(reader.GetValue(2), CultureInfo.InvariantCulture)))
            {
                unknown.Add(name);
            }

            executed.Add(name);
        }

        if (unknown.Count > 0)
        {
            throw new InvalidOperationException(
                $"The database is that of a newer version of the gateway, with {string.Join(", ", unknown)}, which this version can't work with. "
                + "Start the newer version, or restore the backup that was made before the upgrade.");
        }

        return executed.ToArray();
    });

    public void StoreExecutedScript(SqlScript script, Func<IDbCommand> dbCommandFactory)
    {
        using var command = dbCommandFactory();
        command.CommandText = textOf(StoreSql);
        Add("@script", script.Name);
        // The executed contents are preprocessed; the journal holds the hash of the file.
        var file = MigrationScripts.All.Single(known => known.Name == script.Name);
        Add("@hash", HashOf(file));
        Add("@additive", IsAdditive(file));
        Add("@now", DateTimeOffset.UtcNow);
        command.ExecuteNonQuery();

        void Add(string name, object value)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
    }

    public void EnsureTableExistsAndIsLatestVersion(Func<IDbCommand> dbCommandFactory)
    {
        Execute(CreateTableSql);
        if (Convert.ToInt32(Execute(HasAdditiveSql), CultureInfo.InvariantCulture) == 0)
        {
            Execute(AddAdditiveSql);
        }

        object? Execute(Sql sql)
        {
            using var command = dbCommandFactory();
            command.CommandText = textOf(sql);
            return command.ExecuteScalar();
        }
    }
}
