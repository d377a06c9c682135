using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>
/// The optional fields of a configuration that say how a provider differs from the RFCs. Null is what the RFCs say.
/// Holds no secret.
/// </summary>
public sealed record ConfigOptions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary><c>S256</c> or <c>none</c>.</summary>
    public string? CodeChallengeMethod { get; init; }

    /// <summary>What is not the same for every connection.</summary>
    public IReadOnlyList<OauthVariable>? Variables { get; init; }

    /// <summary>The media type of token and renewal requests.</summary>
    public string? TokenRequestType { get; init; }

    /// <summary><c>space</c> or <c>comma</c>.</summary>
    public string? ScopeSeparator { get; init; }

    /// <summary>Where tokens are renewed, if it is not the token endpoint.</summary>
    public string? RefreshUrl { get; init; }

    /// <summary>The one form of credentials; null when it is found out.</summary>
    public string? TokenEndpointAuthMethod { get; init; }

    /// <summary>Seconds that access tokens work when the provider does not say.</summary>
    public long? DefaultExpiresIn { get; init; }

    /// <summary>What the redirect has to bring as <c>iss</c>.</summary>
    public string? Issuer { get; init; }

    /// <summary>Hosts that may be called with a token.</summary>
    public IReadOnlyList<string>? AllowedHosts { get; init; }

    /// <summary>Whether the code is bound to the sign-in by PKCE.</summary>
    [JsonIgnore]
    public bool UsesPkce => CodeChallengeMethod != Contract.CodeChallengeMethod.None;

    /// <summary>The optional fields of a configuration as it came.</summary>
    /// <param name="config">The configuration.</param>
    public static ConfigOptions Of(IntegrationOauthConfig config) => new()
    {
        CodeChallengeMethod = config.Code_challenge_method,
        Variables = config.Variables is { Count: > 0 } variables ? [.. variables] : null,
        TokenRequestType = config.Token_request_type,
        ScopeSeparator = config.Scope_separator,
        RefreshUrl = config.Refresh_url,
        TokenEndpointAuthMethod = config.Token_endpoint_auth_method,
        DefaultExpiresIn = config.Default_expires_in,
        Issuer = config.Issuer,
        AllowedHosts = config.Allowed_hosts is { Count: > 0 } hosts ? [.. hosts] : null,
    };

    /// <summary>Reads what <see cref="ToJson"/> has written.</summary>
    /// <param name="json">The text; null for no fields.</param>
    public static ConfigOptions Read(string? json) =>
        json is null ? new() : JsonSerializer.Deserialize<ConfigOptions>(json, Json)!;

    /// <summary>The fields as they are stored; null when there are none.</summary>
    public string? ToJson() => JsonSerializer.Serialize(this, Json) is var json && json == "{}" ? null : json;

    /// <summary>The fields that differ, in the contract's spelling.</summary>
    /// <param name="before">The fields as they were.</param>
    public IEnumerable<string> ChangedSince(ConfigOptions before)
    {
        var (old, now) = (JsonSerializer.SerializeToNode(before, Json)!
            .AsObject(), JsonSerializer.SerializeToNode(this, Json)!.AsObject());
        return old.Concat(now)
            .Select(field => field.Key)
            .Distinct()
            .Where(name => !JsonNode.DeepEquals(old[name], now[name]));
    }

    /// <summary>Writes texts by name, such as variables and token parameters.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>Null when there are none.</returns>
    public static string? WriteTexts(IEnumerable<KeyValuePair<string, string>>? texts) =>
        texts?.OrderBy(text => text.Key, StringComparer.Ordinal).ToDictionary() is { Count: > 0 } some
            ? JsonSerializer.Serialize(some)
            : null;

    /// <summary>Reads what <see cref="WriteTexts"/> has written.</summary>
    /// <param name="json">The text; null for none.</param>
    public static IReadOnlyDictionary<string, string> ReadTexts(string? json) =>
        json is null ? new Dictionary<string, string>() : JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
}
