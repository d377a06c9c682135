using System.Net;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>
/// Whole lists are answered in little memory, however large they are. With <c>GATEWAY_TEST_LONG=1</c> the list is the
/// one that once took 9.6 GB.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ListMemoryTests(DatabaseProvider engine)
{
    private const int TextLength = 4_000_000;

    private static readonly int Count = Environment.GetEnvironmentVariable("GATEWAY_TEST_LONG") == "1" ? 30 : 12;

    private static readonly string CopySql = """
        insert into workflows (account, subject, collection, topic, is_draft, resource, first_name, name, description, config, archived, version, modified_at, bytes)
        select account, @copy, collection, @topic, is_draft, @topic, first_name, name, description, config, archived, version, modified_at, bytes
          from workflows where account = @account and subject = @subject
        """;

    [Test]
    public async Task Six_whole_lists_at_once_fit_into_a_small_heap()
    {
        using var database = TestDatabase.Create(engine);
        string key;
        await using (var app = await GatewayApp.StartAsync(database))
        {
            await SeedAsync(app);
            key = await app.KeyAsync("acme", ["developer"]);
        }

        // 256 MiB, in hexadecimal.
        using var server =
            await ServerProcess.StartAsync(database, new() { ["DOTNET_GCHeapHardLimit"] = "10000000" }, []);
        using var client = server.Client(key, isChecked: false);
        var lengths = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var response = await client.GetAsync("/hub/workflows", HttpCompletionOption.ResponseHeadersRead);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            await using var body = await response.Content.ReadAsStreamAsync();
            return await ReadToEndAsync(body);
        }));
        Assert.That(lengths, Has.All.EqualTo(lengths[0]).And.All.GreaterThan((long)Count * TextLength));
        using var list = JsonDocument.Parse(await client.GetStreamAsync("/hub/workflows"));
        Assert.That(list.RootElement.GetProperty("results").GetArrayLength(), Is.EqualTo(Count));
        Assert.That(list.RootElement.GetProperty("results_total").GetInt32(), Is.EqualTo(Count));
    }

    [Test]
    public async Task A_list_that_can_t_be_read_to_its_end_is_no_list()
    {
        await using var app = await GatewayApp.StartAsync(engine);
        await SeedAsync(app);
        using var client = await app.UncheckedClientAsync("acme", "developer");
        using var response = await client.GetAsync("/hub/workflows", HttpCompletionOption.ResponseHeadersRead);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        // While the caller reads slowly no reader holds the table: a column can go.
        await app.Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync("alter table workflows drop column archived", null, default),
            default);
        await using var body = await response.Content.ReadAsStreamAsync();
        Assert.That(async () => await ReadToEndAsync(body), Throws.InstanceOf<IOException>());
        Assert.That(app.Logs, Does.Contain("A list could not be read to its end"));
    }

    [Test]
    public async Task A_caller_has_few_lists_at_once_and_others_are_not_held_up()
    {
        await using var app = await GatewayApp.StartAsync(
            engine,
            "--RateLimit:Enabled=true",
            "--RateLimit:CallerExpensive=1",
            "--RateLimit:CallerExpensiveWaiting=0");
        await SeedAsync(app);
        using var client = await app.UncheckedClientAsync("acme", "developer");
        using var other = await app.ClientAsync("acme", "developer");
        using (await client.GetAsync("/hub/workflows", HttpCompletionOption.ResponseHeadersRead))
        {
            using var second = await client.GetAsync("/hub/nodes");
            Assert.That(
                (second.StatusCode, second.Headers.RetryAfter?.Delta),
                Is.EqualTo((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1))));
            using var small = await client.GetAsync("/hub/integrations/none/oauth-config");
            Assert.That(small.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            using var another = await other.GetAsync("/hub/nodes");
            Assert.That(another.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task An_account_sends_one_large_body_at_a_time_and_others_are_not_held_up()
    {
        await using var app =
            await GatewayApp.StartAsync(engine, "--RateLimit:Enabled=true", "--RateLimit:CallerExpensiveWaiting=0");
        using var client = await app.UncheckedClientAsync("acme", "developer");
        using var colleague = await app.ClientAsync("acme", "developer");
        using var other = await app.ClientAsync("other", "developer");
        var collection = $"ms.hub.config.collection.workflow.{await client.CollectionAsync("workflow", "bodies")}";
        var large = JsonSerializer.Serialize(new
        {
            name = "large",
            collection,
            config = new { @static = new { text = new string('x', TextLength) } }
        });
        var slow = new SlowContent(large);
        var first = client.PostAsync("/hub/workflows", slow);
        await slow.HasBegun;
        using var second = await colleague.PostAsync("/hub/workflows", Json(large));
        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
        using var small = await colleague.PostAsync(
            "/hub/workflows", Json(JsonSerializer.Serialize(new { name = "small", collection, config = new { } })));
        Assert.That(small.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        using var another = await other.PostAsync("/hub/workflows", Json(large));
        Assert.That(another.StatusCode, Is.Not.EqualTo(HttpStatusCode.TooManyRequests));
        slow.GoOn();
        using var answer = await first;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, MediaTypeNames.Application.Json);

    private static async Task SeedAsync(GatewayApp app)
    {
        using var client = await app.UncheckedClientAsync("acme", "developer");
        var collection = await client.CollectionAsync("workflow", "large");
        var first = await client.WorkflowAsync(
            collection, "first", $$$"""{"static":{"text":"{{{new string('x', TextLength)}}}"}}""");
        for (var i = 1; i < Count; i++)
        {
            var topic = Subjects.TopicFor($"copy {i}");
            var parameters = new
            {
                account = "acme",
                subject = Subjects.OfWorkflow(collection, first, draft: true),
                copy = Subjects.OfWorkflow(collection, topic, draft: true),
                topic
            };
            await app.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(CopySql, parameters, default), default);
        }
    }

    private static async Task<long> ReadToEndAsync(Stream body)
    {
        var buffer = new byte[64 * 1024];
        var length = 0L;
        while (await body.ReadAsync(buffer) is var count and > 0)
        {
            length += count;
        }

        return length;
    }

    /// <summary>A body of which half is sent at once, and the rest when it is told to.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly TaskCompletionSource begun = new(), rest = new();
        private readonly byte[] content;

        public SlowContent(string text)
        {
            content = Encoding.UTF8.GetBytes(text);
            Headers.ContentType = new(MediaTypeNames.Application.Json);
        }

        public Task HasBegun => begun.Task;

        public void GoOn() => rest.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(content.AsMemory(0, content.Length / 2));
            await stream.FlushAsync();
            begun.SetResult();
            await rest.Task;
            await stream.WriteAsync(content.AsMemory(content.Length / 2));
        }

        protected override bool TryComputeLength(out long length) => (length = content.Length) > 0;
    }
}
