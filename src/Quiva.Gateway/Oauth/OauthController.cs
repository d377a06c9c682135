using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Oauth.SignIns;
using Quiva.Gateway.Oauth.TokenEndpoint;

namespace Quiva.Gateway.Oauth;

/// <summary>The operations of the tag <c>Oauth</c>.</summary>
public sealed partial class OauthController(
    OauthConfigStore configs,
    EndpointRules endpoints,
    SignInFlow signIns,
    SignInFinish finish,
    SignInPages pages,
    OauthConnectionStore connections,
    ConnectionListStore lists,
    TokenRefresh refresh,
    TokenRevocation revocation,
    TokenAudit audit,
    TimeProvider time)
    : OauthControllerBase
{
    /// <inheritdoc/>
    public override Task<ActionResult<OauthConfigList>> GetIntegrationsOauthConfigs(
        int? limit, string? cursor, CancellationToken cancellationToken) =>
        List<OauthConfigList, OauthConfigBasicData, OauthConfigBasicData>(
            configs.List(Window.Of(limit, cursor)), config => config);

    /// <inheritdoc/>
    public override async Task<ActionResult<OauthConfigBasicData>> GetIntegrationOauthConfig(
        string? if_None_Match, string integration_id, CancellationToken cancellationToken)
    {
        var found = await configs.FindAsync(integration_id, cancellationToken) ?? throw ProviderFaults.NoConfig;
        SetETag(found.Version);
        return found.Value;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> PutIntegrationsOauthConfig(
        string? if_Match, IntegrationOauthConfig body, string integration_id, CancellationToken cancellationToken)
    {
        var precondition = IfMatch.Parse(if_Match);
        if (body.Integration_id != integration_id)
        {
            throw new GatewayException(
                GatewayError.Invalid, "integration_id in the body differs from the one in the path.");
        }

        ConfigRules.Require(body);
        await endpoints.CheckAsync(body, cancellationToken);
        SetETag(await configs.SaveAsync(body, precondition, Caller, cancellationToken));
        return Success;
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> DeleteIntegrationsOauthConfig(
        string? if_Match, string integration_id, CancellationToken cancellationToken) =>
        await configs.DeleteAsync(integration_id, IfMatch.Parse(if_Match), Caller, cancellationToken)
            ? Success
            : throw ProviderFaults.NoConfig;

    /// <inheritdoc/>
    public override Task<ActionResult<OauthConnectionsList>> GetIntegrationsOauthConnections(
        int? limit, string? cursor, CancellationToken cancellationToken) =>
        List<OauthConnectionsList, Connection, OauthConnection>(
            lists.List(Caller.Account, null, Window.Of(limit, cursor)), Describe);

    /// <inheritdoc/>
    public override Task<ActionResult<OauthConnectionsList>> GetIntegrationConnections(
        int? limit, string? cursor, string integration_id, CancellationToken cancellationToken) =>
        List<OauthConnectionsList, Connection, OauthConnection>(
            lists.List(Caller.Account, integration_id, Window.Of(limit, cursor)), Describe);

    /// <inheritdoc/>
    public override async Task<ActionResult<OauthConnection>> GetIntegrationsOauthConnection(
        string integration_id, string connection_id, CancellationToken cancellationToken) =>
        WithTokens(
            await refresh.EnsureFreshAsync(
                await FindAsync(integration_id, connection_id, cancellationToken), Caller.Actor, cancellationToken),
            nameof(GetIntegrationsOauthConnection));

    /// <inheritdoc/>
    public override Task<ActionResult<OauthConnection>> RefreshIntegrationsOauthToken(
        string refresh_token, string integration_id, string connection_id, CancellationToken cancellationToken) =>
        RenewAsync(
            integration_id, connection_id, refresh_token, nameof(RefreshIntegrationsOauthToken), cancellationToken);

    /// <inheritdoc/>
    public override Task<ActionResult<OauthConnection>> RenewIntegrationsOauthToken(
        RenewOauthTokenRequest body, string integration_id, string connection_id, CancellationToken cancellationToken) =>
        RenewAsync(
            integration_id, connection_id, body.Refresh_token, nameof(RenewIntegrationsOauthToken), cancellationToken);

    /// <inheritdoc/>
    public override async Task<ActionResult<SuccessResponse>> DeleteIntegrationsOauthConnection(
        string integration_id, string connection_id, CancellationToken cancellationToken)
    {
        var key = new ConnectionKey(Caller.Account, integration_id, connection_id);
        await revocation.TryAsync(key, cancellationToken);
        return await connections.DeleteAsync(key, Caller, cancellationToken)
            ? Success
            : throw ProviderFaults.NoConnection;
    }

    private async Task<ActionResult<OauthConnection>> RenewAsync(
        string integration, string id, string refreshToken, string operation, CancellationToken cancellationToken)
    {
        var connection = await FindAsync(integration, id, cancellationToken);
        if (connection.RefreshToken is null)
        {
            throw new GatewayException(GatewayError.Conflict, "The provider gave this connection no refresh token.");
        }

        if (!CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(refreshToken), Encoding.UTF8.GetBytes(connection.RefreshToken)))
        {
            throw new GatewayException(
                GatewayError.Invalid, "refresh_token is not the connection's present one. Read the connection again.");
        }

        return WithTokens(await refresh.RefreshAsync(connection, Caller.Actor, cancellationToken), operation);
    }

    private async Task<Connection> FindAsync(string integration, string id, CancellationToken cancellationToken) =>
        await connections.FindAsync(new(Caller.Account, integration, id), cancellationToken)
        ?? throw ProviderFaults.NoConnection;

    private OauthConnection Describe(Connection connection) => Describe(connection, null, null, null);

    // The one way by which tokens leave.
    private OauthConnection WithTokens(Connection connection, string operation)
    {
        audit.Record(connection.Key, operation, Caller);
        return Describe(connection, connection.AccessToken, connection.RefreshToken, connection.Variables);
    }

    private OauthConnection Describe(
        Connection connection, string? accessToken, string? refreshToken, IReadOnlyDictionary<string, string>? variables) => new()
        {
            Access_token = accessToken,
            Refresh_token = refreshToken,
            Token_type = connection.TokenType,
            Expiry = connection.ExpiresAt,
            Expires_in = connection.ExpiresAt is { } expires ? Math.Max(0, (long)(expires - time.GetUtcNow()).TotalSeconds) : null,
            Sequence = connection.Version,
            Subject = connection.Key.Subject,
            Modified = connection.ModifiedAt.ToUnixTimeSeconds(),
            Status = connection.StatusAt(time.GetUtcNow()),
            Status_since = connection.StatusSince(time.GetUtcNow()),
            Scopes = connection.Scopes.Length == 0 ? null : connection.Scopes,
            Variables = variables is { Count: > 0 } ? variables.ToDictionary() : null,
        };
}
