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
    public void Text_is_compared_byte_by_byte() => Holds((schema, _) => new CollationRule(schema));

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
    public void Text_of_two_collations_is_found(string text, string? finding) => Finds((schema, _) => new CollationRule(schema), text, finding);

    [Test]
    public void An_insert_gives_each_column_its_value() => Holds((schema, _) => new InsertRule(schema));

    [TestCase("insert into things (account, subject, name, is_draft, version, data) values (@account, @subject, @name, 0, 1)", "5 values for 6 columns")]
    [TestCase("insert into things (account, subject, name, is_draft, version, data) select account, subject from things where account = @account", "2 values for 6 columns")]
    [TestCase("insert into things (account, subject, name, is_draft, version) values (@account, @subject, @name, 0, 1)", "things.data has to have a value")]
    [TestCase("insert into things values (@account, @subject, @name, 0, 1, @data)", "without naming its columns")]
    [TestCase("insert into things (account, subject, name, is_draft, version, data) values (@account, @subject, @name, 0, 1, @data)", null)]
    public void An_insert_that_does_not_fit_is_found(string text, string? finding) => Finds((schema, _) => new InsertRule(schema), text, finding);

    [Test]
    public void What_is_compared_or_stored_is_of_one_kind() => Holds((schema, _) => new TypeRule(schema));

    [TestCase("select 1 from things where account = @account and version = 'x'", "compares number with text")]
    [TestCase("select 1 from things where account = @account and data = subject", "compares bytes with text")]
    [TestCase("update things set version = @subject where account = @account and subject = @subject", "@subject is")]
    [TestCase("insert into things (name, version) values (@now, @now)", "@now is text")]
    [TestCase("select 1 from things where account = @account and is_draft = 1", null)]
    public void Kinds_that_differ_are_found(string text, string? finding) => Finds((schema, _) => new TypeRule(schema), text, finding);

    [Test]
    public void A_plan_fits_every_count() => Holds((schema, _) => new PlanRule(schema));

    [TestCase("select top (@rows) subject from things where account = @account", "'top (@rows)' shares one plan")]
    [TestCase("select top (@rows) subject from things where account = @account option (optimize for (@rows = 51))", null)]
    [TestCase("select top (200) subject from things where account = @account", null)]
    public void A_plan_for_one_count_is_found(string text, string? finding) => Finds((schema, _) => new PlanRule(schema), text, finding);

    [Test]
    public void What_is_of_all_accounts_is_listed_in_parts() => Holds((schema, name) => new PartRule(schema, name));

    [TestCase("select account, subject from things where account >= @account", "things is listed without an end")]
    [TestCase("select top (200) account, data from things where account >= @account", "data may be of any size")]
    [TestCase("select top (200) account, subject from things where account >= @account", null)]
    public void A_list_of_all_accounts_that_is_not_is_found(string text, string? finding) =>
        Finds((schema, _) => new PartRule(schema, "ThingStore.ListOfAllAccountsSql"), text, finding);

    [Test]
    public void Rows_are_locked_by_reading_them() => Holds((schema, _) => new LockRule(schema));

    [TestCase("update things with (updlock, serializable) set version = version where account = @account and subject = @subject", "changes nothing")]
    [TestCase("select version from things with (nolock) where account = @account and subject = @subject", "NoLock on things")]
    [TestCase("select version from things with (repeatableread) where account = @account and subject = @subject", "held by a shared lock")]
    [TestCase("select version from things with (holdlock) where account = @account and subject = @subject", "held by a shared lock")]
    [TestCase("update things with (updlock, serializable) set version = 1 where account = @account and subject = @subject", null)]
    [TestCase("select version from things with (updlock, holdlock) where account = @account and subject = @subject", null)]
    public void Rows_that_are_locked_otherwise_are_found(string text, string? finding) => Finds((schema, _) => new LockRule(schema), text, finding);

    [Test]
    public void Rows_are_found_by_their_account_and_by_an_index() => Holds((schema, name) => new AccessRule(schema, name));

    [TestCase("select 1 from things where subject = @subject", "things (things) is not found by its account")]
    [TestCase("select 1 from things where account = @account or subject = @subject", "is not found by its account")]
    [TestCase("delete from things", "is not found by its account")]
    [TestCase("select 1 from things a where a.account = @account and exists (select 1 from things b where b.subject = a.subject)", "b (things) is not found by its account")]
    [TestCase("select 1 from things where account = @account and name = @name", "found by account, name, which no index serves")]
    [TestCase("update things set name = @name where version = @version", "which no index serves")]
    [TestCase("select 1 from things a join things b on b.account = a.account and b.subject = a.subject where a.account = @account", null)]
    [TestCase("select count(*) from things where account = @account and is_draft = 1", null)]
    [TestCase("select 1 from things where account = @account and subject > @after and subject < @before", null)]
    public void Rows_that_are_not_are_found(string text, string? finding) => Finds((schema, name) => new AccessRule(schema, name), text, finding);

    [Test]
    public void Every_index_serves_a_statement()
    {
        var used = new HashSet<string>();
        foreach (var (name, text) in SqlText.Statements)
        {
            var rule = new AccessRule(SqlSchema.Current, name);
            FindingsOf(rule, text.SqlServer);
            used.UnionWith(rule.Used);
        }

        // The embedded engine's tables are empty on SQL Server. Runs that have ended are found by their end to be removed.
        Assert.That(
            SqlSchema.Current.Tables.Values.Where(table => !table.Name.StartsWith("engine_", StringComparison.Ordinal)).SelectMany(table => table.Indexes).Select(index => index.Name ?? "").Where(name => name.StartsWith("ix_", StringComparison.Ordinal)),
            Is.SubsetOf(used));
    }

    private static void Holds(Func<SqlSchema, string, SqlScopes> rule) => Assert.That(
        SqlText.Statements.SelectMany(statement =>
            FindingsOf(rule(SqlSchema.Current, statement.Name), statement.Text.SqlServer).Select(finding => $"{statement.Name}: {finding}")),
        Is.Empty);

    private static void Finds(Func<SqlSchema, string, SqlScopes> rule, string text, string? finding)
    {
        Assert.That(SqlText.ErrorsOf(text), Is.Empty);
        Assert.That(FindingsOf(rule(Small, "seeded"), text), finding is null ? Is.Empty : Has.Some.Contains(finding));
    }

    private static List<string> FindingsOf(SqlScopes rule, string text)
    {
        SqlText.Parse(text).Accept(rule);
        return rule.Findings;
    }
}
