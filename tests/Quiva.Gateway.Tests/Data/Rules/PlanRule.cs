using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// A plan fits whatever a parameter holds. A plan for <c>top (@n)</c> is made for the first <c>@n</c> that comes, and
/// then serves 51 as it serves 2147483647: a count is written as a number, or the statement says for which one it is
/// compiled.
/// </summary>
internal sealed class PlanRule(SqlSchema schema) : SqlScopes(schema)
{
    private List<string?> compiledFor = [];

    public override void Visit(StatementWithCtesAndXmlNamespaces node) => compiledFor =
    [
        .. node.OptimizerHints.OfType<OptimizeForOptimizerHint>()
            .SelectMany(hint => hint.Pairs)
            .Select(pair => pair.Variable.Name),
        .. node.OptimizerHints.Where(hint => hint.HintKind == OptimizerHintKind.Recompile).Select(_ => (string?)null),
    ];

    public override void Visit(TopRowFilter node)
    {
        var count = node.Expression is ParenthesisExpression parenthesis ? parenthesis.Expression : node.Expression;
        if (count is VariableReference variable && !compiledFor.Contains(variable.Name) && !compiledFor.Contains(null))
        {
            Findings.Add(
                $"'{SqlText.Of(node)}' shares one plan between all counts: add option (optimize for ({variable.Name} = …)).");
        }
    }
}
