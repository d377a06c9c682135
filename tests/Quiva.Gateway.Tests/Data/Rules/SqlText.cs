using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>T-SQL as SQL Server 2022 parses it, and where the product has some.</summary>
internal static partial class SqlText
{
    /// <summary>Every statement of the product, with the name of its field.</summary>
    public static IReadOnlyList<(string Name, Sql Text)> Statements { get; } =
    [
        .. typeof(Program).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(
                BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(field => field.FieldType == typeof(Sql))
            .Select(field => ($"{field.DeclaringType!.Name}.{field.Name}", (Sql)field.GetValue(null)!)),
    ];

    public static IList<ParseError> ErrorsOf(string text)
    {
        Parse(text, out var errors);
        return errors;
    }

    public static TSqlFragment Parse(string text) => Parse(text, out _);

    /// <summary>
    /// Whether there is something to run: a statement for SQLite alone leaves this engine's text empty.
    /// </summary>
    public static bool IsStatement(string text) =>
        Parse(text) is TSqlScript { Batches: [{ Statements.Count: > 0 }, ..] };

    /// <summary>The last part of a name, with its schema where one is written.</summary>
    public static string NameOf(SchemaObjectName name) =>
        name.SchemaIdentifier is { } schema && schema.Value != "dbo"
            ? $"{schema.Value}.{name.BaseIdentifier.Value}"
            : name.BaseIdentifier.Value;

    public static string NameOf(ColumnReferenceExpression column) => column.MultiPartIdentifier.Identifiers[^1].Value;

    /// <summary>A fragment as it was written, on one line.</summary>
    public static string Of(TSqlFragment fragment) => Space().Replace(
        string.Concat(fragment.ScriptTokenStream.Skip(fragment.FirstTokenIndex)
            .Take(fragment.LastTokenIndex - fragment.FirstTokenIndex + 1)
            .Select(token => token.Text)), " ");

    private static TSqlFragment Parse(string text, out IList<ParseError> errors) =>
        new TSql160Parser(initialQuotedIdentifiers: true)
            .Parse(new StringReader(DapperList().Replace(text, "in (@ids)")), out errors);

    // Dapper expands a list parameter to a bracketed list.
    [GeneratedRegex(@"\bin @\w+")]
    private static partial Regex DapperList();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
