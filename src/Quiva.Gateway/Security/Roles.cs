using System.Reflection;
using System.Text.Json.Serialization;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Security;

/// <summary>The roles that the contract declares (schema <c>Role</c>), in its spelling.</summary>
public static class Roles
{
    /// <summary>Platform staff: may replace and remove OAuth configurations.</summary>
    public static string QuivaAdmin { get; } = NameOf(Role.QuivaAdmin);

    /// <summary>Every declared role.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<Role>().Select(NameOf)];

    private static string NameOf(Role role) =>
        typeof(Role).GetField(role.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name;
}
