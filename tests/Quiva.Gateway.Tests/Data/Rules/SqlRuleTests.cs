namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// What a parser can't see, and SQL Server would say when it compiles a statement, or a DBA when it runs: each rule holds for every statement
/// of the product, and finds a seeded fault.
/// </summary>
public sealed class SqlRuleTests
{
    private static readonly SqlSchema Small = SqlSchema.Of(
        """
        create table things (
            account nvarchar(64) collate Latin1_General_100_BIN2 not null,
            subject nvarchar(100) collate Latin1_General_100_BIN2 not null,
            name nvarchar(400) not null,
            is_draft bit not null,
            version bigint not null,
            data varbinary(max) not null,
            constraint pk_things primary key (account, subject)
        );
        """,
        "alter table things add label nvarchar(10) null;");

    [Test]
    public void Text_is_compared_byte_by_byte() => Holds(schema => new CollationRule(schema));

    [TestCase("select 1 from things where account = @account and subject = concat(@prefix, label)", "two collations (error 468)")]
    [TestCase("select 1 from things a join things b on a.account = b.account and a.subject = b.name", "two collations (error 468)")]
    [TestCase("update things set name = 'x' where account = @account and case is_draft when 1 then subject else name end = @name", "two collations (error 468)")]
    [TestCase("delete from things where account = @account and subject in (select name from things)", "two collations (error 468)")]
    [TestCase("delete from things where account = @account and subject = (select max(name) from things)", "two collations (error 468)")]
    [TestCase("delete from things where account = @account and subject in (select subject from things)", null)]
    [TestCase("select 1 from things where account = @account and subject in (@a, lower(name))", "two collations (error 468)")]
    [TestCase("with x as (select label as other from things) select 1 from x join things on things.subject = x.other", "two collations (error 468)")]
    [TestCase("select 1 from (select label l from things) x, things y where y.subject = x.l", "two collations (error 468)")]
    [TestCase("select 1 from things where account = @account and label = @label", "under the database's collation")]
    [TestCase("select 1 from things where account = @account order by label", "under the database's collation")]
    [TestCase("select 1 from things where account = @account and subject = concat(@prefix, label) collate Latin1_General_100_BIN2", null)]
    [TestCase("select subject from things where account = @account and subject > @after order by subject", null)]
    [TestCase("insert into things (name) select concat(subject, 'x') from things where account = @account and version = 1", null)]
    public void Text_of_two_collations_is_found(string text, string? finding) => Finds(schema => new CollationRule(schema), text, finding);

    private static void Holds(Func<SqlSchema, SqlScopes> rule) => Assert.That(
        SqlText.Statements.SelectMany(statement => FindingsOf(rule(SqlSchema.Current), statement.Text.SqlServer).Select(finding => $"{statement.Name}: {finding}")),
        Is.Empty);

    private static void Finds(Func<SqlSchema, SqlScopes> rule, string text, string? finding)
    {
        Assert.That(SqlText.ErrorsOf(text), Is.Empty);
        Assert.That(FindingsOf(rule(Small), text), finding is null ? Is.Empty : Has.Some.Contains(finding));
    }

    private static List<string> FindingsOf(SqlScopes rule, string text)
    {
        SqlText.Parse(text).Accept(rule);
        return rule.Findings;
    }
}
