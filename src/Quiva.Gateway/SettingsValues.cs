namespace Quiva.Gateway;

/// <summary>Whether the values of a section are of the types of a class's properties.</summary>
internal static class SettingsValues
{
    /// <summary>The faults, a sentence each, without the names of types.</summary>
    /// <param name="section">The section.</param>
    /// <param name="type">The class that it is bound to.</param>
    public static List<string> Validate(IConfigurationSection section, Type type)
    {
        var faults = new List<string>();
        foreach (var property in type.GetProperties())
        {
            var expected = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (section[property.Name] is { Length: > 0 } text && Describe(expected, text) is { } rule)
            {
                faults.Add($"{section.Path}:{property.Name} must be {rule}.");
            }
        }

        return faults;
    }

    private static string? Describe(Type type, string text)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase)
                ? null
                : "one of " + string.Join(", ", Enum.GetNames(type));
        }

        return type == typeof(bool) && !bool.TryParse(text, out _) ? "true or false"
            : type == typeof(int) && !int.TryParse(text, out _) ? "a whole number"
            : type == typeof(long) && !long.TryParse(text, out _) ? "a whole number"
            : null;
    }
}
