using System.Net;
using System.Text.Json;

namespace Quiva.Gateway.Benchmarks;

/// <summary>One kind of request.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Method">Its method.</param>
/// <param name="Body">The body for an integration, in one of two versions; null for none.</param>
/// <param name="Expected">The status of every answer.</param>
/// <param name="Version">The version of HTTP.</param>
internal sealed record Scenario(string Name, HttpMethod Method, Func<string, int, object>? Body, HttpStatusCode Expected, Version Version)
{
    /// <summary>Ids that one connection takes in turn; each comes again in the other version, so that every change changes something.</summary>
    private const int Ids = 8;

    /// <summary>The one with a target.</summary>
    public static Scenario Put { get; } = new("PUT, HTTP/1.1", HttpMethod.Put, Config, HttpStatusCode.OK, HttpVersion.Version11);

    // The refusals differ: a member's constraint is model state, a URL's rule is an exception.
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Put,
        Put with { Name = "PUT, HTTP/2", Version = HttpVersion.Version20 },
        new("GET", HttpMethod.Get, null, HttpStatusCode.OK, HttpVersion.Version11),
        Put with { Name = "PUT refused, member missing", Body = (id, _) => new { integration_id = id }, Expected = HttpStatusCode.BadRequest },
        Put with { Name = "PUT refused, private address", Body = (id, version) => Config(id, version, "10.0.0.1"), Expected = HttpStatusCode.BadRequest },
    ];

    public IReadOnlyList<(Uri Path, byte[]? Body)> RequestsOf(int connection) =>
    [
        .. from version in Enumerable.Range(0, 2)
           from number in Enumerable.Range(0, Ids)
           let id = $"integration-{connection}-{number}"
           select (new Uri($"/hub/integrations/{id}/oauth-config", UriKind.Relative), Body is null ? null : JsonSerializer.SerializeToUtf8Bytes(Body(id, version))),
    ];

    private static object Config(string id, int version) => Config(id, version, "93.184.215.14");

    // Hosts are addresses, so that no name is looked up.
    private static object Config(string id, int version, string host) => new
    {
        integration_id = id,
        name = $"Integration in version {version}",
        scopes = "channels:read,chat:write,users:read,files:read",
        client_id = "123456789.987654321",
        client_secret = $"abcdef1234567890abcdef-{version}",
        auth_url = $"https://{host}/oauth/v2/authorize",
        token_url = $"https://{host}/api/oauth.v2.access",
        redirect_url = "https://93.184.215.34/hub/integrations/oauth-callback",
    };
}
