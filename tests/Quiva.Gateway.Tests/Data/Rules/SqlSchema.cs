using Microsoft.SqlServer.TransactSql.ScriptDom;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data.Rules;

/// <summary>A column as the migrations make it on SQL Server.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type's name, in lower case.</param>
/// <param name="Length">Its length as written, also <c>max</c>; null where the type has none.</param>
/// <param name="Collation">Its collation; null for the database's, or for none.</param>
/// <param name="IsRequired">Whether an insert has to name it: not null, and without a value of its own.</param>
internal sealed record SqlColumn(string Name, string Type, string? Length, string? Collation, bool IsRequired)
{
    public bool IsText => Type is "nvarchar" or "varchar" or "nchar" or "char" or "ntext" or "text" or "sysname";
}

/// <summary>An index, or the key of a constraint.</summary>
/// <param name="Name">Its name; null for a constraint without one.</param>
/// <param name="Keys">The columns of its key, in order.</param>
internal sealed record SqlIndex(string? Name, IReadOnlyList<string> Keys);

/// <summary>A table.</summary>
/// <param name="Name">Its name, with its schema where the migrations name one.</param>
internal sealed record SqlTable(string Name)
{
    public Dictionary<string, SqlColumn> Columns { get; } = new(StringComparer.OrdinalIgnoreCase);

    public List<SqlIndex> Indexes { get; } = [];

    /// <summary>Whether its rows belong to an account.</summary>
    public bool IsOwned => Columns.ContainsKey("account");
}

/// <summary>
/// The tables that the migrations make, read with ScriptDom: what rules for statements know of columns and indexes.
/// </summary>
internal sealed class SqlSchema
{
    private readonly Dictionary<string, CreateTableStatement> definitions = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, SqlTable> Tables { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Each table as one <c>create table</c>, with the columns that later scripts added.</summary>
    public IEnumerable<string> Scripts => definitions.Values.Select(definition =>
    {
        new Sql160ScriptGenerator().GenerateScript(definition, out var script);
        return script;
    });

    /// <summary>The schema of this build.</summary>
    public static SqlSchema Current { get; } =
        Of([.. MigrationScripts.All.Where(script => !script.Name.EndsWith(".sqlite.sql", StringComparison.Ordinal))
            .Select(script => script.Contents), .. Journal]);

    // Made by the journal itself, before the first migration.
    private static string[] Journal => [HashJournal.CreateTableSql.SqlServer, HashJournal.AddAdditiveSql.SqlServer];

    /// <summary>The schema that scripts make, one after the other.</summary>
    /// <param name="scripts">Their T-SQL.</param>
    public static SqlSchema Of(params string[] scripts)
    {
        var schema = new SqlSchema();
        foreach (var script in scripts)
        {
            SqlText.Parse(script).Accept(new Reader(schema));
        }

        return schema;
    }

    private sealed class Reader(SqlSchema schema) : TSqlFragmentVisitor
    {
        public override void Visit(CreateTableStatement node)
        {
            var table = new SqlTable(SqlText.NameOf(node.SchemaObjectName));
            schema.Tables[table.Name] = table;
            schema.definitions[table.Name] = node;
            Add(table, node.Definition);
        }

        public override void Visit(AlterTableAddTableElementStatement node)
        {
            var table = Table(node.SchemaObjectName);
            Add(table, node.Definition);
            var whole = schema.definitions[table.Name].Definition;
            foreach (var column in node.Definition.ColumnDefinitions)
            {
                whole.ColumnDefinitions.Add(column);
            }
        }

        public override void Visit(AlterTableDropTableElementStatement node)
        {
            foreach (var element in node.AlterTableDropTableElements.Where(
                element => element.TableElementType == TableElementType.Column))
            {
                Table(node.SchemaObjectName).Columns.Remove(element.Name.Value);
            }
        }

        public override void Visit(CreateIndexStatement node) =>
            Table(node.OnName).Indexes
                .Add(new(node.Name.Value, [.. node.Columns.Select(column => SqlText.NameOf(column.Column))]));

        public override void Visit(DropIndexClause node) =>
            Table(node.Object).Indexes.RemoveAll(index => index.Name == node.Index.Value);

        private SqlTable Table(SchemaObjectName name) => schema.Tables[SqlText.NameOf(name)];

        private static void Add(SqlTable table, TableDefinition definition)
        {
            foreach (var column in definition.ColumnDefinitions)
            {
                var type = column.DataType as ParameterizedDataTypeReference;
                var isNullable =
                    !column.Constraints.OfType<NullableConstraintDefinition>().Any(constraint => !constraint.Nullable);
                var name = column.ColumnIdentifier.Value;
                table.Columns[name] = new(
                    name,
                    column.DataType?.Name is { } typeName ? SqlText.NameOf(typeName) : "computed",
                    type?.Parameters.FirstOrDefault()?.Value,
                    column.Collation?.Value,
                    !isNullable
                    && column.IdentityOptions is null
                    && column.DefaultConstraint is null
                    && SqlText.NameOf(column.DataType!.Name) is not ("rowversion" or "timestamp"));
                table.Indexes.AddRange(column.Constraints.OfType<UniqueConstraintDefinition>()
                    .Select(constraint => new SqlIndex(constraint.ConstraintIdentifier?.Value, [name])));
            }

            table.Indexes.AddRange(definition.TableConstraints.OfType<UniqueConstraintDefinition>()
                .Select(constraint => new SqlIndex(
                    constraint.ConstraintIdentifier?.Value,
                    [.. constraint.Columns.Select(column => SqlText.NameOf(column.Column))])));
            table.Indexes.AddRange(definition.Indexes.Select(index =>
                new SqlIndex(index.Name.Value, [.. index.Columns.Select(column => SqlText.NameOf(column.Column))])));
        }
    }
}
