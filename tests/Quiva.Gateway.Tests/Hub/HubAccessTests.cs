using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>
/// Who may do what, for every operation of the Hub: nobody without credentials, no change without a role for it,
/// nothing of another account.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HubAccessTests(DatabaseProvider engine)
{
    private const string Nodes = "892245199", Flows = "2226794560", Node = "2969204499", Flow = "864143465";

    // Every operation, with a request that acme's developer would succeed with.
    private static readonly (string Operation, string Method, string Path, string? Body)[] Requests =
    [
        ("createCollection", "POST", "/hub/collections", """{"name":"Other","collection_type":"node"}"""),
        ("listCollections", "GET", "/hub/collections", null),
        ("getCollection", "GET", $"/hub/collections/node/{Nodes}", null),
        (
            "updateFlowOrNodeCollection",
            "PATCH",
            $"/hub/collections/node/{Nodes}",
            $$"""{"subject":"ms.hub.config.collection.node.{{Nodes}}"}"""),
        ("deleteCollection", "DELETE", $"/hub/collections/node/{Nodes}?move_resources_to_collection=1815352403", null),
        (
            "createNode",
            "POST",
            "/hub/nodes",
            $$"""{"collection":"ms.hub.config.collection.node.{{Nodes}}","data":{"name":"Other","payload":1} }"""),
        ("listNodeTemplates", "GET", "/hub/nodes", null),
        ("getNode", "GET", $"/hub/nodes/{Nodes}/{Node}", null),
        (
            "updateNode",
            "PATCH",
            $"/hub/nodes/{Nodes}/{Node}",
            $$"""{"subject":"ms.hub.config.node.{{Nodes}}.{{Node}}","data":{"name":"ChargeCard"} }"""),
        (
            "updateMultipleNodes",
            "PATCH",
            "/hub/nodes/batch",
            $$"""[{"subject":"ms.hub.config.node.{{Nodes}}.{{Node}}","data":{"name":"ChargeCard"} }]"""),
        ("deleteNode", "DELETE", $"/hub/nodes/{Nodes}/{Node}", null),
        (
            "createWorkflow",
            "POST",
            "/hub/workflows",
            $$"""{"name":"Other","collection":"ms.hub.config.collection.workflow.{{Flows}}"}"""),
        ("listWorkflows", "GET", "/hub/workflows", null),
        ("getWorkflow", "GET", $"/hub/workflows/{Flows}/{Flow}", null),
        (
            "updateWorkflow",
            "PATCH",
            $"/hub/workflows/{Flows}/{Flow}",
            $$"""{"subject":"ms.hub.config.workflow.draft.{{Flows}}.{{Flow}}"}"""),
        (
            "publishWorkflow",
            "POST",
            "/hub/workflows/publish",
            $$"""{"subject":"ms.hub.config.workflow.draft.{{Flows}}.{{Flow}}"}"""),
        ("workflowHistory", "GET", $"/hub/workflows/{Flows}/{Flow}/history", null),
        ("deleteWorkflow", "DELETE", $"/hub/workflows/{Flows}/{Flow}?draft=true", null),
    ];

    private GatewayApp app = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(engine);
        using var acme = await app.ClientAsync("acme", "developer");
        await acme.CollectionAsync("node", "Billing Steps");
        await acme.CollectionAsync("node", "Invoice Steps");
        await acme.CollectionAsync("workflow", "Claims Intake");
        await acme.NodeAsync(Nodes, "ChargeCard");
        await acme.WorkflowAsync(Flows, "Claim Triage");
        await acme.PublishAsync(Flows, Flow);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await app.DisposeAsync();

    [Test]
    public void Every_operation_is_tried() =>
        Assert.That(
            Requests.Select(request => request.Operation),
            Is.EquivalentTo(ExampleTests.Operations.Select(operation => operation.Name)));

    [Test]
    public async Task Without_credentials_every_operation_is_refused()
    {
        using var anonymous = app.Client();
        foreach (var (operation, method, path, body) in Requests)
        {
            Assert.That((await anonymous.CallAsync(method, path, body)).Status, Is.EqualTo(401), operation);
        }
    }

    [TestCase("client")]
    [TestCase("monitor")]
    [TestCase("billing")]
    [TestCase("quiva-admin")]
    public async Task Who_has_no_role_for_changes_reads_and_changes_nothing(string role)
    {
        using var reader = await app.ClientAsync("acme", role);
        var before = await ChangesAsync();
        foreach (var (operation, method, path, body) in Requests)
        {
            Assert.That(
                (await reader.CallAsync(method, path, body)).Status,
                Is.EqualTo(method == "GET" ? 200 : 403),
                operation);
        }

        Assert.That(await ChangesAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task What_is_another_accounts_is_absent()
    {
        using var other = await app.ClientAsync("other", "root");
        var before = await ChangesAsync();
        foreach (var (operation, method, path, body) in Requests.Where(
            request => request.Operation != "createCollection"))
        {
            var reply = await other.CallAsync(method, path, body);
            if (operation.StartsWith("list", StringComparison.Ordinal))
            {
                Assert.That(reply.Text, Is.EqualTo("""{"results":[],"results_total":0}"""), operation);
            }
            else
            {
                Assert.That(reply.Status, Is.EqualTo(operation == "updateMultipleNodes" ? 400 : 404), operation);
                Assert.That(reply.Text, Does.Contain(" not found"), operation);
            }
        }

        Assert.That(await ChangesAsync(), Is.EqualTo(before));
    }

    [TestCase("root")]
    [TestCase("admin")]
    [TestCase("developer")]
    public async Task Who_has_a_role_for_changes_may_do_everything(string role)
    {
        var account = "of-" + role;
        using var member = await app.ClientAsync(account, role);
        await member.CollectionAsync("node", "Billing Steps");
        await member.CollectionAsync("node", "Invoice Steps");
        await member.CollectionAsync("workflow", "Claims Intake");
        await member.NodeAsync(Nodes, "ChargeCard");
        await member.WorkflowAsync(Flows, "Claim Triage");
        await member.PublishAsync(Flows, Flow);
        // What removes comes last.
        foreach (var (operation, method, path, body) in Requests.OrderBy(request => request.Method == "DELETE")
            .ThenBy(request => request.Operation == "deleteCollection"))
        {
            Assert.That(
                (await member.CallAsync(method, path, body)).Status,
                Is.EqualTo(operation.StartsWith("create", StringComparison.Ordinal) ? 201 : 200),
                operation);
        }
    }

    [Test]
    public async Task Two_accounts_have_the_same_names_side_by_side()
    {
        using var one = await app.ClientAsync("one", "developer");
        using var two = await app.ClientAsync("two", "developer");
        foreach (var client in new[] { one, two })
        {
            await client.NodeAsync(await client.CollectionAsync("node", "Same"), "Same");
        }

        Assert.That(
            (await one.CallAsync("GET", "/hub/nodes")).Json["results"]![0]!["subject"]!.ToString(),
            Is.EqualTo((await two.CallAsync("GET", "/hub/nodes")).Json["results"]![0]!["subject"]!.ToString()));
    }

    private async Task<int> ChangesAsync() =>
        await app.Database.FindAsync<int>("select count(*) from changes where account in ('acme', 'other')");
}
