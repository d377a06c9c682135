using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.ApiKeys;

/// <summary>
/// The API keys of an account, as its own staff manages them. <see cref="ApiKeyStore"/> has what every key is and does.
/// </summary>
public sealed class AccountKeyStore(Database database, ApiKeyStore keys, IOptions<QuotaOptions> quotas)
{
    // A row without its texts.
    private const int RowSize = 200;

    internal static readonly Sql CountSql =
        "select count(*) from api_keys where account = @account and revoked_at is null";

    /// <summary>Makes a key for the caller's account.</summary>
    /// <param name="request">What it is for, may do, and how long it works. The caller has these roles.</param>
    /// <param name="caller">Who makes it.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>The key as stored, and the key itself, which can't be read again.</returns>
    /// <exception cref="GatewayException">The account's quota is used up.</exception>
    public Task<(ApiKey Made, string Key)> CreateAsync(
        CreateApiKeyRequest request, Caller caller, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async transaction =>
            {
                var lifetime = TimeSpan.FromDays(request.Expires_in_days);
                var made = await keys.InsertAsync(
                    transaction, caller.Account, request.Roles.Distinct(), request.Name, lifetime, caller.Actor, cancellationToken);
                return await transaction.FindAsync<long>(
                    CountSql, new { account = caller.Account }, cancellationToken) <= quotas.Value.ApiKeys
                    ? made
                    : throw new GatewayException(
                        GatewayError.Conflict, $"The account's quota is used up: {quotas.Value.ApiKeys} API keys.");
            },
            cancellationToken);

    internal static readonly Sql ListSql = SqlPage.Of(
        "id, account, roles, name, created_at, expires_at", "api_keys", "account = @account and id > @after and revoked_at is null", "id");

    /// <summary>The keys of an account that are not revoked, oldest first.</summary>
    /// <param name="account">The account.</param>
    /// <param name="window">Which part of the list.</param>
    public Listing<ApiKey> List(string account, Window window) => new(
        window,
        (after, rows, most, cancellationToken) => database.QueryAsync<ApiKey>(
            ListSql, new { account, after = after ?? "", rows }, SizeOf, most, cancellationToken),
        row => row.Id,
        SizeOf,
        cancellationToken => database.FindAsync<int>(CountSql, new { account }, cancellationToken));

    internal static readonly Sql RevokeSql =
        "update api_keys set revoked_at = @now where account = @account and id = @id and revoked_at is null";

    /// <summary>Revokes a key of the caller's account.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="caller">Who revokes it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>False when the account has no such key that is not revoked.</returns>
    public Task<bool> RevokeAsync(string id, Caller caller, CancellationToken cancellationToken) =>
        keys.RevokeAsync(RevokeSql, id, caller.Account, caller.Actor, cancellationToken);

    private static long SizeOf(ApiKey key) => RowSize + key.Name.Length + key.Roles.Length;
}
