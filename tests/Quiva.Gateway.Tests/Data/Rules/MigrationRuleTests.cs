using Microsoft.SqlServer.TransactSql.ScriptDom;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>Rules for the tables themselves.</summary>
public sealed class MigrationRuleTests
{
    [Test]
    public void Tables_follow_the_rules() => Assert.That(
        MigrationScripts.All.Where(script => !script.Name.EndsWith(".sqlite.sql", StringComparison.Ordinal))
            .SelectMany(script => FindingsOf(script.Contents).Select(finding => $"{script.Name}: {finding}"))
            // The spelling that SqliteDialect turns into SQLite's. The names differ from database to database: no later
            // script may drop them.
            .Where(
                finding => !finding.EndsWith(".sequence has a constraint without a name.", StringComparison.Ordinal)),
        Is.Empty);

    [TestCase("create table t (a int not null primary key);", "t.a has a constraint without a name")]
    [TestCase("create table t (a int not null, primary key (a));", "t has a constraint without a name")]
    [TestCase(
        "create table t (a int not null, constraint t_b foreign key (a) references u (a));",
        "t_b does not start with fk_")]
    [TestCase("alter table t add a int not null default 0;", "t.a has a constraint without a name")]
    [TestCase("create table t (a varchar(9) null);", "t.a is varchar: a parameter is nvarchar")]
    [TestCase("create table t (a datetime2 null);", "t.a is datetime2: a parameter is datetimeoffset")]
    [TestCase("create index t_a on t (a);", "t_a does not start with ix_")]
    [TestCase(
        "create table t (a nvarchar(9) collate Latin1_General_100_CI_AS null);", "t.a has another collation than BIN2")]
    public void A_table_that_does_not_is_found(string script, string finding) =>
        Assert.That(FindingsOf(script), Has.Some.Contains(finding));

    private static List<string> FindingsOf(string script)
    {
        var rules = new Rules();
        SqlText.Parse(script).Accept(rules);
        return rules.Findings;
    }

    private sealed class Rules : TSqlFragmentVisitor
    {
        private string table = "";

        public List<string> Findings { get; } = [];

        public override void Visit(CreateTableStatement node) => table = SqlText.NameOf(node.SchemaObjectName);

        public override void Visit(AlterTableAddTableElementStatement node) =>
            table = SqlText.NameOf(node.SchemaObjectName);

        public override void Visit(CreateIndexStatement node) => Named(node.Name, "ix_", "uq_");

        public override void Visit(TableDefinition node)
        {
            foreach (var constraint in node.TableConstraints)
            {
                Check(table, constraint);
            }
        }

        public override void Visit(ColumnDefinition node)
        {
            var column = $"{table}.{node.ColumnIdentifier.Value}";
            foreach (var constraint in node.Constraints.Append(node.DefaultConstraint)
                .OfType<ConstraintDefinition>()
                .Where(constraint => constraint is not NullableConstraintDefinition))
            {
                Check(column, constraint);
            }

            if (node.Collation is { } collation && collation.Value != "Latin1_General_100_BIN2")
            {
                Findings.Add($"{column} has another collation than BIN2.");
            }

            switch (SqlText.NameOf(node.DataType.Name).ToLowerInvariant())
            {
                case "varchar" or "char" or "nchar" or "text" or "ntext":
                    Findings.Add(
                        $"{column} is {SqlText.NameOf(node.DataType.Name)}: a parameter is nvarchar, and the column would be converted row by row.");
                    break;
                case "datetime" or "datetime2" or "smalldatetime":
                    Findings.Add(
                        $"{column} is {SqlText.NameOf(node.DataType.Name)}: a parameter is datetimeoffset, and the column would be converted row by row.");
                    break;
            }
        }

        private void Check(string place, ConstraintDefinition constraint)
        {
            if (constraint.ConstraintIdentifier is not { } name)
            {
                Findings.Add($"{place} has a constraint without a name.");
                return;
            }

            // Whether error 547 is a race that may be tried again shows in the name.
            Named(name, constraint switch
            {
                ForeignKeyConstraintDefinition => ["fk_"],
                UniqueConstraintDefinition { IsPrimaryKey: true } => ["pk_"],
                UniqueConstraintDefinition => ["uq_"],
                CheckConstraintDefinition => ["ck_"],
                _ => ["df_"],
            });
        }

        private void Named(Identifier name, params string[] prefixes)
        {
            if (!prefixes.Any(prefix => name.Value.StartsWith(prefix, StringComparison.Ordinal)))
            {
                Findings.Add($"{name.Value} does not start with {prefixes[0]}.");
            }
        }
    }
}
