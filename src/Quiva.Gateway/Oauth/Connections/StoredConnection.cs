namespace Quiva.Gateway.Oauth.Connections;

/// <summary>A row of <c>oauth_connections</c>, its tokens sealed.</summary>
internal sealed class StoredConnection
{
    /// <summary>The columns that fill it.</summary>
    public const string Columns = $"{ListedColumns}, access_token, refresh_token, variables, grantee";

    /// <summary>The columns that lists need.</summary>
    public const string ListedColumns =
        $"{PlainColumns}, case when refresh_token is null then 0 else 1 end as is_renewable";

    /// <summary>The names of the columns that lists need.</summary>
    public const string ListedNames = $"{PlainColumns}, is_renewable";

    private const string PlainColumns = """
        account, integration_id, connection_id, token_type, expires_at, lifetime_seconds, version, modified_at, fence, lease_owner,
        refresh_error, refresh_failures, status_since, renew_at, scopes, granted_scopes
        """;

    public string Account { get; init; } = "";

    public string Integration_id { get; init; } = "";

    public string Connection_id { get; init; } = "";

    public byte[] Access_token { get; init; } = [];

    public byte[]? Refresh_token { get; init; }

    public string Token_type { get; init; } = "";

    public DateTimeOffset? Expires_at { get; init; }

    public long? Lifetime_seconds { get; init; }

    public long Version { get; init; }

    public DateTimeOffset Modified_at { get; init; }

    public long Fence { get; init; }

    public string? Lease_owner { get; init; }

    public string? Refresh_error { get; init; }

    public int? Refresh_failures { get; init; }

    public DateTimeOffset? Status_since { get; init; }

    public DateTimeOffset? Renew_at { get; init; }

    public string Scopes { get; init; } = "";

    public string? Granted_scopes { get; init; }

    public byte[]? Variables { get; init; }

    public byte[]? Grantee { get; init; }

    public bool Is_renewable { get; init; }

    public ConnectionKey Key => new(Account, Integration_id, Connection_id);

    public Connection WithTokens(string accessToken, string? refreshToken) => new()
    {
        Key = Key,
        AccessToken = accessToken,
        RefreshToken = refreshToken,
        TokenType = Token_type,
        ExpiresAt = Expires_at,
        Lifetime = Lifetime_seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        IsRenewable = Is_renewable,
        Scopes = Granted_scopes ?? Scopes,
        Grantee = Grantee,
        Version = Version,
        ModifiedAt = Modified_at,
        Fence = Fence,
        IsLeased = Lease_owner is not null,
        Health = new(Refresh_error, Refresh_failures ?? 0, Status_since, Renew_at),
    };
}
