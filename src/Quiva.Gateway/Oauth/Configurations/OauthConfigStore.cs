using System.Security.Cryptography;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>OAuth client configurations: the platform's, one for each integration. Client secrets are sealed, bound to their row.</summary>
public sealed partial class OauthConfigStore(
    Database database, CounterStore counters, SecretProtector secrets, TimeProvider time, ILogger<OauthConfigStore> logger)
{
    private const string SubjectPrefix = "ms.integration.oauth.config.";

    internal static readonly Sql FindClientSql = """
        select name, scopes, client_id, client_secret, auth_url, token_url, redirect_url, revocation_url, token_auth_method, token_auth_hint, options, token_params, version
          from oauth_configs
         where integration_id = @integration
        """;

    /// <summary>A configuration with its client secret, or null.</summary>
    /// <param name="integration">The integration's id.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CryptographicException">The stored secret does not open.</exception>
    public async Task<OauthClient?> FindClientAsync(string integration, CancellationToken cancellationToken) =>
        await database.FindAsync<StoredConfig>(FindClientSql, new { integration }, cancellationToken) is { } stored
            ? new OauthClient
            {
                Integration = integration,
                Scopes = stored.Scopes,
                ClientId = stored.Client_id,
                ClientSecret = secrets.Open(PlaceOf(integration), stored.Client_secret),
                AuthUrl = stored.Auth_url,
                TokenUrl = stored.Token_url,
                RedirectUrl = stored.Redirect_url,
                RevocationUrl = stored.Revocation_url,
                Options = ConfigOptions.Read(stored.Options),
                TokenParams = ConfigOptions.ReadTexts(OpenTokenParams(integration, stored)),
                TokenAuthMethod = stored.Token_auth_method,
                TokenAuthHint = stored.Token_auth_hint,
                Version = stored.Version,
            }
            : null;

    // Locks the row, or the gap where it would be, before anything is read, and lets readers pass: callers of one id queue here.
    internal static readonly Sql LockSql = new(
        SqlServer: """
            select name, scopes, client_id, client_secret, auth_url, token_url, redirect_url, revocation_url, options, token_params, version
              from oauth_configs with (updlock, holdlock)
             where integration_id = @integration
            """,
        Sqlite: """
            select name, scopes, client_id, client_secret, auth_url, token_url, redirect_url, revocation_url, options, token_params, version
              from oauth_configs
             where integration_id = @integration
            """);

    internal static readonly Sql InsertSql = """
        insert into oauth_configs
            (integration_id, name, scopes, client_id, client_secret, auth_url, token_url, redirect_url, revocation_url, options, token_params,
             version, modified_at)
        values
            (@integration, @name, @scopes, @clientId, @clientSecret, @authUrl, @tokenUrl, @redirectUrl, @revocationUrl, @options, @tokenParams,
             @version, @now)
        """;

    internal static readonly Sql UpdateSql = """
        update oauth_configs
           set name = @name, scopes = @scopes, client_id = @clientId, client_secret = @clientSecret,
               auth_url = @authUrl, token_url = @tokenUrl, redirect_url = @redirectUrl, revocation_url = @revocationUrl,
               options = @options, token_params = @tokenParams, token_auth_method = null, token_auth_hint = null, version = @version, modified_at = @now
         where integration_id = @integration and version = @seen
        """;

    /// <summary>Creates a configuration, or replaces the whole of it; records which fields changed.</summary>
    /// <param name="config">The configuration; its secret is sealed here.</param>
    /// <param name="precondition">What the caller requires of the stored version.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="GatewayException">The precondition does not hold, or the database is unavailable.</exception>
    /// <exception cref="CryptographicException">
    /// The stored secret does not open: the row was tampered with, or its key is gone. It is kept as it is; removing the configuration is possible.
    /// </exception>
    public async Task<long> SaveAsync(IntegrationOauthConfig config, IfMatch precondition, Caller caller, CancellationToken cancellationToken)
    {
        var integration = config.Integration_id;
        var (kind, version) = await database.InTransactionAsync(
            async transaction =>
            {
                var stored = await transaction.FindAsync<StoredConfig>(LockSql, new { integration }, cancellationToken);
                precondition.Require(stored?.Version);
                var now = time.GetUtcNow();
                var kind = stored is null ? "created" : "updated";
                var version = await transaction.AppendAsync(
                    new(caller.Account, SubjectPrefix + integration, kind, caller.Actor, now, ChangedFields(stored, config)) { Owner = CounterStore.Platform }, cancellationToken);
                await counters.AddAsync(transaction, CounterStore.Platform, Counted(stored is null ? 1 : 0), cancellationToken);
                var written = await transaction.ExecuteAsync(
                    stored is null ? InsertSql : UpdateSql,
                    new
                    {
                        integration,
                        name = config.Name,
                        scopes = config.Scopes,
                        clientId = config.Client_id,
                        clientSecret = secrets.Seal(PlaceOf(integration), config.Client_secret),
                        authUrl = config.Auth_url,
                        tokenUrl = config.Token_url,
                        redirectUrl = config.Redirect_url,
                        revocationUrl = config.Revocation_url,
                        options = ConfigOptions.Of(config).ToJson(),
                        tokenParams = ConfigOptions.WriteTexts(config.Token_params) is { } texts ? secrets.Seal(TokenParamsOf(integration), texts) : null,
                        version,
                        now,
                        seen = stored?.Version,
                    },
                    cancellationToken);
                return written == 1 ? (kind, version) : throw new LostRaceException();
            },
            cancellationToken);
        LogSaved(integration, kind, caller.Actor, version);
        return version;
    }

    internal static readonly Sql DeleteSql = "delete from oauth_configs where integration_id = @integration and version = @seen";

    /// <summary>Removes a configuration.</summary>
    /// <param name="integration">The integration's id.</param>
    /// <param name="precondition">What the caller requires of the stored version.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="cancellationToken">Ends the work; nothing was changed then.</param>
    /// <returns>False when there is none and the caller required nothing.</returns>
    /// <exception cref="GatewayException">The precondition does not hold, or the database is unavailable.</exception>
    public async Task<bool> DeleteAsync(string integration, IfMatch precondition, Caller caller, CancellationToken cancellationToken)
    {
        var version = await database.InTransactionAsync<long?>(
            async transaction =>
            {
                var stored = await transaction.FindAsync<StoredConfig>(LockSql, new { integration }, cancellationToken);
                precondition.Require(stored?.Version);
                if (stored is null)
                {
                    return null;
                }

                var version = await transaction.AppendAsync(
                    new(caller.Account, SubjectPrefix + integration, "deleted", caller.Actor, time.GetUtcNow(), []) { Owner = CounterStore.Platform }, cancellationToken);
                await counters.AddAsync(transaction, CounterStore.Platform, Counted(-1), cancellationToken);
                return await transaction.ExecuteAsync(DeleteSql, new { integration, seen = stored.Version }, cancellationToken) == 1
                    ? version
                    : throw new LostRaceException();
            },
            cancellationToken);
        if (version is { } sequence)
        {
            LogSaved(integration, "deleted", caller.Actor, sequence);
        }

        return version is not null;
    }

    internal static readonly Sql ListIdsSql = new(
        SqlServer: "select top (200) integration_id from oauth_configs where integration_id > @after order by integration_id",
        Sqlite: "select integration_id from oauth_configs where integration_id > @after order by integration_id limit 200");

    internal static readonly Sql ResealSql = """
        update oauth_configs set client_secret = @clientSecret, token_params = @tokenParams
         where integration_id = @integration and version = @seen
        """;

    /// <summary>Seals each secret again that is not under the newest key.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the work; what is done stays done.</param>
    public async Task<Resealing> ResealAsync(Caller actor, CancellationToken cancellationToken) => await Resealing.ForEachAsync(
        "",
        async after => await database.QueryAsync<string>(ListIdsSql, new { after }, cancellationToken),
        integration => SubjectPrefix + integration,
        integration => database.InTransactionAsync(transaction => ResealAsync(transaction, integration, actor, cancellationToken), cancellationToken));

    private async Task<bool> ResealAsync(Transaction transaction, string integration, Caller actor, CancellationToken cancellationToken)
    {
        var stored = await transaction.FindAsync<StoredConfig>(LockSql, new { integration }, cancellationToken);
        if (stored is null)
        {
            return false;
        }

        var secret = secrets.Open(PlaceOf(integration), stored.Client_secret, out var outdated);
        if (!outdated)
        {
            return false;
        }

        await transaction.AppendAsync(
            new(
                actor.Account,
                SubjectPrefix + integration,
                "resealed",
                actor.Actor,
                time.GetUtcNow(),
                stored.Token_params is null ? ["client_secret"] : ["client_secret", "token_params"])
            {
                Owner = CounterStore.Platform,
            },
            cancellationToken);
        return await transaction.ExecuteAsync(
            ResealSql,
            new
            {
                integration,
                clientSecret = secrets.Seal(PlaceOf(integration), secret),
                // Sealed with the client secret, and so as old as it.
                tokenParams = OpenTokenParams(integration, stored) is { } texts ? secrets.Seal(TokenParamsOf(integration), texts) : null,
                seen = stored.Version,
            },
            cancellationToken) == 1
            ? true
            : throw new LostRaceException();
    }

    private static Counter[] Counted(long total) => [new(CounterKind.Configuration, "", total)];

    private List<string> ChangedFields(StoredConfig? stored, IntegrationOauthConfig config)
    {
        var changed = new List<string>();
        Compare("name", stored?.Name, config.Name);
        Compare("scopes", stored?.Scopes, config.Scopes);
        Compare("client_id", stored?.Client_id, config.Client_id);
        Compare("client_secret", stored is null ? null : secrets.Open(PlaceOf(config.Integration_id), stored.Client_secret), config.Client_secret);
        Compare("auth_url", stored?.Auth_url, config.Auth_url);
        Compare("token_url", stored?.Token_url, config.Token_url);
        Compare("redirect_url", stored?.Redirect_url, config.Redirect_url);
        Compare("revocation_url", stored?.Revocation_url, config.Revocation_url);
        Compare("token_params", stored is null ? null : OpenTokenParams(config.Integration_id, stored), ConfigOptions.WriteTexts(config.Token_params));
        changed.AddRange(ConfigOptions.Of(config).ChangedSince(ConfigOptions.Read(stored?.Options)));
        return changed;

        void Compare(string field, string? before, string? after)
        {
            if (before != after)
            {
                changed.Add(field);
            }
        }
    }

    private string? OpenTokenParams(string integration, StoredConfig stored) =>
        stored.Token_params is { } texts ? secrets.Open(TokenParamsOf(integration), texts) : null;

    private static SecretPlace TokenParamsOf(string integration) => new("oauth_configs", "token_params", integration);

    internal static SecretPlace PlaceOf(string integration) => new("oauth_configs", "client_secret", integration);

    // The entry in the log of changes says the same for good; a line on the console costs a change a third of its CPU.
    [LoggerMessage(EventId = 1301, EventName = "ConfigurationChanged", Level = LogLevel.Debug,
        Message = "OAuth configuration {Integration} {Kind} by {Actor}, sequence {Sequence}")]
    private partial void LogSaved(string integration, string kind, string actor, long sequence);

    private sealed class StoredConfig
    {
        public string Name { get; init; } = "";

        public string Scopes { get; init; } = "";

        public string Client_id { get; init; } = "";

        public byte[] Client_secret { get; init; } = [];

        public string Auth_url { get; init; } = "";

        public string Token_url { get; init; } = "";

        public string Redirect_url { get; init; } = "";

        public string? Revocation_url { get; init; }

        public string? Options { get; init; }

        public byte[]? Token_params { get; init; }

        public string? Token_auth_method { get; init; }

        public string? Token_auth_hint { get; init; }

        public long Version { get; init; }
    }
}
