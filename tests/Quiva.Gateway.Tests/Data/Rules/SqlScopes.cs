using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>Walks through a statement and knows at each place which tables its columns are of.</summary>
internal abstract class SqlScopes(SqlSchema schema) : TSqlFragmentVisitor
{
    private readonly Stack<Dictionary<string, SqlTable>> scopes = new();
    private readonly Dictionary<string, SqlTable> named = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is wrong, one sentence each.</summary>
    public List<string> Findings { get; } = [];

    protected SqlSchema Schema => schema;

    /// <summary>The column that a name means here; null for one of no table of the schema.</summary>
    protected SqlColumn? ColumnOf(ColumnReferenceExpression reference)
    {
        if (reference.MultiPartIdentifier is not { Identifiers: { Count: > 0 } parts })
        {
            return null;
        }

        foreach (var scope in scopes)
        {
            var tables = parts.Count > 1
                ? scope.Where(table => table.Key.Equals(parts[^2].Value, StringComparison.OrdinalIgnoreCase))
                : scope;
            if (tables.Select(table => table.Value.Columns.GetValueOrDefault(parts[^1].Value))
                .FirstOrDefault(column => column is not null) is { } column)
            {
                return column;
            }
        }

        return null;
    }

    public override void Visit(StatementWithCtesAndXmlNamespaces node)
    {
        foreach (var common in node.WithCtesAndXmlNamespaces?.CommonTableExpressions ?? [])
        {
            named[common.ExpressionName.Value] =
                Derived(common.ExpressionName.Value, common.QueryExpression, common.Columns);
        }
    }

    public override void ExplicitVisit(QuerySpecification node) =>
        Within(Tables(node.FromClause), node, () => base.ExplicitVisit(node));

    public override void ExplicitVisit(UpdateSpecification node) =>
        Within(Tables(node.FromClause, node.Target), node, () => base.ExplicitVisit(node));

    public override void ExplicitVisit(DeleteSpecification node) =>
        Within(Tables(node.FromClause, node.Target), node, () => base.ExplicitVisit(node));

    public override void ExplicitVisit(InsertSpecification node) =>
        Within(Tables(null, node.Target), node, () => base.ExplicitVisit(node));

    /// <summary>
    /// What a rule has to say about a query, an update, a delete or an insert, and the tables that it names.
    /// </summary>
    protected virtual void Check(TSqlFragment specification, IReadOnlyDictionary<string, SqlTable> tables)
    {
    }

    /// <summary>The first column of a query, looked at where its names mean what they mean in it.</summary>
    protected T? InQuery<T>(QueryExpression query, Func<ScalarExpression, T> look)
    {
        if (query is not QuerySpecification { SelectElements: [SelectScalarExpression first, ..] } specification)
        {
            return default;
        }

        scopes.Push(Tables(specification.FromClause));
        var result = look(first.Expression);
        scopes.Pop();
        return result;
    }

    private void Within(Dictionary<string, SqlTable> tables, TSqlFragment node, Action visit)
    {
        scopes.Push(tables);
        Check(node, tables);
        visit();
        scopes.Pop();
    }

    private Dictionary<string, SqlTable> Tables(FromClause? from, TableReference? target = null)
    {
        var tables = new Dictionary<string, SqlTable>(StringComparer.OrdinalIgnoreCase);
        foreach (var reference in (from?.TableReferences ?? []).Concat(target is null ? [] : [target]))
        {
            Add(tables, reference);
        }

        // An update of an alias names it as its target too.
        if (from is not null
            && target is NamedTableReference { SchemaObject.BaseIdentifier.Value: var alias }
            && tables.Count > 1
            && !schema.Tables.ContainsKey(alias))
        {
            tables.Remove("");
        }

        tables["inserted"] = tables["deleted"] = target is NamedTableReference written && Find(written) is { } table
            ? table
            : new SqlTable("");
        return tables;
    }

    private void Add(Dictionary<string, SqlTable> tables, TableReference reference)
    {
        switch (reference)
        {
            case NamedTableReference table when Find(table) is { } found:
                tables[table.Alias?.Value ?? table.SchemaObject.BaseIdentifier.Value] = found;
                break;
            case QueryDerivedTable derived:
                tables[derived.Alias.Value] = Derived(derived.Alias.Value, derived.QueryExpression, derived.Columns);
                break;
            case JoinTableReference join:
                Add(tables, join.FirstTableReference);
                Add(tables, join.SecondTableReference);
                break;
            case JoinParenthesisTableReference parenthesis:
                Add(tables, parenthesis.Join);
                break;
        }
    }

    private SqlTable? Find(NamedTableReference table) =>
        named.GetValueOrDefault(table.SchemaObject.BaseIdentifier.Value)
        ?? schema.Tables.GetValueOrDefault(SqlText.NameOf(table.SchemaObject));

    private SqlTable Derived(string name, QueryExpression query, IList<Identifier> names)
    {
        var table = new SqlTable(name);
        if (query is not QuerySpecification specification)
        {
            return table;
        }

        scopes.Push(Tables(specification.FromClause));
        foreach (var (element, i) in specification.SelectElements.OfType<SelectScalarExpression>()
            .Select((element, i) => (element, i)))
        {
            var column = element.Expression is ColumnReferenceExpression reference ? ColumnOf(reference) : null;
            var alias = names.ElementAtOrDefault(i)?.Value ?? element.ColumnName?.Value ?? column?.Name;
            if (alias is not null)
            {
                table.Columns[alias] = column is null
                    ? new(alias, "expression", null, null, false)
                    : column with { Name = alias };
            }
        }

        scopes.Pop();
        return table;
    }
}
