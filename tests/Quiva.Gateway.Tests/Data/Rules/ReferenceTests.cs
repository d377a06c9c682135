using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// Every table and column that a statement names is there: DacFx builds a model of the migrations, with each statement
/// as a procedure. It sees no collations, no types and no counts of values; <see cref="SqlRuleTests"/> do.
/// </summary>
public sealed class ReferenceTests
{
    [Test]
    public void Every_table_and_column_of_a_statement_is_there() => Assert.That(
        FaultsOf(SqlText.Statements.Where(statement => !statement.Text.SqlServer.Contains(
            "create table", StringComparison.Ordinal) && SqlText.IsStatement(statement.Text.SqlServer))
            .Select(statement => (statement.Name, statement.Text.SqlServer))),
        Is.Empty);

    [TestCase("select subjekt from nodes where account = @account", "71501", "subjekt")]
    [TestCase("update nodes set archive = 1 where account = @account", "71501", "archive")]
    [TestCase("delete from node where account = @account", "71502", "node")]
    [TestCase("insert into changes (account, who) output inserted.sequence values (@account, @actor)", "71501", "who")]
    [TestCase(
        "select 1 from nodes n where n.account = @account and exists (select 1 from workflows w where w.topik = n.topic)",
        "71501",
        "topik")]
    public void A_name_that_is_not_there_is_found(string text, string number, string name) =>
        Assert.That(FaultsOf([("seeded", text)]), Has.Some.Contains(number).And.Some.Contains(name));

    private static List<string> FaultsOf(IEnumerable<(string Name, string Text)> statements)
    {
        using var model =
            new TSqlModel(SqlServerVersion.Sql160, new TSqlModelOptions { Collation = "SQL_Latin1_General_CP1_CI_AS" });
        foreach (var table in SqlSchema.Current.Scripts)
        {
            model.AddObjects(table);
        }

        foreach (var (name, text) in statements)
        {
            var variables = Variables(text);
            var parameters = string.Join(", ", variables.Select(
                variable => $"{variable} {(variable is "@rows" or "@most" ? "int" : "nvarchar(4000)")}"));
            model.AddObjects(
                $"create procedure [{name}] {parameters} as begin {text.Replace("in @ids", "in (@ids)", StringComparison.Ordinal)} end");
        }

        // The server's own views are in no script.
        return [.. model.Validate()
            .Select(message => message.ToString())
            .Where(message => !message.Contains("[sys].", StringComparison.Ordinal))];
    }

    private static IEnumerable<string> Variables(string text)
    {
        var found = new VariableVisitor();
        SqlText.Parse(text).Accept(found);
        return found.Names.Except(found.Declared);
    }

    private sealed class VariableVisitor : TSqlFragmentVisitor
    {
        public HashSet<string> Names { get; } = [];

        public HashSet<string> Declared { get; } = [];

        public override void Visit(VariableReference node) => Names.Add(node.Name);

        public override void Visit(DeclareVariableElement node) => Declared.Add(node.VariableName.Value);
    }
}
