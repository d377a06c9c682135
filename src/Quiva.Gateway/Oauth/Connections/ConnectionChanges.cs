namespace Quiva.Gateway.Oauth.Connections;

/// <summary>
/// Names what a sign-in or a renewal changes of a connection, for the audit trail: variables by their names, nothing by
/// its value.
/// </summary>
internal static class ConnectionChanges
{
    // The column has 1,000 characters; the other fields need less than 100.
    private const int MostOfVariables = 900;

    /// <summary>The fields that differ, in the contract's spelling.</summary>
    /// <param name="before">The connection as it was; null for a new one.</param>
    /// <param name="after">The connection as it is stored now.</param>
    public static IReadOnlyList<string> Between(Connection? before, Connection after)
    {
        (string Name, bool IsChanged)[] fields =
        [
            ("access_token", before?.AccessToken != after.AccessToken),
            ("refresh_token", before?.RefreshToken != after.RefreshToken),
            ("token_type", before?.TokenType != after.TokenType),
            ("expiry", before?.ExpiresAt != after.ExpiresAt),
            ("scopes", (before?.Scopes ?? "") != after.Scopes),
        ];
        var old = before?.Variables ?? new Dictionary<string, string>();
        var variables = old.Keys.Union(after.Variables.Keys)
            .Where(name => old.GetValueOrDefault(name) != after.Variables.GetValueOrDefault(name))
            .Order(StringComparer.Ordinal)
            .Select(name => $"variables[{name}]")
            .ToList();
        return
        [
            .. fields.Where(field => field.IsChanged).Select(field => field.Name),
            .. variables.Sum(name => name.Length + 1) > MostOfVariables ? ["variables"] : variables,
        ];
    }
}
