using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Oauth;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TokenAuditTests(DatabaseProvider engine) : ConnectionFixture(engine)
{
    [Test]
    public async Task Each_token_that_leaves_is_logged_and_counted_and_no_row_is_written()
    {
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument is { Meter.Name: GatewayMetrics.MeterName, Name: "quiva.gateway.oauth.tokens_returned" })
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) =>
            counted.Enqueue($"{instrument.Name} {count} {string.Join(' ', tags.ToArray())}"));
        listener.Start();
        // A name of its own: the meters of other tests' gateways are listened to as well.
        var id = "audited" + Guid.NewGuid().ToString("n")[..8];
        using var put = await Admin.PutConfigAsync(Provider.Config(id));
        await ConnectAsync("maria", integration: id);
        var before = await ChangesAsync();

        using var read = await User.GetAsync(Path("oauth-token", "maria", id));
        using var list = await User.GetAsync(Path("oauth-connections", integration: id));
        using var foreign = await Stranger.GetAsync(Path("oauth-token", "maria", id));
        Assert.That(
            (read.StatusCode, list.StatusCode, foreign.StatusCode),
            Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound)));
        Assert.That(await ChangesAsync(), Is.EqualTo(before), "A read stays a read.");
        using var renewed = await User.GetAsync(Path("oauth-refresh-token", "maria", id) + "?refresh_token=refresh-1");
        Assert.That(renewed.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        string[] operations = ["GetIntegrationsOauthConnection", "RefreshIntegrationsOauthToken"];
        Assert.That(
            counted.Where(line => line.Contains(id, StringComparison.Ordinal)),
            Is.EqualTo(operations.Select(
                operation => $"quiva.gateway.oauth.tokens_returned 1 [integration, {id}] [operation, {operation}]")));
        var entries = App.Logs.Split('\n')
            .Where(line => line.Contains(
                $"Tokens of ms.integration.oauth.acme.{id}.maria returned to key:", StringComparison.Ordinal))
            .ToList();
        Assert.That(entries, Has.Count.EqualTo(2));
        Assert.That(
            entries.Zip(operations).All(pair => pair.First.Contains("by " + pair.Second, StringComparison.Ordinal)));
    }

    private async Task<int> ChangesAsync() => await App.Database.FindAsync<int>("select count(*) from changes");
}
