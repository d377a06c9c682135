using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// A row is locked by reading it with <c>updlock, holdlock</c>. An update that changes nothing writes to the log, takes
/// an exclusive lock that readers without row versions wait for, and moves a <c>rowversion</c> on. A shared lock that
/// is held lets others lock the row too, until one of them changes it: then both wait for each other, and SQL Server
/// may take 5 seconds to see that.
/// </summary>
internal sealed class LockRule(SqlSchema schema) : SqlScopes(schema)
{
    public override void Visit(AssignmentSetClause node)
    {
        if (node.Column is { } column
            && node.NewValue is ColumnReferenceExpression value
            && SqlText.NameOf(column) == SqlText.NameOf(value))
        {
            Findings.Add($"'{SqlText.Of(node)}' changes nothing: lock by a select with (updlock, holdlock).");
        }
    }

    public override void Visit(NamedTableReference node)
    {
        var isHeld = node.TableHints.Any(hint =>
            hint.HintKind is TableHintKind.HoldLock or TableHintKind.Serializable or TableHintKind.RepeatableRead);
        if (isHeld && !node.TableHints.Any(hint => hint.HintKind is TableHintKind.UpdLock or TableHintKind.XLock))
        {
            Findings.Add($"{SqlText.NameOf(node.SchemaObject)} is held by a shared lock: add updlock.");
        }

        foreach (var hint in node.TableHints.Where(
            hint => hint.HintKind is TableHintKind.NoLock or TableHintKind.ReadUncommitted))
        {
            Findings.Add($"{hint.HintKind} on {SqlText.NameOf(node.SchemaObject)} reads what may never have been.");
        }
    }
}
