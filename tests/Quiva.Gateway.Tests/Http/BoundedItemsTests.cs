using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Nodes;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Http;

/// <summary>
/// A list that is far too long costs no more than the longest lawful one, and is refused in the same words.
/// </summary>
public sealed class BoundedItemsTests
{
    private const int Million = 1_000_000;

    private GatewayApp app = null!;
    private HttpClient client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        var key = await app.KeyAsync("bounded", ["developer"]);
        client = app.Client(headers => headers.Add(ApiKeyHandler.HeaderName, key));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    [TestCase("PATCH", "/hub/nodes/batch", "", "", "The request body must have at most 1000 items.")]
    [TestCase(
        "PATCH", "/hub/workflows/1/1", "{\"config\":{\"nodes\":", "}}", "config.nodes must have at most 5000 items.")]
    [TestCase(
        "PATCH", "/hub/workflows/1/1", "{\"config\":{\"edges\":", "}}", "config.edges must have at most 20000 items.")]
    [TestCase(
        "PATCH", "/hub/workflows/1/1", "{\"config\":{\"nodes\":[{\"data\":{\"options\":{\"ignore_response_codes\":", "}}}]}}",
        "config.nodes[0].data.options.ignore_response_codes must have at most 100 items.")]
    public async Task A_million_items_are_refused_in_the_words_of_one_too_many(
        string method, string path, string before, string after, string error)
    {
        var item = before.EndsWith("codes\":", StringComparison.Ordinal) ? "1" : "{}";
        var reply = await client.CallAsync(method, path, before + List(item, Million) + after);
        Assert.That((reply.Status, reply.Error), Is.EqualTo((400, error)));
    }

    [Test]
    public void Reading_ends_at_the_first_item_too_many()
    {
        const int most = 5000;
        Assert.That(
            Allocated<WorkflowConfig>($"{{\"nodes\":{List("{}", Million)}}}"),
            Is.LessThan(2 * Allocated<WorkflowConfig>($"{{\"nodes\":{List("{}", most + 1)}}}")));
        Assert.That(
            Allocated<BoundedItems<UpdateNodeRequest, NodesController>>(List("{}", Million)),
            Is.LessThan(2 * Allocated<BoundedItems<UpdateNodeRequest, NodesController>>(List("{}", 1001))));
    }

    [Test]
    public void Every_list_of_a_body_with_a_longest_length_is_bounded()
    {
        var unbounded = typeof(WorkflowConfig).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(WorkflowConfig).Namespace
                && type is { IsClass: true, IsAbstract: false, IsGenericType: false })
            .SelectMany(type => Json.GetTypeInfo(type).Properties)
            .Where(property => property.AttributeProvider?.IsDefined(
                typeof(System.ComponentModel.DataAnnotations.MaxLengthAttribute), true) == true
                && property.PropertyType.IsGenericType
                && property.PropertyType.GetGenericTypeDefinition() != typeof(BoundedItems<,>));
        Assert.That(unbounded.Select(property => property.Name), Is.Empty);
    }

    private JsonSerializerOptions Json =>
        app.Services.GetRequiredService<IOptions<JsonOptions>>().Value.JsonSerializerOptions;

    private static string List(string item, int count) => $"[{string.Join(',', Enumerable.Repeat(item, count))}]";

    private long Allocated<T>(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        Assert.That(() => JsonSerializer.Deserialize<T>(body, Json), Throws.InstanceOf<TooManyItemsException>());
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => JsonSerializer.Deserialize<T>(body, Json), Throws.InstanceOf<TooManyItemsException>());
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
