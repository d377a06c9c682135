using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Authentication;

namespace Quiva.Gateway.Benchmarks;

/// <summary>What one round has measured.</summary>
internal sealed record Round(TimeSpan Elapsed, TimeSpan Cpu, TimeSpan UserCpu, long[] Latencies)
{
    public int Requests => Latencies.Length;

    public double MicrosecondsPerRequest => Cpu.TotalMicroseconds / Requests;
}

/// <summary>The rounds of one variant in one scenario.</summary>
internal sealed record Result(Variant Variant, IReadOnlyList<Round> Rounds);

/// <summary>
/// Sends requests as fast as they are answered, as many at a time as the scenario says, in rounds that the servers take
/// in turn.
/// </summary>
internal static class Load
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    public static HttpClient Client(Uri address, string key, int connections = 1)
    {
        // The certificate is the one that the gateway has made for itself; nobody else's signature is on it.
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            MaxConnectionsPerServer = connections,
            SslOptions =
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost"
            },
        };
        var client = new HttpClient(handler) { BaseAddress = address };
        if (key.Length > 0)
        {
            client.DefaultRequestHeaders.Add("X-Api-Key", key);
        }

        return client;
    }

    public static ByteArrayContent Body(byte[] body) => new(body) { Headers = { ContentType = Json } };

    public static async Task<IReadOnlyList<Result>> RunAsync(
        IReadOnlyList<Server> servers, Scenario scenario, Seed seed, int rounds, TimeSpan length)
    {
        var clients = servers.Select(
            server => Client(server.Address, scenario.IsLarge ? seed.LargeKey : seed.Key, scenario.Connections))
            .ToList();
        var results = servers.Select(_ => new List<Round>()).ToList();
        // The first round opens the connections and lets the compiler finish; it does not count.
        for (var round = 0; round <= rounds; round++)
        {
            for (var i = 0; i < servers.Count; i++)
            {
                var measured = await RoundAsync(servers[i], clients[i], scenario, round == 0 ? 2 * length : length);
                if (round > 0)
                {
                    results[i].Add(measured);
                }
            }
        }

        clients.ForEach(client => client.Dispose());
        return [.. servers.Zip(results, (server, measured) => new Result(server.Variant, measured))];
    }

    private static async Task<Round> RoundAsync(Server server, HttpClient client, Scenario scenario, TimeSpan length)
    {
        var before = server.Cpu;
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(Enumerable.Range(0, scenario.Connections)
            .Select(i => Task.Run(() => ConnectionAsync(client, scenario, i, started, length))));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var after = server.Cpu;
        var all = latencies.SelectMany(one => one).ToArray();
        server.Count(scenario, all.Length);
        return new(elapsed, after.Total - before.Total, after.User - before.User, all);
    }

    private static async Task<List<long>> ConnectionAsync(
        HttpClient client, Scenario scenario, int connection, long started, TimeSpan length)
    {
        var latencies = new List<long>();
        var requests = scenario.Requests(connection);
        for (var next = 0; Stopwatch.GetElapsedTime(started) < length; next = (next + 1) % requests.Count)
        {
            var (path, body) = requests[next];
            using var request = new HttpRequestMessage(scenario.Method, path)
            {
                Version = scenario.Version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact
            };
            if (body is not null)
            {
                request.Content = Body(body);
            }

            var sent = Stopwatch.GetTimestamp();
            using var answer = await client.SendAsync(request);
            latencies.Add(Stopwatch.GetTimestamp() - sent);
            if (answer.StatusCode != scenario.Expected
                || (scenario.HasTag && answer.IsSuccessStatusCode == answer.Headers.ETag is null))
            {
                throw new InvalidOperationException(
                    $"{scenario.Name}: {client.BaseAddress} answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            }
        }

        return latencies;
    }
}
