using System.Reflection;
using System.Text.RegularExpressions;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Data.Rules;

namespace Quiva.Gateway.Tests.Data;

/// <summary>
/// Rules for statements that hold without a server: each T-SQL text is parsed as SQL Server 2022 would.
/// </summary>
public sealed partial class SqlTests
{
    // Tables with an account whose rows are not found by it: keys and sign-ins name the account themselves; the log is
    // only appended to.
    private static readonly string[] PlatformTables =
    [
        "api_keys",
        "changes",
        "oauth_sign_ins",
        "oauth_pending_sign_ins"
    ];

    private static IEnumerable<FieldInfo> Fields() => typeof(Program).Assembly.GetTypes()
        .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
        .Where(field => field.FieldType == typeof(Sql));

    private static IEnumerable<TestCaseData> Statements() => Fields()
        .Select(field => new TestCaseData(((Sql)field.GetValue(null)!).SqlServer)
            .SetArgDisplayNames($"{field.DeclaringType!.Name}.{field.Name}"))
        .Append(new TestCaseData(SqlServerEngine.AppLockText).SetArgDisplayNames("the application lock"));

    private static IEnumerable<TestCaseData> Migrations() =>
        MigrationScripts.All.Select(script => new TestCaseData(script.Contents).SetArgDisplayNames(script.Name));

    [TestCaseSource(nameof(Statements))]
    [TestCaseSource(nameof(Migrations))]
    public void Is_TSql(string text) => Assert.That(SqlText.ErrorsOf(text), Is.Empty);

    [Test]
    public void What_is_no_TSql_is_noticed() =>
        Assert.That(SqlText.ErrorsOf("insert into t (a) values (@a) on conflict (a) do nothing"), Is.Not.Empty);

    [Test]
    public void There_are_statements_to_parse() => Assert.That(Fields().Count(), Is.GreaterThan(15));

    [Test]
    public void A_statement_on_rows_of_an_account_names_the_account()
    {
        var owned = MigrationScripts.All
            .SelectMany(script => CreateTable().Matches(script.Contents))
            .Where(table => table.Groups["columns"].Value.Contains("    account ", StringComparison.Ordinal))
            .Select(table => table.Groups["name"].Value).ToList();
        Assert.That(owned, Is.SupersetOf(PlatformTables));
        foreach (var field in Fields().Where(field => !field.Name.Contains("OfAllAccounts", StringComparison.Ordinal)))
        {
            var sql = (Sql)field.GetValue(null)!;
            foreach (var table in owned.Except(PlatformTables)
                .Where(table => Regex.IsMatch(sql.SqlServer, $@"\b{table}\b")))
            {
                Assert.That(
                    sql.SqlServer.Contains("@account") && sql.Sqlite.Contains("@account"),
                    $"{field.DeclaringType!.Name}.{field.Name} uses {table} without @account");
            }
        }
    }

    [Test]
    public void The_clock_is_passed_in([ValueSource(nameof(Fields))] FieldInfo field) =>
        // Leases alone are judged by the clock of the database: instances may not agree about the time.
        Assert.That(
            field.Name == "LeaseSql" ? ((Sql)field.GetValue(null)!).Sqlite : ((Sql)field.GetValue(null)!).ToString(),
            Does.Not.Match("(?i)getdate|getutcdate|sysdatetime|datetime\\('now'|current_timestamp"));

    [Test]
    public void Only_stores_and_the_data_layer_hold_statements() => Assert.That(
        Fields().Select(field => field.DeclaringType!).Where(
            type => !type.Name.EndsWith("Store", StringComparison.Ordinal) && type.Namespace != "Quiva.Gateway.Data"),
        Is.Empty);

    [Test]
    public void Both_texts_of_a_statement_read_the_same_columns([ValueSource(nameof(Fields))] FieldInfo field)
    {
        var sql = (Sql)field.GetValue(null)!;
        if (ColumnsOf(sql.SqlServer) is { } columns && ColumnsOf(sql.Sqlite) is { } others)
        {
            Assert.That(columns, Is.EqualTo(others));
        }
    }

    [Test]
    public void A_column_that_one_text_lacks_is_noticed() => Assert.That(
        ColumnsOf("select top (@n) a, t.b, coalesce(c, 0) as d from t"), Is.EqualTo(new[] { "a", "b", "d" }));

    // The last word of each element up to the first from that stands in no parentheses; null for what reads no rows.
    private static List<string>? ColumnsOf(string text)
    {
        if (!text.StartsWith("select", StringComparison.Ordinal))
        {
            return null;
        }

        var (columns, depth, word) = (new List<string>(), 0, "");
        foreach (var token in Tokens().Matches(Top().Replace(text, "")).Select(match => match.Value).Skip(1))
        {
            depth += token == "(" ? 1 : token == ")" ? -1 : 0;
            if (depth == 0 && token is "," or "from")
            {
                columns.Add(word);
                if (token == "from")
                {
                    return columns;
                }
            }

            word = depth == 0 ? token : word;
        }

        return null;
    }

    [GeneratedRegex(@"top \(.*?\) ")]
    private static partial Regex Top();

    [GeneratedRegex(@"[\w@*]+|[(),]")]
    private static partial Regex Tokens();

    [GeneratedRegex(@"create table (?<name>\w+) \((?<columns>.*?)\n\)", RegexOptions.Singleline)]
    private static partial Regex CreateTable();
}
