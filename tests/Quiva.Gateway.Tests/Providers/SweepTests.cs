using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Oauth.TokenEndpoint;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// Many connections due at once, some of them broken. A short form of 200; <c>GATEWAY_TEST_LONG=1</c> takes 1,000.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SweepTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    private static readonly int All = IsLong ? 1000 : 200;
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(1);

    // One of each kind of failure: what the provider says, or what is done to the row.
    private static readonly string[] Breaks =
        ["500", "429", "invalid_grant", "html", "half a pair", "reset", "header", "late", "unopened token", "bomb"];

    private DueConnectionStore Due => App.Services.GetRequiredService<DueConnectionStore>();

    private OauthConnectionStore Connections => App.Services.GetRequiredService<OauthConnectionStore>();

    [Test]
    public async Task What_has_no_refresh_token_is_never_due()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        // The same person signs in again, and the provider gives no refresh token, now as before.
        for (var time = 0; time < 2; time++)
        {
            await Connections.SaveAsync(
                new() { Account = "acme", Actor = "test", IntegrationId = integration, ConnectionId = "again" },
                new("access", null, "Bearer", TimeSpan.FromSeconds(1)) { Grantee = [1, 2, 3] },
                DateTimeOffset.UtcNow,
                default);
        }

        Assert.That(
            await App.Database.QueryAsync<DateTimeOffset?>(
                "select renew_at from oauth_connections where account = @account and integration_id = @integration",
                new { account = "acme", integration }),
            Is.EqualTo(new DateTimeOffset?[] { null }));
        // A row that an earlier version has left behind.
        await App.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(
                "update oauth_connections set renew_at = expires_at where account = @account and connection_id = @connection",
                new { account = "acme", connection = "again" },
                default),
            default);
        Assert.That(
            (await Due.ListAsync(DateTimeOffset.UtcNow + Late, All, default)).Select(due => due.Key.Id),
            Has.None.EqualTo("again"));
    }

    [Test]
    public async Task The_sound_are_renewed_and_the_broken_are_asked_later_and_later()
    {
        var integration = NewIntegration();
        // A form of credentials that is not known is tried in the other: here it is.
        await ConfigureAsync(integration, config => config["token_endpoint_auth_method"] = "client_secret_basic");
        var broken = All / 20;
        var asked = new ConcurrentDictionary<string, int>();
        Provider.On(integration, async (request, stream, cancellationToken) =>
        {
            var token = request["refresh_token"]!;
            asked.AddOrUpdate(token, 1, (_, count) => count + 1);
            var number = int.Parse(token.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
            var says = number < broken ? Says(Breaks[number % Breaks.Length]) : Wire.Json(Tokens(number));
            if (says is null)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            await stream.WriteAsync(says, cancellationToken);
        });
        for (var number = 0; number < All; number++)
        {
            await Connections.SaveAsync(
                new() { Account = "acme", Actor = "test", IntegrationId = integration, ConnectionId = "c" + number },
                new("access", "refresh-" + number, "Bearer", TimeSpan.FromSeconds(1)),
                DateTimeOffset.UtcNow,
                default);
        }

        foreach (var number in Enumerable.Range(0, broken)
            .Where(number => Breaks[number % Breaks.Length] == "unopened token"))
        {
            await App.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(
                    "update oauth_connections set access_token = @bytes where account = @account and connection_id = @connection",
                    new { account = "acme", bytes = Encoding.UTF8.GetBytes("no such seal"), connection = "c" + number },
                    default),
                default);
        }

        var sweep = ActivatorUtilities.CreateInstance<ConnectionSweep>(App.Services);
        Assert.That(await sweep.SweepAsync(DateTimeOffset.UtcNow + Late, default), Is.EqualTo(All - broken));
        // Tokens that do not open are sent nowhere.
        Assert.That(asked, Has.Count.EqualTo(All - (broken / Breaks.Length)));
        Assert.That(asked.Values, Has.All.EqualTo(1));
        Assert.That(await sweep.SweepAsync(DateTimeOffset.UtcNow + Late, default), Is.Zero, "Nothing is due any more.");
        Assert.That(asked.Values, Has.All.EqualTo(1));

        var rows = await RowsAsync(integration);
        Assert.That(rows, Has.Count.EqualTo(broken));
        Assert.That(rows.Select(row => row.Refresh_failures), Has.All.EqualTo(1));
        Assert.That(
            rows.Where(row => row.Renew_at is null).Select(row => row.Refresh_error),
            Has.All.EqualTo(ProviderError.InvalidGrant).And.Exactly(broken / 10).Items);
        // Round after round: when a pause is over it is asked once more, and the next pause is twice as long.
        for (var round = 2; round <= 4; round++)
        {
            var now = DateTimeOffset.UtcNow;
            Assert.That(
                await sweep.SweepAsync(now + TimeSpan.FromMinutes(6 * Math.Pow(2, round - 2)), default), Is.Zero);
            rows = await RowsAsync(integration);
            foreach (var row in rows.Where(row => row.Refresh_error != ProviderError.InvalidGrant))
            {
                Assert.That(row.Refresh_failures, Is.EqualTo(round));
                Assert.That(
                    row.Renew_at,
                    Is.EqualTo(now.AddMinutes(5 * Math.Pow(2, round - 1))).Within(TimeSpan.FromSeconds(50)));
            }

            Assert.That(
                asked.Values.Count(count => count == round),
                Is.EqualTo(broken * (Breaks.Length - 2) / Breaks.Length),
                "Once a round.");
        }

        Assert.That(rows.Select(row => row.Lease_owner), Has.All.Null, "No lease is left.");
    }

    [Test]
    public async Task Who_waited_for_a_renewal_that_failed_gets_no_lease()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        Provider.On(integration, _ => Wire.Json(Tokens(1)));
        await ConnectAsync(integration);
        var leases = App.Services.GetRequiredService<ConnectionLeaseStore>();
        var seen = (await Connections.FindAsync(new("acme", integration, "maria"), default))!;
        var fence = await leases.TryLeaseAsync(seen, "first", TimeSpan.FromSeconds(10), default);
        await leases.FailAsync(seen, "first", fence!.Value, ProviderError.ServerError, "first");
        Assert.That(await leases.TryLeaseAsync(seen, "waiter", TimeSpan.FromSeconds(10), default), Is.Null);
        var now = (await Connections.FindAsync(new("acme", integration, "maria"), default))!;
        Assert.That(await leases.TryLeaseAsync(now, "later", TimeSpan.FromSeconds(10), default), Is.Not.Null);
    }

    [Test]
    public async Task A_lease_from_before_the_clock_was_set_back_is_none()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration);
        Provider.On(integration, request => Wire.Json(Tokens(IsExchange(request) ? 1 : 2)));
        await ConnectAsync(integration);
        await App.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync(
                "update oauth_connections set lease_owner = 'dead', lease_until = @until where account = @account and integration_id = @integration",
                new
                {
                    account = "acme",
                    integration,
                    until = DateTimeOffset.UtcNow.AddHours(Engine == DatabaseProvider.Sqlite ? 1 : -1)
                },
                default),
            default);
        using var renewed = await RenewAsync(integration, "refresh-1");
        Assert.That((int)renewed.StatusCode, Is.EqualTo(200));
    }

    private static byte[]? Says(string kind) => kind switch
    {
        "late" => null,
        "500" => RawProvider.Http(500, null, ""),
        "429" => RawProvider.Http(429, null, ""),
        "invalid_grant" => RawProvider.Http(400, "application/json", """{"error":"invalid_grant"}"""),
        "html" => RawProvider.Http(200, "text/html", "<html>"),
        "half a pair" => RawProvider.Http(200, "application/json", """{"error":"\ud83d"}"""),
        "header" => RawProvider.Http(200, "application/json", """{"access_token":"a\n"}"""),
        "bomb" => RawProvider.Http(200, "application/json", new string('{', 300_000)),
        _ => [],
    };

    private async Task<List<StoredConnection>> RowsAsync(string integration) => await App.Database.QueryAsync<StoredConnection>(
        $"""
        select {StoredConnection.Columns} from oauth_connections
         where account = @account and integration_id = @integration and refresh_error is not null
        """,
        new { account = "acme", integration });
}
