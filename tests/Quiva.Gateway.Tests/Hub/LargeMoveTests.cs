using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>
/// Removing a collection with more in it than one transaction moves. 1,200 nodes and 600 workflows;
/// <c>GATEWAY_TEST_LONG=1</c> takes 100,000 nodes and 50,000 workflows with both versions.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class LargeMoveTests(DatabaseProvider engine)
{
    private static readonly int Nodes = Environment.GetEnvironmentVariable("GATEWAY_TEST_LONG") == "1" ? 100_000 : 1200;

    private static readonly Sql SeedNodesSql = """
        insert into nodes (account, subject, collection, topic, first_name, data, archived, version, modified_at, bytes)
        select @account, concat(@prefix, t.topic), @collection, t.topic, t.topic, '{"name":"n","node_type":"map"}', 0, 1, '2026-01-01T00:00:00+00:00', 30
          from (select cast(1000000 + a.n + 1000 * b.n as nvarchar(10)) as topic from seed a cross join seed b where b.n < @thousands) t
        """;

    private static readonly Sql SeedWorkflowsSql = """
        insert into workflows (account, subject, collection, topic, is_draft, resource, first_name, name, description, config, archived, version, modified_at, bytes)
        select @account, concat(@prefix, t.topic), @collection, t.topic, @isDraft, concat(@kind, t.topic), t.topic, t.topic, '', null, 0, 1, '2026-01-01T00:00:00+00:00', 14
          from (select cast(1000000 + a.n + 1000 * b.n as nvarchar(10)) as topic from seed a cross join seed b where b.n < @thousands) t
        """;

    private GatewayApp app = null!;
    private HttpClient client = null!;
    private string from = "", to = "";

    [TearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    [TestCase("node")]
    [TestCase("workflow")]
    public async Task Each_row_is_in_one_of_two_collections_at_every_moment_and_all_arrive(string type)
    {
        await SeedAsync(type);
        var expected = await SubjectsAsync(type);
        using var end = new CancellationTokenSource();
        var (reads, writes) = (0, 0);
        var watching = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                var counts = await app.Database.QueryAsync<int>(
                    type == "node"
                        ? "select count(*) from nodes where account = 'acme' and collection in (@from, @to)"
                        : "select count(*) from workflows where account = 'acme' and collection in (@from, @to)",
                    new { from = Subject(type, from), to = Subject(type, to) });
                Assert.That(counts[0], Is.EqualTo(expected.Count));
                reads++;
                var reply = await client.CallAsync(
                    "POST", "/hub/collections", $$"""{"name":"meanwhile {{writes}}","collection_type":"node"}""");
                Assert.That(reply.Status, Is.EqualTo(201), reply.ToString());
                writes++;
            }
        });
        var reply =
            await client.CallAsync("DELETE", $"/hub/collections/{type}/{from}?move_resources_to_collection={to}");
        await end.CancelAsync();
        await watching;
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        Assert.That((reads, writes), Is.GreaterThan((0, 0)));
        Assert.That((await SubjectsAsync(type)).Select(
            subject => subject.Replace($".{to}.", $".{from}.", StringComparison.Ordinal)), Is.EquivalentTo(expected));
        Assert.That((await client.CallAsync("GET", $"/hub/collections/{type}/{from}")).Status, Is.EqualTo(404));
        var moved =
            await app.Database.FindAsync<int>("select count(*) from changes where account = 'acme' and kind = 'moved'");
        Assert.That(moved, Is.EqualTo(expected.Count));
        Assert.That((await CheckAsync(repair: false)).Where(fault => fault.Account == "acme"), Is.Empty);
    }

    [Test]
    public async Task A_removal_that_was_cut_short_goes_on_when_it_is_sent_again([Values(
        "node", "workflow")] string type)
    {
        await SeedAsync(type);
        var expected = await SubjectsAsync(type);
        // The second part can't be written: its entries of the log are refused. (SQL Server takes no such trigger
        // beside output.)
        if (engine == DatabaseProvider.Sqlite)
        {
            await app.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(
                    """
                    create trigger cut before insert on changes when new.kind = 'moved' and (select count(*) from changes where kind = 'moved') >= 500
                    begin select raise(abort, 'cut'); end
                    """, null, default),
                default);
            var cut =
                await client.CallAsync("DELETE", $"/hub/collections/{type}/{from}?move_resources_to_collection={to}");
            Assert.That(cut.Status, Is.EqualTo(500));
            await app.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync("drop trigger cut", null, default), default);
            var parts = await app.Database.FindAsync<int>(
                "select count(*) from changes where account = 'acme' and kind = 'moved'");
            Assert.That(parts, Is.GreaterThan(0).And.LessThan(expected.Count));
            Assert.That((await CheckAsync(repair: false)).Where(fault => fault.Account == "acme"), Is.Empty);
            var halves = await SubjectsAsync(type);
            Assert.That(
                halves.GroupBy(subject => subject[(subject.LastIndexOf('.') + 1)..])
                    .Select(versions => versions.Select(subject => subject.Split('.')[^2]).Distinct().Count()),
                Has.All.EqualTo(1), "Both versions are in one collection.");
        }

        var reply =
            await client.CallAsync("DELETE", $"/hub/collections/{type}/{from}?move_resources_to_collection={to}");
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
        Assert.That((await SubjectsAsync(type)).Select(
            subject => subject.Replace($".{to}.", $".{from}.", StringComparison.Ordinal)), Is.EquivalentTo(expected));
        Assert.That((await CheckAsync(repair: false)).Where(fault => fault.Account == "acme"), Is.Empty);
    }

    private Task<IReadOnlyList<CounterFault>> CheckAsync(bool repair) =>
        app.Services.GetRequiredService<CounterCheckStore>().CheckAsync(repair, default);

    private static string Subject(string type, string topic) => $"ms.hub.config.collection.{type}.{topic}";

    private Task<List<string>> SubjectsAsync(string type) => app.Database.QueryAsync<string>(
        type == "node"
            ? "select subject from nodes where account = 'acme'"
            : "select subject from workflows where account = 'acme'");

    private async Task SeedAsync(string type)
    {
        app = await GatewayApp.StartAsync(engine, "--Quotas:Collections=1000000");
        client = await app.ClientAsync("acme", "developer");
        from = await client.CollectionAsync(type, "from");
        to = await client.CollectionAsync(type, "to");
        // Rows as the gateway makes them, without a call for each.
        await app.Database.InTransactionAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("create table seed (n int not null)", null, default);
                for (var n = 0; n < 1000; n++)
                {
                    await transaction.ExecuteAsync("insert into seed (n) values (@n)", new { n }, default);
                }

                return 0;
            },
            default);
        foreach (var (sql, prefix, isDraft, kind) in type == "node"
            ? new[] { (SeedNodesSql, $"ms.hub.config.node.{from}.", false, "") }
            : [
                (SeedWorkflowsSql, $"ms.hub.config.workflow.draft.{from}.", true, "d"),
                (SeedWorkflowsSql, $"ms.hub.config.workflow.{from}.", false, "p")
            ])
        {
            var thousands = Math.Max(2, type == "node" ? Nodes / 1000 : Nodes / 2000);
            await app.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(
                    sql, new
                    {
                        account = "acme",
                        collection = Subject(type, from),
                        prefix,
                        isDraft,
                        kind,
                        thousands
                    }, default),
                default);
        }

        await app.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync("drop table seed", null, default), default);
        await CheckAsync(repair: true);
    }
}
