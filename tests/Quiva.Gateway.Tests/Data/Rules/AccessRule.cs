using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// Rows of an account are found by the account first, and every row by an index: the first column of its key is
/// compared, and the second too when more than one column is. A statement that may read a whole table has
/// <c>OfAllAccounts</c> in its name, or is on a table that stays small.
/// </summary>
internal sealed class AccessRule(SqlSchema schema, string statement) : SqlScopes(schema)
{
    // Tables with an account whose rows are found otherwise: keys and sign-ins by a hash, the log by its sequence too.
    private static readonly string[] FoundOtherwise =
    [
        "api_keys",
        "changes",
        "oauth_sign_ins",
        "oauth_pending_sign_ins"
    ];

    // A row for each integration, migration, key of the ring, API key, or account that runs something.
    private static readonly string[] Small =
    [
        "oauth_configs",
        "schema_versions",
        "data_protection_keys",
        "probes",
        "api_keys",
        "run_accounts"
    ];

    // Those of the last minutes: the few statements that look for an account's may read them all.
    private static readonly string[] Brief = ["oauth_sign_ins", "oauth_pending_sign_ins"];

    /// <summary>The indexes that the statement may use.</summary>
    public HashSet<string> Used { get; } = [];

    private readonly bool isOfAll = statement.Contains("OfAllAccounts", StringComparison.Ordinal);

    protected override void Check(TSqlFragment specification, IReadOnlyDictionary<string, SqlTable> tables)
    {
        var (where, from) = specification switch
        {
            QuerySpecification query => (query.WhereClause, query.FromClause),
            UpdateSpecification update => (update.WhereClause, update.FromClause),
            DeleteSpecification delete => (delete.WhereClause, delete.FromClause),
            _ => (null, null),
        };
        if (specification is InsertSpecification)
        {
            return;
        }

        var conditions = And(where?.SearchCondition).Concat(from?.TableReferences.SelectMany(Joins) ?? []).ToList();
        foreach (var (alias, table) in tables.Where(table => table.Key is not ("inserted" or "deleted")
            && Schema.Tables.GetValueOrDefault(table.Value.Name) == table.Value))
        {
            var (equal, ranges) = ComparedOf(conditions, alias, table);
            Check(alias, table, equal, ranges);
        }
    }

    private void Check(string alias, SqlTable table, HashSet<string> equal, HashSet<string> ranges)
    {
        // A bit parts rows in two: an index on it would serve nothing.
        equal.RemoveWhere(column => table.Columns[column].Type == "bit");
        ranges.RemoveWhere(column => table.Columns[column].Type == "bit");
        if (table.IsOwned && !isOfAll && !FoundOtherwise.Contains(table.Name) && !equal.Contains("account"))
        {
            Findings.Add($"{alias} ({table.Name}) is not found by its account.");
        }

        Used.UnionWith(
            table.Indexes.Where(index => Served(index, equal, ranges) > 0).Select(index => index.Name ?? ""));
        if (ranges.Count == 0 && equal.SetEquals(["account"]) && Small.Concat(Brief).Contains(table.Name))
        {
            return;
        }

        if (isOfAll && Small.Contains(table.Name)
            || (equal.Count + ranges.Count == 0 && (isOfAll || Small.Contains(table.Name))))
        {
            return;
        }

        var needed = isOfAll ? 1 : Math.Min(2, equal.Union(ranges).Count());
        if (!table.Indexes.Any(
            index => Served(index, equal, ranges) >= Math.Min(Math.Max(needed, 1), index.Keys.Count)))
        {
            Findings.Add(
                $"{alias} ({table.Name}) is found by {string.Join(", ", equal.Union(ranges).DefaultIfEmpty("nothing"))}, which no index serves.");
        }
    }

    // Leading columns of the key that are compared: equal ones, and at most one range.
    private static int Served(SqlIndex index, HashSet<string> equal, HashSet<string> ranges)
    {
        var served = index.Keys.TakeWhile(equal.Contains).Count();
        return served < index.Keys.Count && ranges.Contains(index.Keys[served]) ? served + 1 : served;
    }

    private static (HashSet<string> Equal, HashSet<string> Ranges) ComparedOf(
        List<BooleanExpression> conditions, string alias, SqlTable table)
    {
        var (equal, ranges) = (new HashSet<string>(
            StringComparer.OrdinalIgnoreCase), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        foreach (var condition in conditions)
        {
            switch (condition)
            {
                case BooleanComparisonExpression comparison:
                    var kind = comparison.ComparisonType == BooleanComparisonType.Equals ? equal : ranges;
                    Add(kind, comparison.FirstExpression);
                    Add(kind, comparison.SecondExpression);
                    break;
                case InPredicate { NotDefined: false } list:
                    Add(equal, list.Expression);
                    break;
                case BooleanTernaryExpression between:
                    Add(ranges, between.FirstExpression);
                    break;
            }
        }

        return (equal, ranges);

        void Add(HashSet<string> columns, ScalarExpression expression)
        {
            if (expression is ColumnReferenceExpression { MultiPartIdentifier.Identifiers: var parts }
                && table.Columns.ContainsKey(parts[^1].Value)
                && (parts.Count == 1 || parts[^2].Value.Equals(alias, StringComparison.OrdinalIgnoreCase)))
            {
                columns.Add(parts[^1].Value);
            }
        }
    }

    private static IEnumerable<BooleanExpression> And(BooleanExpression? condition) => condition switch
    {
        null => [],
        BooleanBinaryExpression { BinaryExpressionType: BooleanBinaryExpressionType.And } both =>
            And(both.FirstExpression).Concat(And(both.SecondExpression)),
        BooleanParenthesisExpression parenthesis => And(parenthesis.Expression),
        _ => [condition],
    };

    private static IEnumerable<BooleanExpression> Joins(TableReference reference) => reference switch
    {
        QualifiedJoin join =>
            And(join.SearchCondition).Concat(Joins(join.FirstTableReference)).Concat(Joins(join.SecondTableReference)),
        _ => [],
    };
}
