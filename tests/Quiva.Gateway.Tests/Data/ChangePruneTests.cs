using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Data;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ChangePruneTests(DatabaseProvider engine) : HubFixture(engine)
{
    [Test]
    public async Task Old_entries_go_but_what_a_history_shows()
    {
        var collection = await Client.CollectionAsync("workflow");
        var (kept, gone) =
            (await Client.WorkflowAsync(collection, "kept"), await Client.WorkflowAsync(collection, "gone"));
        await Client.UpdateWorkflowAsync(collection, kept, $""" "config":{HubCalls.Config("second")} """);
        await Client.CallAsync("DELETE", $"/hub/workflows/{collection}/{gone}?draft=true");
        await Client.UpdateWorkflowAsync(collection, kept, """ "description":"new" """);

        Assert.That(await PruneAsync(TimeSpan.FromDays(-1)), Is.Zero, "All of them are younger.");
        // The key, the collection, what was added to and removed from the workflow that is gone, and the description.
        Assert.That(await PruneAsync(TimeSpan.FromDays(1)), Is.GreaterThanOrEqualTo(5));
        Assert.That(
            (await Client.CallAsync("GET", $"/hub/workflows/{collection}/{kept}/history?draft=true")).Json.AsArray(),
            Has.Count.EqualTo(2));
        Assert.That(await App.Database.FindAsync<int>(
            "select count(*) from changes where account = @account", new { account = Account }), Is.EqualTo(2));
        Assert.That(
            await App.Database.QueryAsync<string>("select kind from changes where subject = 'gateway.changes'"),
            Is.EqualTo(new[] { "pruned" }));
        var faults = await App.Services.GetRequiredService<CounterCheckStore>().CheckAsync(repair: false, default);
        Assert.That(faults.Where(fault => fault.Account == Account), Is.Empty);
        Assert.That((await Client.CreateCollectionAsync("next", "node")).ETag, Is.EqualTo("\"8\""), "Numbers go on.");
    }

    [Test]
    public async Task Entries_are_removed_part_by_part()
    {
        const int count = 2500;
        await App.Database.InTransactionAsync(
            async transaction =>
            {
                for (var i = 0; i < count; i++)
                {
                    await transaction.AppendAsync(
                        new(Account, $"old.{i}", "created", "test", DateTimeOffset.UtcNow.AddYears(-1), []), default);
                }

                return true;
            },
            default);
        Assert.That(await PruneAsync(TimeSpan.FromDays(-100)), Is.EqualTo(count));
    }

    private Task<long> PruneAsync(TimeSpan from) =>
        App.Services.GetRequiredService<ChangePruneStore>().PruneAsync(DateTimeOffset.UtcNow + from, "test", default);
}
