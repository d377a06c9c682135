using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Data;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ChangeListTests(DatabaseProvider engine)
{
    [Test]
    public async Task The_audit_trail_is_read_by_account_subject_actor_and_time()
    {
        await using var app = await GatewayApp.StartAsync(engine);
        using var client = await app.ClientAsync("acme", "developer");
        using var other = await app.ClientAsync("other", "developer");
        var topic = await client.CollectionAsync("node");
        await other.CollectionAsync("node");
        for (var i = 0; i < 3; i++)
        {
            await client.NodeAsync(topic, $"n{i}");
        }

        var all = await ListAsync(new("acme", null, null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
        Assert.That(
            all.Select(change => change.Kind),
            Has.Exactly(5).EqualTo("created"),
            "A key, a collection and three nodes.");
        Assert.That(all.Select(change => change.Sequence), Is.Ordered.Ascending);
        Assert.That(all.Select(change => change.Account), Has.All.EqualTo("acme"));
        var (one, actor) = (all[^1], all[^1].Actor);
        Assert.That((await ListAsync(new("acme", one.Subject, null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue)))
            .Select(change => change.Subject), Is.EqualTo(new[] { one.Subject }));
        Assert.That(
            await ListAsync(new("acme", null, actor, DateTimeOffset.MinValue, DateTimeOffset.MaxValue)),
            Has.Count.EqualTo(4));
        Assert.That(
            await ListAsync(new("acme", null, null, one.OccurredAt.AddSeconds(1), DateTimeOffset.MaxValue)), Is.Empty);
        Assert.That(
            await ListAsync(new("acme", null, null, DateTimeOffset.MinValue, one.OccurredAt.AddSeconds(1))),
            Has.Count.EqualTo(5));

        var (exitCode, output, _) = await ServerProcess.RunAsync(
            [
                "changes", "list", "--account", "acme", "--subject", one.Subject, "--since", "2020-01-01T00:00:00Z",
                "--environment=Development", .. app.TestDatabase.Settings
            ]);
        Assert.That(exitCode, Is.Zero);
        Assert.That((string?)JsonNode.Parse(output)!["subject"], Is.EqualTo(one.Subject));

        async Task<List<RecordedChange>> ListAsync(ChangeFilter filter)
        {
            var changes = new List<RecordedChange>();
            await foreach (var change in app.Services.GetRequiredService<ChangeListStore>().ListAsync(filter, default))
            {
                changes.Add(change);
            }

            return changes;
        }
    }
}
