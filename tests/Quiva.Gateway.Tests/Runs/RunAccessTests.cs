using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Who may run what, and see what of it.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunAccessTests(DatabaseProvider engine) : RunFixture(engine)
{
    private const string Waiting =
        """{"id":"a","node_type":"map","payload":"$.trigger.n"},{"id":"d","node_type":"delay","payload":{"time_ms":600000}}""";

    [Test]
    public async Task Any_credentials_run_a_published_version_and_editors_a_draft()
    {
        var topic = await Client.WorkflowAsync(Collection, "flow");
        await Client.PublishAsync(Collection, topic);
        foreach (var role in new[] { "client", "monitor", "billing" })
        {
            var client = await ClientAsync(role);
            Assert.That(
                (await RunAsync($"/hub/workflows/{Collection}/{topic}/run", client: client)).Status,
                Is.EqualTo(200),
                role);
            Assert.That(
                (await RunAsync($"/hub/workflows/{Collection}/{topic}/run?draft=true", client: client)).Status,
                Is.EqualTo(403),
                role);
        }

        foreach (var role in new[] { "root", "admin", "developer" })
        {
            Assert.That((await RunAsync(
                $"/hub/workflows/{Collection}/{topic}/run?draft=true",
                client: await ClientAsync(role))).Status, Is.EqualTo(200), role);
        }
    }

    [TestCase("POST", "/hub/workflows/1/1/run")]
    [TestCase("GET", "/hub/workflows/runs")]
    [TestCase("GET", "/hub/workflows/runs/01a213ec-0982-7a50-93fc-5ad5a5bf341e")]
    [TestCase("POST", "/hub/workflows/runs/01a213ec-0982-7a50-93fc-5ad5a5bf341e/cancel")]
    public async Task Nobody_else_gets_in(string method, string path)
    {
        using var nobody = App.Client();
        Assert.That(
            (await nobody.CallAsync(
                method,
                path,
                method == "POST" && path.EndsWith("run", StringComparison.Ordinal) ? "{\"trigger\":{}}" : null)).Status,
            Is.EqualTo(401));
        if (!path.EndsWith("/run", StringComparison.Ordinal))
        {
            Assert.That((await (await ClientAsync("billing")).CallAsync(method, path)).Status, Is.EqualTo(403));
        }
    }

    [Test]
    public async Task A_run_of_another_account_is_absent()
    {
        var run = await StartAsync(await FlowAsync(Waiting), """{"n":1}""");
        using var stranger = await App.ClientAsync("another", "root");
        foreach (var (method, path) in new[] { ("GET", ""), ("POST", "/cancel") })
        {
            var reply = await stranger.CallAsync(method, $"/hub/workflows/runs/{run}{path}");
            Assert.That((reply.Status, reply.Error), Is.EqualTo((404, "run not found")), path);
        }

        Assert.That((await stranger.CallAsync("GET", "/hub/workflows/runs")).Json["results"]!.AsArray(), Is.Empty);
        Assert.That((await Client.CallAsync("GET", "/hub/workflows/runs/" + Guid.NewGuid())).Status, Is.EqualTo(404));
        Assert.That((await Client.CallAsync("GET", "/hub/workflows/runs/x")).Status, Is.EqualTo(400));
        Assert.That((string)(await ReadAsync(run))["status"]!, Is.Not.EqualTo("cancelled"));
    }

    [Test]
    public async Task A_monitor_sees_states_and_times_alone()
    {
        var flow =
            await FlowAsync(
                """{"id":"a","node_type":"map","payload":"$.trigger.n"},{"id":"e","node_type":"error","payload":{"message":"no |$.trigger.n","status_code":400}}""",
                "a>e");
        var run = await StartAsync(flow, """{"n":"private"}""", ",\"enable_log\":true");
        await UntilAsync(run, "failed");
        var monitor = await ClientAsync("monitor");
        var seen = await ReadAsync(run, monitor);
        Assert.That(seen.ToJsonString(), Does.Not.Contain("private"));
        Assert.That(
            ((string)seen["status"]!, (string)seen["node"]!, seen["steps"]!.AsArray().Count),
            Is.EqualTo(("failed", "e", 2)));
        Assert.That((await monitor.CallAsync("POST", $"/hub/workflows/runs/{run}/cancel")).Status, Is.EqualTo(403));
        var client = await ReadAsync(run, await ClientAsync("client"));
        Assert.That(client.ToJsonString(), Does.Contain("private"));
    }

    [Test]
    public async Task Runs_are_listed_newest_first_by_workflow_and_state_in_parts()
    {
        var flow = await FlowAsync("""{"id":"a","node_type":"map","payload":1}""");
        var other = await FlowAsync(Waiting);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, await StartAsync(flow));
            await UntilAsync(ids[0], "succeeded");
        }

        var waiting = await StartAsync(other, """{"n":1}""");
        await UntilAsync(waiting, "waiting");
        Assert.That(await ListAsync("?status=waiting"), Is.EqualTo(new[] { waiting }));
        var subject = (string)(await ReadAsync(ids[0]))["subject"]!;
        Assert.That(await ListAsync("?flow_subject=" + subject), Is.EqualTo(ids));
        Assert.That(await ListAsync($"?flow_subject={subject}&status=failed"), Is.Empty);
        var (all, path) = (new List<string>(), "?limit=2");
        for (string? cursor = ""; cursor is not null;)
        {
            var reply = await Client.CallAsync(
                "GET", "/hub/workflows/runs" + path + (cursor.Length == 0 ? "" : "&cursor=" + cursor));
            all.AddRange(reply.Json["results"]!.AsArray().Select(run => (string)run!["run_id"]!));
            cursor = (string?)reply.Json["next_cursor"];
        }

        Assert.That(all, Is.EqualTo(ids.Prepend(waiting)));
        Assert.That((await Client.CallAsync("GET", "/hub/workflows/runs?status=none")).Status, Is.EqualTo(400));

        async Task<IEnumerable<string>> ListAsync(string query) =>
            (await Client.CallAsync("GET", "/hub/workflows/runs" + query)).Json["results"]!
                .AsArray()
                .Select(run => (string)run!["run_id"]!)
                .ToList();
    }

    [Test]
    public async Task A_cancelled_run_ends_once()
    {
        var run = await StartAsync(await FlowAsync(Waiting), """{"n":1}""");
        await UntilAsync(run, "waiting");
        var replies = await Task.WhenAll(
            Enumerable.Range(0, 5).Select(_ => Client.CallAsync("POST", $"/hub/workflows/runs/{run}/cancel")));
        Assert.That(replies.Select(reply => reply.Status).Order(), Is.EqualTo(new[] { 200, 409, 409, 409, 409 }));
        var read = await ReadAsync(run);
        Assert.That(
            ((string)read["status"]!, (string)read["steps"]![1]!["status"]!), Is.EqualTo(("cancelled", "cancelled")));
        Assert.That(await App.Database.QueryAsync<string>(
            "select kind from changes where account = @account and kind in ('started', 'cancelled') order by sequence",
            new { account = Account }), Is.EqualTo(new[] { "started", "cancelled" }));
    }

    [Test]
    public async Task Data_is_sealed_and_in_no_log()
    {
        var secret = "canary-" + Guid.NewGuid().ToString("n");
        var flow =
            await FlowAsync(
                $$"""{"id":"a","node_type":"http","payload":{"url":"{{Target.Url}}/x","method":"post","headers":{"x-secret":"$.trigger.s"},"data":"$.trigger"} },{"id":"e","node_type":"error","payload":{"message":"$.trigger.s"} }""",
                "a>e");
        Assert.That((await RunAsync(flow, $$"""{"s":"{{secret}}"}""", ",\"enable_log\":true")).Status, Is.EqualTo(422));
        var bytes = System.Text.Encoding.ASCII.GetBytes(secret);
        foreach (var file in Directory.EnumerateFiles(App.TestDatabase.Directory, "*.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            Assert.That(memory.ToArray().AsSpan().IndexOf(bytes), Is.EqualTo(-1), file);
        }

        Assert.That(App.Logs, Does.Not.Contain(secret));
    }
}
