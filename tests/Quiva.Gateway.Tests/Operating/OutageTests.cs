using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Data.SqlClient;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Operating;

/// <summary>
/// Two instances on one database under load: one is killed, then the database is gone for a while. 3 seconds of it;
/// <c>GATEWAY_TEST_OUTAGE=30</c> says how many.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OutageTests(DatabaseProvider engine)
{
    private const int Writers = 8;

    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(
        int.TryParse(
            Environment.GetEnvironmentVariable("GATEWAY_TEST_OUTAGE"),
            CultureInfo.InvariantCulture,
            out var seconds) ? seconds : 3);

    private readonly ConcurrentDictionary<string, bool> acknowledged = new();
    private readonly ConcurrentQueue<HttpStatusCode> statuses = new();

    [Test]
    public async Task Nothing_acknowledged_is_lost_and_service_returns_without_a_restart()
    {
        using var database = TestDatabase.Create(engine);
        using var first = await ServerProcess.StartAsync(database);
        using var second = await ServerProcess.StartAsync(database);
        using var clients = new Pair(first.Client(first.FirstKey!), second.Client(first.FirstKey!));
        using var end = new CancellationTokenSource();
        var writers = Enumerable.Range(0, Writers)
            .Select(writer => Task.Run(() => WriteAsync(clients, writer, end.Token)))
            .ToList();
        await AcknowledgedAsync(4 * Writers);

        second.Kill();
        await AcknowledgedAsync(acknowledged.Count + (4 * Writers));

        statuses.Clear();
        await GoneAsync(database, async () =>
        {
            await Task.Delay(Outage);
            Assert.That(
                statuses,
                Does.Contain(HttpStatusCode.ServiceUnavailable),
                "Nothing was acknowledged that the database did not take.");
            using var live = await clients.First.GetAsync("/health/live");
            using var ready = await clients.First.GetAsync("/health/ready");
            Assert.That(
                (live.StatusCode, ready.StatusCode),
                Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable)));
        });
        await AcknowledgedAsync(acknowledged.Count + (4 * Writers));
        await end.CancelAsync();
        await Task.WhenAll(writers);
        Assert.That(first.HasExited, Is.False);
        Assert.That(statuses.Distinct(), Is.SubsetOf(new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable }));

        await using var app = await GatewayApp.StartAsync(database);
        var stored = await app.Database.QueryAsync<string>("select integration_id from oauth_configs");
        TestContext.Out.WriteLine($"{acknowledged.Count} acknowledged, {stored.Count} stored");
        Assert.That(acknowledged.Keys.Except(stored), Is.Empty);
        Assert.That(
            await app.Database.FindAsync<int>(DurabilityTests.CountHalvesSql),
            Is.Zero,
            "Each row has its entry in the log.");
    }

    private async Task WriteAsync(Pair clients, int writer, CancellationToken end)
    {
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            var id = $"outage-{writer}-{i}";
            try
            {
                using var response =
                    await (i % 2 == 0 ? clients.First : clients.Second).PutConfigAsync(Configs.Body(id));
                statuses.Enqueue(response.StatusCode);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    acknowledged[id] = true;
                }
            }
            catch (HttpRequestException)
            {
                // The other instance is dead.
            }
        }
    }

    private async Task AcknowledgedAsync(int count)
    {
        for (var wait = 0; acknowledged.Count < count; wait++)
        {
            Assert.That(wait, Is.LessThan(300), $"{acknowledged.Count} of {count} were acknowledged.");
            await Task.Delay(100);
        }
    }

    // Away for everybody, as by a fail-over or a disk that was unmounted.
    private static async Task GoneAsync(TestDatabase database, Func<Task> meanwhile)
    {
        if (database.Provider == DatabaseProvider.SqlServer)
        {
            await SetAsync("offline with rollback immediate");
            await meanwhile();
            await SetAsync("online");
            return;
        }

        var (file, away) =
            (Path.Combine(database.Directory, "gateway.db"), Path.Combine(database.Directory, "away.db"));
        File.Move(file, away);
        await meanwhile();
        File.Move(away, file);

        async Task SetAsync(string state)
        {
            var settings = new SqlConnectionStringBuilder(database.ConnectionString);
            var name = settings.InitialCatalog;
            settings.InitialCatalog = "master";
            await using var connection = new SqlConnection(settings.ConnectionString);
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = $"alter database {name} set {state}";
            await command.ExecuteNonQueryAsync();
        }
    }

    private sealed record Pair(HttpClient First, HttpClient Second) : IDisposable
    {
        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
        }
    }
}
