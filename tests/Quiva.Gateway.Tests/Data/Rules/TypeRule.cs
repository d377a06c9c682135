using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// What is compared, or stored by way of one parameter, is of one kind: a column that SQL Server has to convert row by
/// row is found by no index.
/// </summary>
internal sealed class TypeRule(SqlSchema schema) : SqlScopes(schema)
{
    private readonly Dictionary<string, (string Kind, string Where)> parameters = new(StringComparer.OrdinalIgnoreCase);

    public override void Visit(BooleanComparisonExpression node) =>
        Compare(node, node.FirstExpression, node.SecondExpression);

    public override void Visit(BooleanTernaryExpression node) =>
        Compare(node, node.FirstExpression, node.SecondExpression, node.ThirdExpression);

    public override void Visit(InPredicate node) => Compare(node, [node.Expression, .. node.Values]);

    public override void Visit(AssignmentSetClause node)
    {
        if (node.Column is { } column
            && ColumnOf(column) is { } assigned
            && node.NewValue is VariableReference variable)
        {
            Use(variable, KindOf(assigned), node);
        }
    }

    public override void Visit(InsertSpecification node)
    {
        foreach (var row in (node.InsertSource as ValuesInsertSource)?.RowValues ?? [])
        {
            foreach (var (column, value) in node.Columns.Zip(row.ColumnValues))
            {
                if (value is VariableReference variable && ColumnOf(column) is { } assigned)
                {
                    Use(variable, KindOf(assigned), column);
                }
            }
        }
    }

    private void Compare(TSqlFragment node, params ScalarExpression[] expressions)
    {
        var kinds = expressions.Select(KindOf).OfType<string>().Distinct().ToList();
        if (kinds.Count > 1 && !(kinds.Contains("bit")
            && kinds.Contains("number")
            && expressions.All(expression => expression is Literal || KindOf(expression) == "bit")))
        {
            Findings.Add($"'{SqlText.Of(node)}' compares {string.Join(" with ", kinds)}.");
        }
        else if (kinds.Count == 1)
        {
            foreach (var variable in expressions.OfType<VariableReference>())
            {
                Use(variable, kinds[0], node);
            }
        }
    }

    private void Use(VariableReference variable, string kind, TSqlFragment node)
    {
        if (!parameters.TryAdd(variable.Name, (kind, SqlText.Of(node)))
            && parameters[variable.Name] is var first
            && first.Kind != kind)
        {
            Findings.Add($"{variable.Name} is {first.Kind} in '{first.Where}' and {kind} in '{SqlText.Of(node)}'.");
        }
    }

    private string? KindOf(ScalarExpression expression) => expression switch
    {
        ColumnReferenceExpression reference => ColumnOf(reference) is { } column ? KindOf(column) : null,
        StringLiteral => "text",
        IntegerLiteral or NumericLiteral => "number",
        BinaryLiteral => "bytes",
        ParenthesisExpression parenthesis => KindOf(parenthesis.Expression),
        _ => null,
    };

    private static string KindOf(SqlColumn column) => column.Type switch
    {
        "bit" => "bit",
        "tinyint" or "smallint" or "int" or "bigint" => "number",
        "varbinary" or "binary" => "bytes",
        "nvarchar" or "sysname" => "text",
        var other => other,
    };
}
