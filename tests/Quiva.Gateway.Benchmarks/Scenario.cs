using System.Net;
using System.Text.Json;

namespace Quiva.Gateway.Benchmarks;

/// <summary>One kind of request.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Method">Its method.</param>
/// <param name="Requests">What one of the connections sends in turn.</param>
internal sealed record Scenario(
    string Name, HttpMethod Method, Func<int, IReadOnlyList<(Uri Path, byte[]? Body)>> Requests)
{
    /// <summary>
    /// Ids that one connection takes in turn; each comes again in the other version, so that every change changes
    /// something.
    /// </summary>
    private const int Ids = 8;

    /// <summary>The status of every answer.</summary>
    public HttpStatusCode Expected { get; init; } = HttpStatusCode.OK;

    /// <summary>The version of HTTP.</summary>
    public Version Version { get; init; } = HttpVersion.Version11;

    /// <summary>How many requests are under way at a time.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Whether the account with very many collections calls.</summary>
    public bool IsLarge { get; init; }

    /// <summary>Whether answers have an entity tag.</summary>
    public bool HasTag { get; init; } = true;

    /// <summary>The one with a target.</summary>
    public static Scenario Put { get; } =
        new("PUT, HTTP/1.1", HttpMethod.Put, Configs((id, version) => Config(id, version)));

    // The refusals differ: a member's constraint is model state, a URL's rule is an exception.
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Put,
        Put with { Name = "PUT, 32 callers", Connections = 32 },
        Put with { Name = "PUT, HTTP/2", Version = HttpVersion.Version20 },
        new("GET", HttpMethod.Get, Configs(null)),
        new(
            "GET oauth-token",
            HttpMethod.Get,
            _ => [(Relative($"/hub/integrations/{Seed.Integration}/oauth-token/{Seed.Connection}"), null)])
            {
                HasTag = false
            },
        new("GET a workflow of 500 nodes", HttpMethod.Get, _ => [(Relative(Seed.WorkflowPath + "?draft=true"), null)]),
        new("PATCH a workflow of 500 nodes", HttpMethod.Patch, _ =>
            [.. Enumerable.Range(0, 2).Select(version => (Relative(Seed.WorkflowPath), (byte[]?)Seed.Patch(version)))]),
        new(
            "GET 100 of 100 collections",
            HttpMethod.Get,
            _ => [(Relative("/hub/collections?limit=100"), null)]) { HasTag = false },
        new("GET 100 of 100,000 collections", HttpMethod.Get, _ => [(Relative("/hub/collections?limit=100"), null)])
        {
            HasTag = false,
            IsLarge = true
        },
        Put with
        {
            Name = "PUT refused, member missing",
            Requests = Configs((id, _) => new { integration_id = id }),
            Expected = HttpStatusCode.BadRequest
        },
        Put with
        {
            Name = "PUT refused, private address",
            Requests = Configs((id, version) => Config(id, version, "10.0.0.1")),
            Expected = HttpStatusCode.BadRequest
        },
    ];

    private static Func<int, IReadOnlyList<(Uri Path, byte[]? Body)>> Configs(Func<string, int, object>? body) => connection =>
    [
        .. from version in Enumerable.Range(0, 2)
           from number in Enumerable.Range(0, Ids)
           let id = $"integration-{connection}-{number}"
           select (Relative($"/hub/integrations/{id}/oauth-config"), body is null
               ? null
               : JsonSerializer.SerializeToUtf8Bytes(body(id, version))),
    ];

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    // Hosts are addresses, so that no name is looked up.
    // Hosts are addresses, so that no name is looked up.
    private static object Config(string id, int version) => Config(id, version, "93.184.215.14");

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
