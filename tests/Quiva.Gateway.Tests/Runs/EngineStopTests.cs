using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Workflows.Engine;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>An engine that stops in order leaves everything to whoever comes after it.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class EngineStopTests(DatabaseProvider engine) : RunFixture(engine)
{
    [Test]
    public async Task What_it_leaves_is_under_no_lease_and_stays_to_be_told_of()
    {
        var (called, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        Target.Answer = async context =>
        {
            called.TrySetResult();
            await goOn.Task;
            await context.Response.WriteAsync("done");
        };
        var flow = await FlowAsync($$$"""{"id":"h","node_type":"http","payload":{"url":"{{{Target.Url}}}/slow"}}""");
        await StartAsync(flow);
        await called.Task;
        // Longer than it waits for the step.
        await App.Services.GetRequiredService<RunEngine>().StopAsync();
        // Elsewhere the leases are the provider's.
        if (App.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value.Provider == DatabaseProvider.Sqlite)
        {
            Assert.That(
                await App.Database.QueryAsync<int>(
                    """
                    select count(*) from engine_tasks where locked_until > 0
                    union all select count(*) from engine_instances where locked_until > 0
                    """),
                Is.EqualTo(new[] { 0, 0 }));
        }

        var late = await StartAsync(flow);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.That(
            await App.Database.FindAsync<DateTimeOffset?>(
                "select kick_at from runs where account = @account and id = @id", new { account = Account, id = late }),
            Is.Not.Null);
        goOn.SetResult();
    }
}
