using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.ApiKeys;

/// <summary>The operations of the tag <c>ApiKeys</c>.</summary>
public sealed class ApiKeysController(AccountKeyStore keys) : ApiKeysControllerBase
{
    /// <inheritdoc/>
    public override async Task<ActionResult<CreateApiKeyResponse>> CreateApiKey(
        CreateApiKeyRequest body, CancellationToken cancellationToken)
    {
        // Otherwise a key would let its maker do more than the maker may.
        if (body.Roles.Any(role => role == Role.QuivaAdmin || !User.IsInRole(role)))
        {
            throw new GatewayException(
                GatewayError.Forbidden, "A key can have only roles that its maker has, and never quiva-admin.");
        }

        var (made, key) = await keys.CreateAsync(body, Caller, cancellationToken);
        return Created($"/hub/api-keys/{made.Id}", new CreateApiKeyResponse
        {
            Id = made.Id,
            Key = key,
            Name = made.Name,
            Roles = RolesOf(made),
            Created = made.CreatedAt.ToUnixTimeSeconds(),
            Expires = made.ExpiresAt!.Value.ToUnixTimeSeconds(),
        });
    }

    /// <inheritdoc/>
    public override Task<ActionResult<ListApiKeysResponse>> ListApiKeys(
        int? limit, string? cursor, CancellationToken cancellationToken) =>
        List<ListApiKeysResponse, ApiKey, GetApiKeyResponse>(keys.List(
            Caller.Account, Window.Of(limit, cursor)), row => new()
            {
                Id = row.Id,
                Name = row.Name,
                Roles = RolesOf(row),
                Created = row.CreatedAt.ToUnixTimeSeconds(),
                Expires = row.ExpiresAt?.ToUnixTimeSeconds(),
            });

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> RevokeApiKey(
        string key_id, CancellationToken cancellationToken) =>
        await keys.RevokeAsync(key_id, Caller, cancellationToken)
            ? Success
            : throw new GatewayException(GatewayError.NotFound, "The account has no such key that is not revoked.");

    private static List<string> RolesOf(ApiKey key) => [.. key.Roles.Split(',', StringSplitOptions.RemoveEmptyEntries)];
}
