using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>Operations on runs in unusual states, by unusual ids, and by every role of this and of another account.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RunEdgeTests(DatabaseProvider engine) : RunFixture(engine)
{
    private static readonly string[] Roles = ["root", "admin", "developer", "client", "monitor", "billing", "quiva-admin"];

    [Test]
    public async Task Every_operation_is_for_its_roles_and_absent_for_another_account()
    {
        var flow = await FlowAsync("""{"id":"q","node_type":"input","payload":{}}""");
        var run = await StartAsync(flow);
        await UntilAsync(run, "paused");
        var answer = $$$"""{"run_id":"{{{run}}}","trigger":{}}""";
        var subject = (string)(await ReadAsync(run))["subject"]!;
        (string Method, string Path, string? Body, string[] Allowed)[] operations =
        [
            ("GET", "/hub/workflows/runs/" + run, null, ["root", "admin", "developer", "client", "monitor"]),
            ("GET", "/hub/workflows/runs", null, ["root", "admin", "developer", "client", "monitor"]),
            ("GET", "/hub/workflows/paused", null, ["root", "admin", "developer", "client", "monitor"]),
            ("GET", "/hub/workflows/errored", null, ["root", "admin", "developer", "client", "monitor"]),
            ("POST", $"/hub/workflows/runs/{run}/retry", null, ["root", "admin", "developer", "client"]),
            ("POST", $"/hub/workflows/runs/{run}/cancel", null, ["root", "admin", "developer", "client"]),
            ("POST", flow, answer, ["root", "admin", "developer"]),
        ];
        foreach (var role in Roles)
        {
            var (own, stranger) = (await ClientAsync(role), await App.ClientAsync("another", role));
            foreach (var (method, path, body, allowed) in operations)
            {
                var theirs = await stranger.CallAsync(method, path, body);
                var expected = !allowed.Contains(role) ? 403 : path.Contains(run, StringComparison.Ordinal) || body is not null ? 404 : 200;
                Assert.That(theirs.Status, Is.EqualTo(expected), $"{role} of another account: {method} {path}: {theirs}");
                Assert.That(theirs.Text, Does.Not.Contain(run));
                if (path.EndsWith("cancel", StringComparison.Ordinal) || body is not null)
                {
                    Assert.That(allowed.Contains(role) || (await own.CallAsync(method, path, body)).Status == 403, $"{role}: {method} {path}");
                    continue;
                }

                Assert.That((await own.CallAsync(method, path)).Status, Is.EqualTo(!allowed.Contains(role) ? 403 : path.EndsWith("retry", StringComparison.Ordinal) ? 409 : 200), $"{role}: {method} {path}");
            }

            stranger.Dispose();
        }

        Assert.That((string)(await ReadAsync(run))["status"]!, Is.EqualTo("paused"));
    }

    [Test]
    public async Task A_run_is_found_by_its_id_in_every_spelling_that_the_contract_takes()
    {
        var run = await StartAsync(await FlowAsync("""{"id":"a","node_type":"map","payload":1}"""));
        var whole = (string)(await ReadAsync(run))["trackingId"]!;
        foreach (var id in new[] { run, whole, "ms.hub.run." + run, whole["ms.hub.run.".Length..] })
        {
            Assert.That((string)(await ReadAsync(id))["run_id"]!, Is.EqualTo(run), id);
        }

        foreach (var id in new[] { run.ToUpperInvariant(), "ms.hub.run.", "%2e%2e", run[..^1], "{" + run + "}", new string('0', 250) })
        {
            Assert.That((await Client.CallAsync("GET", "/hub/workflows/runs/" + id)).Status, Is.AnyOf(400, 404), id);
            Assert.That((await Client.CallAsync("POST", $"/hub/workflows/runs/{id}/cancel")).Status, Is.AnyOf(400, 404), id);
            Assert.That((await Client.CallAsync("POST", $"/hub/workflows/runs/{id}/retry")).Status, Is.AnyOf(400, 404), id);
        }
    }

    [Test]
    public async Task What_has_ended_can_t_be_ended_answered_or_tried_again()
    {
        var flow = await FlowAsync("""{"id":"a","node_type":"map","payload":1}""");
        var run = await StartAsync(flow);
        await UntilAsync(run, "succeeded");
        Assert.That(await StatusAsync($"/hub/workflows/runs/{run}/cancel"), Is.EqualTo((409, "the run has ended")));
        Assert.That(await StatusAsync($"/hub/workflows/runs/{run}/retry"), Is.EqualTo((409, "the run has not failed")));
        Assert.That(await StatusAsync(flow, $$$"""{"run_id":"{{{run}}}","trigger":{}}"""), Is.EqualTo((409, "the run has ended")));
        Assert.That(await StatusAsync(flow, $$"""{"run_id":"{{run}}"}"""), Is.EqualTo((400, "no trigger specified")));
        var other = await FlowAsync("""{"id":"b","node_type":"map","payload":1}""");
        Assert.That(await StatusAsync(other, $$$"""{"run_id":"{{{run}}}","trigger":{}}"""), Is.EqualTo((404, "run not found")), "A run is answered where it runs.");
    }

    [Test]
    public async Task After_a_cancelled_burst_comes_another_one()
    {
        var flow = await FlowAsync("""{"id":"r","node_type":"map","payload":"$.trigger.n"}""", "", "\"result\":\"r\",\"options\":{\"run_type\":\"debounced\",\"debounce_on\":\"$.trigger.k\",\"debounce_time\":400}");
        var first = (await Client.CallAsync("POST", flow, """{"trigger":{"k":"x","n":1}}""")).Location!.Split('/')[^1];
        Assert.That((await Client.CallAsync("POST", $"/hub/workflows/runs/{first}/cancel")).Status, Is.EqualTo(200));
        var second = await Client.CallAsync("POST", flow, """{"trigger":{"k":"x","n":2}}""");
        Assert.That(second.Status, Is.EqualTo(200), second.ToString());
        Assert.That((int)(await UntilAsync(second.Location!.Split('/')[^1], "succeeded"))["result"]!, Is.EqualTo(2));
        Assert.That((string)(await ReadAsync(first))["status"]!, Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task A_repeated_key_is_answered_with_all_runs_of_its_triggers()
    {
        var flow = await FlowAsync("""{"id":"a","node_type":"map","payload":"$.trigger.n"}""", "", "\"result\":\"a\"");
        using var client = App.Client(headers => headers.Add("X-Api-Key", App.KeyAsync(Account, ["developer"]).GetAwaiter().GetResult()));
        client.DefaultRequestHeaders.Add("Idempotency-Key", "lot-1");
        const string body = """{"triggers":[{"n":1},{"n":2},{"n":3}],"await":true}""";
        var (first, again) = (await client.CallAsync("POST", flow, body), await client.CallAsync("POST", flow, body));
        Assert.That(again.Text, Is.EqualTo(first.Text));
        Assert.That((await client.CallAsync("POST", flow, """{"triggers":[{"n":1},{"n":2}],"await":true}""")).Status, Is.EqualTo(409));
        Assert.That((await Client.CallAsync("GET", "/hub/workflows/runs")).Json["results"]!.AsArray(), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_retried_run_of_a_key_waits_for_its_turn()
    {
        var (gate, fails) = (new TaskCompletionSource(), true);
        Target.Answer = async context =>
        {
            if (context.Request.Path == "/second")
            {
                await gate.Task;
            }

            context.Response.StatusCode = fails && context.Request.Path == "/first" ? 500 : 200;
        };
        var flow = await FlowAsync($$"""{"id":"a","node_type":"http","payload":{"url":"{{Target.Url}}/|$.trigger.path"} }""", "", "\"options\":{\"run_type\":\"ordered\",\"order_on\":\"$.trigger.k\"}");
        var first = (await Client.CallAsync("POST", flow, """{"trigger":{"k":"x","path":"first"}}""")).Location!.Split('/')[^1];
        await UntilAsync(first, "failed");
        fails = false;
        var second = (await Client.CallAsync("POST", flow, """{"trigger":{"k":"x","path":"second"}}""")).Location!.Split('/')[^1];
        await UntilAsync(second, "running");
        Assert.That((await Client.CallAsync("POST", $"/hub/workflows/runs/{first}/retry")).Status, Is.EqualTo(200));
        await Task.Delay(300);
        Assert.That((string)(await ReadAsync(first))["status"]!, Is.EqualTo("queued"), "Another run of its key is under way.");
        gate.SetResult();
        await UntilAsync(second, "succeeded");
        await UntilAsync(first, "succeeded");
    }

    private async Task<(int Status, string Error)> StatusAsync(string path, string? body = null)
    {
        var reply = await Client.CallAsync("POST", path, body);
        return (reply.Status, reply.Error);
    }
}
