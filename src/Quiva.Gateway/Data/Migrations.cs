using System.Data;
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
    public static IReadOnlyList<SqlScript> All { get; } = [.. Embedded().OrderBy(script => script.Name, StringComparer.Ordinal)];

    private static IEnumerable<SqlScript> Embedded()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            yield return new SqlScript(name, reader.ReadToEnd());
        }
    }
}

/// <summary>Makes the T-SQL of a migration SQLite's: SQLite takes any type name, but knows no <c>(max)</c>, no identity, no <c>len</c> and no such collation.</summary>
internal sealed partial class SqliteDialect : IScriptPreprocessor
{
    public string Process(string contents) =>
        Length().Replace(Collation().Replace(Max().Replace(Identity().Replace(contents, "integer primary key autoincrement"), ""), ""), "length(");

    [GeneratedRegex(@"bigint identity\(1,1\) not null primary key", RegexOptions.NonBacktracking)]
    private static partial Regex Identity();

    [GeneratedRegex(@"\(max\)", RegexOptions.NonBacktracking)]
    private static partial Regex Max();

    [GeneratedRegex(@"\blen\(", RegexOptions.NonBacktracking)]
    private static partial Regex Length();

    [GeneratedRegex(@" collate \w+_BIN2", RegexOptions.NonBacktracking)]
    private static partial Regex Collation();
}

/// <summary>
/// DbUp's journal with a hash of each script: a script that was changed after it ran somewhere is refused, because that database
/// would differ from a new one for ever.
/// </summary>
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

    internal static readonly Sql ListSql = "select script, hash from schema_versions";

    internal static readonly Sql StoreSql = "insert into schema_versions (script, hash, applied_at) values (@script, @hash, @now)";

    public static string HashOf(SqlScript script) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script.Contents.ReplaceLineEndings("\n"))));

    public string[] GetExecutedScripts() => connections().ExecuteCommandsWithManagedConnection(command =>
    {
        EnsureTableExistsAndIsLatestVersion(command);
        using var list = command();
        list.CommandText = textOf(ListSql);
        using var reader = list.ExecuteReader();
        var known = MigrationScripts.All.ToDictionary(script => script.Name, HashOf);
        var executed = new List<string>();
        while (reader.Read())
        {
            var name = reader.GetString(0);
            if (known.TryGetValue(name, out var hash) && hash != reader.GetString(1))
            {
                throw new InvalidOperationException($"The migration {name} was changed after it had run on this database. Restore it, and put the change into a new migration.");
            }

            executed.Add(name);
        }

        return executed.ToArray();
    });

    public void StoreExecutedScript(SqlScript script, Func<IDbCommand> dbCommandFactory)
    {
        using var command = dbCommandFactory();
        command.CommandText = textOf(StoreSql);
        Add("@script", script.Name);
        // The executed contents are preprocessed; the journal holds the hash of the file.
        Add("@hash", HashOf(MigrationScripts.All.Single(known => known.Name == script.Name)));
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
        using var command = dbCommandFactory();
        command.CommandText = textOf(CreateTableSql);
        command.ExecuteNonQuery();
    }
}
