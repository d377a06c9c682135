using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Oauth.Configurations;

/// <content>What every caller may read of configurations.</content>
public sealed partial class OauthConfigStore
{
    private const string PublicColumns =
        $"integration_id, name, scopes, concat('{SubjectPrefix}', integration_id) as subject, options";

    internal static readonly Sql ListSql =
        SqlPage.Of(PublicColumns, "oauth_configs", "integration_id > @after", "integration_id");

    /// <summary>The public part of every configuration, by integration id.</summary>
    /// <param name="window">Which part of the list.</param>
    public Listing<OauthConfigBasicData> List(Window window) => new(
        window,
        async (after, rows, size, cancellationToken) =>
        {
            var (read, isCut) = await database.QueryAsync<PublicConfig>(
                ListSql, new { after = after ?? "", rows }, _ => 0, size, cancellationToken);
            return (read.ConvertAll(config => config.Read()), isCut);
        },
        config => config.Integration_id,
        _ => 0,
        cancellationToken =>
            counters.TotalAsync(CounterStore.Platform, CounterKind.Configuration, "", null, cancellationToken));

    internal static readonly Sql FindSql = $"""
        select {PublicColumns}, version
          from oauth_configs
         where integration_id = @integration
        """;

    /// <summary>The public part of one configuration, or null.</summary>
    /// <param name="integration">The integration's id.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<Versioned<OauthConfigBasicData>?> FindAsync(
        string integration, CancellationToken cancellationToken) =>
        await database.FindVersionedAsync<PublicConfig>(FindSql, new { integration }, cancellationToken) is { } found
            ? new(found.Value.Read(), found.Version)
            : null;

    private sealed class PublicConfig
    {
        public string Integration_id { get; init; } = "";

        public string Name { get; init; } = "";

        public string Scopes { get; init; } = "";

        public string Subject { get; init; } = "";

        public string? Options { get; init; }

        public OauthConfigBasicData Read() => new()
        {
            Integration_id = Integration_id,
            Name = Name,
            Scopes = Scopes,
            Subject = Subject,
            Variables = new VariableSet(ConfigOptions.Read(Options).Variables)
                .From(VariablePlace.Login)
                .ToList() is { Count: > 0 } asked ? asked : null,
        };
    }
}
