using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// An insert has as many values as columns, and names each column that has to have a value (errors 109, 110, 120, 121
/// and 515).
/// </summary>
internal sealed class InsertRule(SqlSchema schema) : SqlScopes(schema)
{
    public override void Visit(InsertSpecification node)
    {
        var columns = node.Columns.Select(SqlText.NameOf).ToList();
        var counts = node.InsertSource switch
        {
            ValuesInsertSource values => values.RowValues.Select(row => row.ColumnValues.Count),
            SelectInsertSource { Select: QuerySpecification query } => [query.SelectElements.Count],
            _ => [],
        };
        if (columns.Count == 0)
        {
            Findings.Add($"'{SqlText.Of(node.Target)}' is filled without naming its columns.");
        }
        else if (counts.Any(count => count != columns.Count))
        {
            Findings.Add(
                $"'{SqlText.Of(node.Target)}' is given {string.Join(" and ", counts.Distinct())} values for {columns.Count} columns.");
        }

        if (node.Target is NamedTableReference target
            && Schema.Tables.GetValueOrDefault(SqlText.NameOf(target.SchemaObject)) is { } table)
        {
            Findings.AddRange(table.Columns.Values
                .Where(column => column.IsRequired && !columns.Contains(column.Name, StringComparer.OrdinalIgnoreCase))
                .Select(column => $"{table.Name}.{column.Name} has to have a value and is given none."));
        }
    }
}
