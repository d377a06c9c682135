using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Fifty callers at once: order is kept, a burst becomes one run, no quota is passed, and a run is ended or continued once.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunRaceTests(DatabaseProvider engine) : RunFixture(engine)
{
    // None may begin: the queue alone is looked at.
    private const int Callers = 50, Full = 2_000_000;

    [Test]
    public async Task Ordered_runs_of_fifty_callers_follow_each_other()
    {
        var flow = await FlowAsync("""{"id":"d","node_type":"delay","payload":{"time_ms":5}}""", "", "\"options\":{\"run_type\":\"ordered\",\"order_on\":\"$.trigger.k\"}");
        var replies = await AllAsync(i => Client.CallAsync("POST", flow, $$$"""{"trigger":{"k":"{{{i % 2}}}"}}"""));
        Assert.That(replies.Select(reply => reply.Status), Is.All.EqualTo(200));
        foreach (var key in new[] { "0", "1" })
        {
            var ids = replies.Where(reply => reply.Text == $"\"ordered run: {key}\"").Select(reply => reply.Location!.Split('/')[^1]).Order(StringComparer.Ordinal).ToList();
            var times = new List<(DateTimeOffset Started, DateTimeOffset Ended)>();
            foreach (var id in ids)
            {
                var run = await UntilAsync(id, "succeeded");
                times.Add(((DateTimeOffset)run["started"]!, (DateTimeOffset)run["ended"]!));
            }

            Assert.That(times.Zip(times.Skip(1)).Count(pair => pair.First.Ended > pair.Second.Started), Is.Zero, "Runs of one key that were under way together, or out of order.");
        }
    }

    [Test]
    public async Task A_burst_of_fifty_callers_becomes_one_run()
    {
        var flow = await FlowAsync("""{"id":"r","node_type":"map","payload":"$.trigger.n"}""", "", "\"result\":\"r\",\"options\":{\"run_type\":\"debounced\",\"debounce_on\":\"$.trigger.k\",\"debounce_time\":2000}");
        var replies = await AllAsync(i => Client.CallAsync("POST", flow, $$$"""{"trigger":{"k":"one","n":{{{i}}}}}"""));
        Assert.That(replies.Select(reply => (reply.Status, reply.Location)).Distinct().Count(), Is.EqualTo(1), "All are told of the same run.");
        var run = await UntilAsync(replies[0].Location!.Split('/')[^1], "succeeded");
        Assert.That((int)run["result"]!, Is.InRange(0, Callers - 1));
        Assert.That((await Client.CallAsync("GET", "/hub/workflows/runs")).Json["results"]!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_burst_is_held_back_no_longer_than_its_most()
    {
        var flow = await FlowAsync("""{"id":"r","node_type":"map","payload":1}""", "", "\"options\":{\"run_type\":\"debounced\",\"debounce_on\":\"$.trigger.k\",\"debounce_time\":60000,\"debounce_max\":500}");
        var reply = await Client.CallAsync("POST", flow, """{"trigger":{"k":"x"}}""");
        await Client.CallAsync("POST", flow, """{"trigger":{"k":"x"}}""");
        await UntilAsync(reply.Location!.Split('/')[^1], "succeeded");
    }

    [Test]
    public async Task A_failed_run_is_retried_once_however_many_ask()
    {
        var fails = true;
        Target.Answer = async context =>
        {
            context.Response.StatusCode = fails ? 500 : 200;
            await context.Response.WriteAsync("ok");
        };
        var run = await StartAsync(await FlowAsync($$"""{"id":"a","node_type":"http","payload":{"url":"{{Target.Url}}/retried-{{Account}}"} }"""));
        await UntilAsync(run, "failed");
        fails = false;
        var replies = await AllAsync(_ => Client.CallAsync("POST", $"/hub/workflows/runs/{run}/retry"));
        Assert.That(replies.Count(reply => reply.Status == 200), Is.EqualTo(1));
        Assert.That(replies.Where(reply => reply.Status != 200).Select(reply => reply.Status), Is.All.EqualTo(409));
        await UntilAsync(run, "succeeded");
        Assert.That(Target.Requests.Count(request => request.Path.EndsWith(Account, StringComparison.Ordinal)), Is.EqualTo(2));
        await AssertNothingIsCountedAsync();
    }

    [Test]
    public async Task Retry_and_cancel_at_once_leave_a_run_in_one_state([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        Target.Answer = async context =>
        {
            context.Response.StatusCode = 500;
            await Task.Delay(random.Next(20));
        };
        var run = await StartAsync(await FlowAsync($$"""{"id":"a","node_type":"http","payload":{"url":"{{Target.Url}}/"} }"""));
        await UntilAsync(run, "failed");
        var replies = await AllAsync(i => Client.CallAsync("POST", $"/hub/workflows/runs/{run}/{(i % 2 == 0 ? "retry" : "cancel")}"));
        Assert.That(replies.Select(reply => reply.Status), Is.All.EqualTo(200).Or.EqualTo(409));
        var read = await UntilAsync(run, "failed", "cancelled");
        Assert.That((string)read["steps"]![0]!["status"]!, Is.Not.EqualTo("running"));
        await AssertNothingIsCountedAsync();
    }

    [Test]
    public async Task A_paused_run_takes_one_answer_however_many_are_sent()
    {
        var flow = await FlowAsync("""{"id":"q","node_type":"input","payload":{}},{"id":"r","node_type":"map","payload":"$.q.n"}""", "q>r", "\"result\":\"r\"");
        var run = await StartAsync(flow);
        await UntilAsync(run, "paused");
        var replies = await AllAsync(i => Client.CallAsync("POST", flow, $$$"""{"run_id":"{{{run}}}","trigger":{"n":{{{i}}}}}"""));
        Assert.That(replies.Count(reply => reply.Status == 200), Is.EqualTo(1), string.Join('\n', replies.Select(reply => reply.ToString()).Distinct()));
        var taken = replies.FindIndex(reply => reply.Status == 200);
        Assert.That((int)(await UntilAsync(run, "succeeded"))["result"]!, Is.EqualTo(taken));
        await AssertNothingIsCountedAsync();
    }

    [Test]
    public async Task Accounts_are_served_first_that_were_served_longest_ago()
    {
        var store = App.Services.GetRequiredService<RunAccountStore>();
        var now = DateTimeOffset.UtcNow;
        string[] accounts = [.. new[] { "c", "a", "b" }.Select(name => $"{name}-{Account}")];
        for (var i = 0; i < accounts.Length; i++)
        {
            await App.Database.InTransactionAsync(transaction => AddWaitingAsync(transaction, accounts[i], now.AddHours(i - 10), now), default);
        }

        Assert.That((await store.ListWaitingAsync(Full, now, 100, default)).Where(accounts.Contains), Is.EqualTo(accounts));
    }

    private static async Task<int> AddWaitingAsync(Transaction transaction, string account, DateTimeOffset served, DateTimeOffset now)
    {
        await transaction.ExecuteAsync(
            "insert into run_accounts (account, running, queued, minute_at, minute_runs, served_at) values (@account, 1000000, 1, 0, 0, @served)", new { account, served }, default);
        await transaction.ExecuteAsync("insert into run_configs (account, id, config) values (@account, 'c', '{}')", new { account }, default);
        return await transaction.ExecuteAsync(
            """
            insert into runs (account, id, subject, config_id, depth, status, due_at, deadline_at, actor, enable_log, size, generation, version, created_at)
            values (@account, @id, 's', 'c', 0, 'queued', @now, @now, '', 0, 0, 0, 1, @now)
            """,
            new { account, id = Guid.NewGuid().ToString(), now },
            default);
    }

    private static async Task<List<Reply>> AllAsync(Func<int, Task<Reply>> call) => [.. await Task.WhenAll(Enumerable.Range(0, Callers).Select(call))];

    // Runs under way and queued are counted in the transactions that change them: nothing may be left.
    private async Task AssertNothingIsCountedAsync() => Assert.That(
        await App.Database.FindAsync<int>("select running + queued from run_accounts where account = @account", new { account = Account }), Is.Zero);
}
