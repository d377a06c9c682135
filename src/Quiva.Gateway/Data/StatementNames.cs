using System.Collections.Frozen;
using System.Reflection;

namespace Quiva.Gateway.Data;

/// <summary>What a statement is called in traces: the store and the field that hold it, never its text.</summary>
internal static class StatementNames
{
    /// <summary>The name of a text that no field holds.</summary>
    public const string Unknown = "statement";

    private static readonly Lazy<FrozenDictionary<string, string>> Names = new(() => typeof(StatementNames).Assembly
        .GetTypes()
        .SelectMany(type => type.GetFields(
            BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
        .Where(field => field.FieldType == typeof(Sql))
        .Select(field => (((Sql)field.GetValue(null)!).SqlServer, Name: $"{field.DeclaringType!.Name}.{field.Name}"))
        .DistinctBy(statement => statement.SqlServer)
        .ToFrozenDictionary(statement => statement.SqlServer, statement => statement.Name));

    /// <summary>The name of a statement.</summary>
    /// <param name="text">Its T-SQL.</param>
    public static string Of(string text) => Names.Value.GetValueOrDefault(text, Unknown);
}
