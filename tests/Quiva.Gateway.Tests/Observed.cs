using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;

namespace Quiva.Gateway.Tests;

/// <summary>Everything that traces and metrics tell while it lives.</summary>
public sealed class Observed : IDisposable
{
    private readonly ConcurrentQueue<string> seen = new();
    private readonly ActivityListener activities;
    private readonly MeterListener meters;

    public Observed()
    {
        activities = new ActivityListener
        {
            // The client's own activities are the tests', not the gateway's; and experimental ones the gateway exports
            // none of.
            ShouldListenTo = source => source.Name != "System.Net.Http"
                && !source.Name.StartsWith("Experimental.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped =
                activity => seen.Enqueue(
                    $"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Baggage)} {string.Join(' ', activity.Events.SelectMany(e => e.Tags))}"),
        };
        ActivitySource.AddActivityListener(activities);
        meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument)
        };
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) => seen.Enqueue(string.Join(' ', tags.ToArray())));
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) => seen.Enqueue(string.Join(' ', tags.ToArray())));
        meters.Start();
    }

    /// <summary>
    /// Looks for secrets in traces, metrics, logs, the audit trail and every byte of the data directory.
    /// </summary>
    public async Task AssertNowhereAsync(GatewayApp app, params string[] secrets)
    {
        Assert.That(seen, Is.Not.Empty);
        var places = new Dictionary<string, string>
        {
            ["traces and metrics"] = string.Join('\n', seen),
            ["the log"] = app.Logs,
            ["the audit trail"] = string.Join('\n', await app.Database.QueryAsync<string>(
                "select concat(account, subject, kind, actor, fields, body) from changes")),
        };
        foreach (var file in Directory.GetFiles(app.TestDatabase.Directory))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            places[file] = await reader.ReadToEndAsync();
        }

        foreach (var (place, text) in places)
        {
            foreach (var secret in secrets)
            {
                Assert.That(
                    text.Contains(secret, StringComparison.Ordinal),
                    Is.False,
                    $"{secret} is in {place}: {text.Split('\n').FirstOrDefault(line => line.Contains(secret, StringComparison.Ordinal))}");
            }
        }
    }

    public void Dispose()
    {
        activities.Dispose();
        meters.Dispose();
    }
}
