using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// A row is locked by reading it with <c>updlock, holdlock</c>. An update that changes nothing writes to the log, takes an exclusive lock that
/// readers without row versions wait for, and moves a <c>rowversion</c> on.
/// </summary>
internal sealed class LockRule(SqlSchema schema) : SqlScopes(schema)
{
    public override void Visit(AssignmentSetClause node)
    {
        if (node.Column is { } column && node.NewValue is ColumnReferenceExpression value && SqlText.NameOf(column) == SqlText.NameOf(value))
        {
            Findings.Add($"'{SqlText.Of(node)}' changes nothing: lock by a select with (updlock, holdlock).");
        }
    }

    public override void Visit(NamedTableReference node)
    {
        foreach (var hint in node.TableHints.Where(hint => hint.HintKind is TableHintKind.NoLock or TableHintKind.ReadUncommitted))
        {
            Findings.Add($"{hint.HintKind} on {SqlText.NameOf(node.SchemaObject)} reads what may never have been.");
        }
    }
}
