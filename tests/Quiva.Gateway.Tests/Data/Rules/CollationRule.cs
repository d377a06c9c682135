using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// Text is compared, and ordered, byte by byte: under a BIN2 collation. Two columns of different collations in one
/// comparison are error 468, when the statement is compiled; a column with the database's collation would be compared
/// as that database does. Precedence:
/// https://learn.microsoft.com/sql/t-sql/statements/collation-precedence-transact-sql.
/// </summary>
internal sealed class CollationRule(SqlSchema schema) : SqlScopes(schema)
{
    // Columns that are older than the rule; what they hold is made by the gateway in one spelling, so that every
    // collation agrees.
    private static readonly string[] OfOneSpelling =
    [
        "lease_owner", "kind", "script", "name", "hash", "topic", "collection_type"
    ];

    /// <summary>The collation of an expression, and how strongly it holds.</summary>
    private readonly record struct Label(Strength Strength, string? Name, SqlColumn? Column = null);

    private enum Strength
    {
        /// <summary>Not text.</summary>
        None,

        /// <summary>A literal or a parameter: it takes the other side's.</summary>
        Coercible,

        /// <summary>A column's.</summary>
        Implicit,

        /// <summary>Two columns' that differ.</summary>
        Conflict,

        /// <summary>That of a <c>collate</c>.</summary>
        Explicit,
    }

    public override void Visit(BooleanComparisonExpression node) =>
        Compare(node, node.FirstExpression, node.SecondExpression);

    public override void Visit(LikePredicate node) => Compare(node, node.FirstExpression, node.SecondExpression);

    public override void Visit(InPredicate node) =>
        Compare(node, [
            node.Expression,
            .. node.Values,
            .. node.Subquery is { } subquery ? new ScalarExpression[] { subquery } : []
        ]);

    public override void Visit(BooleanTernaryExpression node) =>
        Compare(node, node.FirstExpression, node.SecondExpression, node.ThirdExpression);

    public override void Visit(SimpleCaseExpression node) =>
        Compare(node, [node.InputExpression, .. node.WhenClauses.Select(when => when.WhenExpression)]);

    public override void Visit(ExpressionWithSortOrder node) => Compare(node, node.Expression);

    private void Compare(TSqlFragment node, params ScalarExpression?[] expressions)
    {
        var label = Combine(expressions);
        if (label.Strength == Strength.Conflict)
        {
            Findings.Add($"'{SqlText.Of(node)}' compares text of two collations (error 468).");
        }
        else if (label is { Strength: Strength.Implicit, Name: null } && !OfOneSpelling.Contains(label.Column!.Name))
        {
            Findings.Add(
                $"'{SqlText.Of(node)}' compares {label.Column.Name} under the database's collation: make the column BIN2.");
        }
    }

    private Label Combine(IEnumerable<ScalarExpression?> expressions)
    {
        var labels = expressions.Where(expression => expression is not null)
            .Select(expression => LabelOf(expression!))
            .ToList();
        var strongest = labels.Select(label => label.Strength).DefaultIfEmpty(Strength.None).Max();
        var top = labels.Where(label => label.Strength == strongest).ToList();
        return strongest is Strength.Implicit or Strength.Explicit
            && top.Select(label => label.Name).Distinct().Count() > 1
            ? new(Strength.Conflict, null)
            : top.FirstOrDefault();
    }

    private Label LabelOf(ScalarExpression expression) => expression switch
    {
        PrimaryExpression { Collation: { } explicitly } => new(Strength.Explicit, explicitly.Value),
        ColumnReferenceExpression reference =>
            ColumnOf(reference) is { IsText: true } column ? new(Strength.Implicit, column.Collation, column) : default,
        StringLiteral or VariableReference => new(Strength.Coercible, null),
        ScalarSubquery subquery => InQuery(subquery.QueryExpression, LabelOf),
        ParenthesisExpression parenthesis => LabelOf(parenthesis.Expression),
        // Functions that return their arguments, or a part of them; the others here return numbers.
        FunctionCall call when call.FunctionName.Value.ToLowerInvariant() is "concat" or "min" or "max" or "lower" or "upper" or "substring" or "replace" or "trim" or "isnull"
            or "string_agg" =>
            Combine(call.Parameters),
        LeftFunctionCall left => Combine(left.Parameters),
        RightFunctionCall right => Combine(right.Parameters),
        CoalesceExpression coalesce => Combine(coalesce.Expressions),
        NullIfExpression nullIf => LabelOf(nullIf.FirstExpression),
        SimpleCaseExpression simple =>
            Combine([.. simple.WhenClauses.Select(when => when.ThenExpression), simple.ElseExpression]),
        SearchedCaseExpression searched =>
            Combine([.. searched.WhenClauses.Select(when => when.ThenExpression), searched.ElseExpression]),
        BinaryExpression { BinaryExpressionType: BinaryExpressionType.Add } sum =>
            Combine([sum.FirstExpression, sum.SecondExpression]),
        _ => default,
    };
}
