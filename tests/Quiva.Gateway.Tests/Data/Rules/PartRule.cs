using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>
/// What is listed of all accounts is listed a part at a time, and without values that may be of any size: all of it
/// would fit neither into memory nor into one statement's time.
/// </summary>
internal sealed class PartRule(SqlSchema schema, string statement) : SqlScopes(schema)
{
    // A row for each account, or few of them.
    private static readonly string[] Small = ["run_accounts", "counters"];

    private readonly bool isList = statement.Contains(".List", StringComparison.Ordinal)
        && statement.Contains("OfAllAccounts", StringComparison.Ordinal);

    protected override void Check(TSqlFragment specification, IReadOnlyDictionary<string, SqlTable> tables)
    {
        if (!isList
            || specification is not QuerySpecification query
            || !query.SelectElements.OfType<SelectScalarExpression>()
                .Any(element => element.Expression is ColumnReferenceExpression))
        {
            return;
        }

        var read = tables.Where(
            table => table.Key is not ("inserted" or "deleted") && !Small.Contains(table.Value.Name))
            .Select(table => table.Value)
            .ToList();
        if (read.Count > 0
            && query.TopRowFilter is null
            && query.OffsetClause is null
            && query.UniqueRowFilter != UniqueRowFilter.Distinct
            && !IsOfAccountsAlone(query))
        {
            Findings.Add($"{string.Join(", ", read.Select(table => table.Name))} is listed without an end: add top.");
        }

        // The values of a run have at most 1 MiB each, and few runs are listed at a time.
        foreach (var element in read.Exists(table => table.Name == "runs")
            ? []
            : query.SelectElements.OfType<SelectScalarExpression>())
        {
            if (element.Expression is ColumnReferenceExpression reference
                && ColumnOf(reference) is { Type: "varbinary", Length: "max" or "MAX" } column)
            {
                Findings.Add($"{column.Name} may be of any size: list keys, and read it row by row.");
            }
        }
    }

    // Names of accounts, of which a union keeps each once.
    private static bool IsOfAccountsAlone(QuerySpecification query) =>
        query.SelectElements is [SelectScalarExpression { Expression: ColumnReferenceExpression column }]
        && SqlText.NameOf(column) == "account";
}
