using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Security;

/// <summary>An API key as stored; the key itself is not.</summary>
public sealed class ApiKey
{
    /// <summary>Identifies the key in listings, revocation and the audit trail.</summary>
    public string Id { get; init; } = "";

    /// <summary>The account that it acts for.</summary>
    public string Account { get; init; } = "";

    /// <summary>Its roles, separated by commas.</summary>
    public string Roles { get; init; } = "";

    /// <summary>What it is for, in its maker's words.</summary>
    public string Name { get; init; } = "";

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it stops working, UTC; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked, UTC; null means it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>
/// API keys: 256 random bits, shown once, stored as a SHA-256 hash (which needs no salt nor stretching at that
/// entropy).
/// </summary>
public sealed class ApiKeyStore(Database database, TimeProvider time, IOptions<ApiKeyOptions> options)
{
    /// <summary>What every key starts with, so that people and secret scanners recognize one.</summary>
    public const string Prefix = "qgk_";

    private const int SecretBytes = 32;
    private const string CommandLine = "cli";
    private readonly ApiKeyCache cache = new(options.Value, time);
    private static readonly int KeyLength = Prefix.Length + Base64Url.GetEncodedLength(SecretBytes);

    internal static readonly Sql InsertSql = """
        insert into api_keys (id, hash, account, roles, name, created_at, expires_at)
        values (@id, @hash, @account, @roles, @name, @now, @expires)
        """;

    /// <summary>Makes a key.</summary>
    /// <param name="account">The account that it acts for.</param>
    /// <param name="roles">Its roles, each declared in the contract.</param>
    /// <param name="name">What it is for.</param>
    /// <param name="lifetime">How long it works; null means until it is revoked.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The key's id, and the key itself, which can't be read again.</returns>
    public async Task<(string Id, string Key)> CreateAsync(
        string account, IEnumerable<string> roles, string name, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        var (made, key) = await database.InTransactionAsync(
            transaction => InsertAsync(
                transaction, account, roles, name, lifetime, CommandLine, cancellationToken), cancellationToken);
        return (made.Id, key);
    }

    internal static readonly Sql CountSql = "select count(*) from api_keys";

    /// <summary>
    /// Makes the first key, for <c>quiva-admin</c>, on a database that has none. The caller holds the application lock.
    /// </summary>
    /// <param name="keep">Keeps the key for whoever is to have it; when it throws, there is no key.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The key, or null when there are keys already.</returns>
    public Task<string?> CreateFirstAsync(
        Action<string> keep, CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            if (await transaction.FindAsync<int>(CountSql, null, cancellationToken) > 0)
            {
                return null;
            }

            var (_, key) = await InsertAsync(
                transaction, "platform", [Contract.Role.QuivaAdmin], "first key", null, CommandLine, cancellationToken);
            keep(key);
            return key;
        },
        cancellationToken);

    internal static readonly Sql ListSql = """
        select id, account, roles, name, created_at, expires_at, revoked_at
          from api_keys
         order by id
        """;

    /// <summary>Every key, oldest first, without the keys themselves.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<List<ApiKey>> ListAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<ApiKey>(ListSql, null, cancellationToken);

    internal static readonly Sql FindSql = """
        select id, account, roles, expires_at, revoked_at
          from api_keys
         where hash = @hash
        """;

    /// <summary>The key that a caller has sent, if it is one of ours, not expired and not revoked.</summary>
    /// <param name="key">What the caller has sent.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<ApiKey?> FindValidAsync(string key, CancellationToken cancellationToken)
    {
        if (key.Length != KeyLength || !key.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var found = await cache.FindAsync(HashOf(key), hash => LookUpAsync(hash, cancellationToken));
        return found is not null && (found.ExpiresAt is null || found.ExpiresAt > time.GetUtcNow()) ? found : null;
    }

    internal static readonly Sql FindNameSql = "select name from api_keys where id = @id";

    /// <summary>What a key is for, in its maker's words; null when there is no such key.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<string?> FindNameAsync(string id, CancellationToken cancellationToken) =>
        database.FindAsync<string>(FindNameSql, new { id }, cancellationToken);

    private async Task<ApiKey?> LookUpAsync(byte[] hash, CancellationToken cancellationToken) =>
        await database.FindAsync<ApiKey>(FindSql, new { hash }, cancellationToken) is { RevokedAt: null } found
            ? found
            : null;

    internal static readonly Sql RevokeSql =
        "update api_keys set revoked_at = @now where id = @id and revoked_at is null";

    internal static readonly Sql FindAccountSql = "select account from api_keys where id = @id";

    /// <summary>Revokes a key: at once for this process, for others as soon as their caches are over.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>False when there is no such key that is not revoked.</returns>
    public Task<bool> RevokeAsync(string id, CancellationToken cancellationToken) =>
        RevokeAsync(RevokeSql, id, null, CommandLine, cancellationToken);

    /// <summary>Revokes a key by a statement of the caller's.</summary>
    /// <param name="sql">The statement; gets <c>@id</c>, <c>@account</c> and <c>@now</c>.</param>
    /// <param name="id">The key's id.</param>
    /// <param name="account">Whose key it has to be; null for anybody's.</param>
    /// <param name="actor">Who revokes it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal async Task<bool> RevokeAsync(
        Sql sql, string id, string? account, string actor, CancellationToken cancellationToken)
    {
        var isRevoked = await database.InTransactionAsync(
            async transaction =>
            {
                var now = time.GetUtcNow();
                if (await transaction.ExecuteAsync(sql, new { id, account, now }, cancellationToken) == 0)
                {
                    return false;
                }

                var owner = account
                    ?? await transaction.FindAsync<string>(FindAccountSql, new { id }, cancellationToken);
                await transaction.AppendAsync(
                    new(owner!, SubjectOf(id), "revoked", actor, now, ["revoked_at"]), cancellationToken);
                return true;
            },
            cancellationToken);
        cache.Forget();
        return isRevoked;
    }

    /// <summary>Makes a key within a transaction.</summary>
    internal async Task<(ApiKey Made, string Key)> InsertAsync(
        Transaction transaction,
        string account,
        IEnumerable<string> roles,
        string name,
        TimeSpan? lifetime,
        string actor,
        CancellationToken cancellationToken)
    {
        var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var now = time.GetUtcNow();
        var made = new ApiKey
        {
            Id = Guid.CreateVersion7().ToString(),
            Account = account,
            Roles = string.Join(',', roles),
            Name = name,
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        };
        // First, since it locks the account's sequence: whoever counts the keys afterwards counts alone.
        await transaction.AppendAsync(
            new(account, SubjectOf(made.Id), "created", actor, now, ["roles", "name", "expires_at"]),
            cancellationToken);
        await transaction.ExecuteAsync(
            InsertSql,
            new { id = made.Id, hash = HashOf(key), account, roles = made.Roles, name, now, expires = made.ExpiresAt },
            cancellationToken);
        return (made, key);
    }

    private static string SubjectOf(string id) => "gateway.api-key." + id;

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
