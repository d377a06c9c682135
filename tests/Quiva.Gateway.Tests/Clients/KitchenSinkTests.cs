using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KitchenSink;
using KitchenSink.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quiva.Gateway.Client;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests.Clients;

/// <summary>What the generator says that it can do, it does: a contract with all of it, served and called.</summary>
public sealed class KitchenSinkTests
{
    private WebApplication app = null!;
    private HttpClient http = null!;
    private SinkClient client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await ServeAsync();
        http = new HttpClient { BaseAddress = new Uri(app.Urls.First() + "/") };
        client = new SinkClient(http);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        http.Dispose();
        await app.DisposeAsync();
    }

    /// <summary>A server of the contract.</summary>
    public static async Task<WebApplication> ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddContractControllers().AddApplicationPart(typeof(SinkController).Assembly);
        var app = builder.Build();
        app.MapControllers();
        await app.StartAsync();
        return app;
    }

    [Test]
    public async Task Parameters_of_every_kind_arrive()
    {
        var id = Guid.NewGuid();
        var answer = await client.ListSinkAsync(
            xCount: 3, ids: [
                1,
                2
            ], names: ["a b", "c&d"], colors: [Color.Red, Color._1], filter: new() { Name = "é", Min = 4 },
            labels: new Dictionary<string, string> { ["x"] = "1", ["y z"] = "=" }, day: new(2026, 11, 25), id: id,
            at: new(2026, 11, 25, 1, 2, 3, TimeSpan.FromHours(
                2)), size: 5, ratio: 1.5, level: Level._2, hint: "h", isOpen: true, xTrace: "t", session: "a b");
        var got = JsonNode.Parse(answer.Value.Text!)!;
        Assert.That(JsonNode.DeepEquals(got, JsonNode.Parse($$"""
            {"ids":[1,2],"names":["a b","c&d"],"colors":["red","1"],"filter":{"name":"é","min":4},"labels":{"x":"1","y z":"="},"day":"2026-11-25",
             "id":"{{id}}","at":"2026-11-25T01:02:03+02:00","size":5,"ratio":1.5,"level":2,"hint":"h","is_open":true,"x_Trace":"t","x_Count":3,"session":"a b"}
            """)), got.ToJsonString());
    }

    [Test]
    public async Task A_default_takes_the_place_of_a_parameter_that_is_left_out()
    {
        var got = JsonNode.Parse((await client.ListSinkAsync(xCount: 3)).Value.Text!)!;
        Assert.That(
            (got["size"]!.GetValue<int>(), got["day"], got["filter"], got["labels"]),
            Is.EqualTo((10, (JsonNode?)null, (JsonNode?)null, (JsonNode?)null)));
    }

    [TestCase("ids=1&ids=x")]
    [TestCase("ids=1&ids=2&ids=3&ids=4&ids=5&ids=6")]
    [TestCase("colors=red&colors=blue")]
    [TestCase("names=a&names=b")]
    [TestCase("filter[min]=x")]
    [TestCase("filter[name]=toolong")]
    [TestCase("filter[min]=1&filter[min]=2")]
    [TestCase("day=25.11.2026")]
    [TestCase("id=1")]
    [TestCase("size=0")]
    [TestCase("ratio=6")]
    [TestCase("level=4")]
    [TestCase("filter=x")]
    [TestCase("ids=")]
    [TestCase("names=")]
    [TestCase("day=")]
    [TestCase("size=")]
    [TestCase("is_open=")]
    [TestCase("is_open")]
    [TestCase("is_open=True")]
    [TestCase("is_open=true&is_open=true")]
    [TestCase("size=1&size=2")]
    [TestCase("size=0x10")]
    [TestCase("ratio=NaN")]
    [TestCase("hint=a&hint=b")]
    public async Task A_parameter_that_breaks_the_contract_is_refused(string query)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Get, $"sink/lists?{query}") { Headers = { { "X-Count", "1" } } };
        using var response = await http.SendAsync(request);
        Assert.That(
            response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), await response.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task A_parameter_that_may_be_empty_counts_as_left_out()
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Get, "sink/lists?hint=") { Headers = { { "X-Count", "1" } } };
        using var response = await http.SendAsync(request);
        var echo = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.That(JsonNode.Parse((string)echo["text"]!)!["hint"], Is.Null);
    }

    [Test]
    public async Task A_required_header_is_required() =>
        Assert.That((await http.GetAsync("sink/lists")).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));

    [Test]
    public async Task Each_success_has_its_status()
    {
        var later = await client.ListSinkAsync(xCount: 1, session: "later");
        var nothing = await client.ListSinkAsync(xCount: 1, session: "nothing");
        Assert.That(
            (later.Status, nothing.Status, nothing.Value),
            Is.EqualTo((HttpStatusCode.Accepted, HttpStatusCode.NoContent, (Echo?)null)));
    }

    [Test]
    public void A_range_of_statuses_has_its_body() => Assert.That(
        () => client.ListSinkAsync(xCount: 1, session: "bad"),
        Throws.TypeOf<GatewayApiException<Problem>>().With.Property("Result").Property("Code").EqualTo(7));

    [Test]
    public async Task Bodies_of_every_kind_go_there_and_back()
    {
        var thing = new Thing
        {
            Id = Guid.NewGuid(),
            Day = new(2026, 1, 2),
            Level = Level._3,
            Note = null,
            Levels = [Level._1, Level._2],
            Colors = [Color.DarkBlue],
            Color = Color.Red,
            Labels = new() { ["a"] = "b" },
            Map = new Dictionary<string, int> { ["n"] = 1 },
            Objects = new Dictionary<string, Echo> { ["o"] = new() { Text = "t" } },
            Free = JsonSerializer.SerializeToElement(new[] { 1 }),
            Blob = [1, 2, 3],
            Big = long.MaxValue,
            Ratio = 0.5f,
            At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        };
        var answer = await client.PutThingAsync(thing.Day, thing.Id, thing);
        var expected = JsonSerializer.SerializeToNode(thing)!;
        (expected["size"], expected["name"]) = (7, "none");
        var got = JsonSerializer.SerializeToNode(answer.Value)!;
        Assert.That(
            (answer.Status, JsonNode.DeepEquals(got, expected)),
            Is.EqualTo((HttpStatusCode.OK, true)),
            $"{got}\n{expected}");
        var made = await client.PutThingAsync(thing.Day, Guid.NewGuid(), thing);
        Assert.That(made.Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [TestCase(
        """{"id":"~","day":"2026-01-02","level":3}""", TestName = "A nullable member that is required is left out")]
    [TestCase(
        """{"id":"~","day":"2026-01-02","level":4,"note":null}""", TestName = "An integer enum has another value")]
    [TestCase(
        """{"id":"~","day":"2026-01-02","level":3,"note":null,"colors":["pink"]}""",
        TestName = "A list of an enum has another value")]
    [TestCase("""{"id":"~","day":"2. 1. 2026","level":3,"note":null}""", TestName = "A date is none")]
    [TestCase("""{"id":"1","day":"2026-01-02","level":3,"note":null}""", TestName = "A UUID is none")]
    [TestCase(
        """{"id":"~","day":"2026-01-02","level":3,"note":null,"map":{"a":"b"}}""",
        TestName = "A map has another value")]
    public async Task A_body_that_breaks_the_contract_is_refused(string body)
    {
        var id = Guid.NewGuid();
        using var content = new StringContent(
            body.Replace("~", id.ToString(), StringComparison.Ordinal), Encoding.UTF8, "application/json");
        using var response = await http.PutAsync($"sink/things/2026-01-02/{id}", content);
        Assert.That(
            response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), await response.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task Alternatives_go_there_and_back()
    {
        var dog = (await client.PutPetAsync(new() { Dog = new() { Kind = "dog", Name = "Rex" } })).Value;
        Assert.That((dog.Dog?.Name, dog.Cat), Is.EqualTo(("Rex", (Cat?)null)));
        var zoo = new Zoo
        {
            Pet = new() { Cat = new() { Kind = "kitten", Lives = 1 } },
            Pets = [
                new() { Dog = new() { Kind = "dog", Name = "a" } },
                new() { Cat = new() { Kind = "cat", Lives = 9 } }
            ],
            ByName = new Dictionary<string, Pet> { ["x"] = new() { Cat = new() { Kind = "cat", Lives = 2 } } },
            Shape = new() { Square = new() { Side = 2 } },
        };
        foreach (var loose in new Loose[]
        {
            new() { Circle = new() { Radius = 1 } },
            new() { Integer = 5 },
            new() { Boolean = false },
            new() { Color = Color.Red },
            new() { String = "s" }
        })
        {
            zoo.Loose = loose;
            var answer = (await client.PutZooAsync(zoo)).Value;
            Assert.That(JsonSerializer.Serialize(answer), Is.EqualTo(JsonSerializer.Serialize(zoo)));
        }
    }

    [TestCase("""{"pet":{"kind":"cow","lives":1}}""", "pet must be exactly one of Cat, Dog, as its kind says.")]
    [TestCase("""{"pet":{"kind":"dog","lives":1}}""", "pet must be exactly one of Cat, Dog, as its kind says.")]
    [TestCase("""{"pet":{"kind":"cat","lives":10}}""", "pet must be exactly one of Cat, Dog, as its kind says.")]
    [TestCase("""{"pets":[{"lives":1}]}""", "pets[0] must be exactly one of Cat, Dog, as its kind says.")]
    [TestCase("""{"shape":{"radius":1,"side":1}}""", "shape must be exactly one of Circle, Square.")]
    [TestCase("""{"shape":{"side":0}}""", "shape must be exactly one of Circle, Square.")]
    [TestCase("""{"shape":5}""", "shape must be exactly one of Circle, Square.")]
    [TestCase("""{"loose":"toolong"}""", "loose must be at least one of Circle, Integer, Boolean, Color, String.")]
    [TestCase("""{"loose":1.5}""", "loose must be at least one of Circle, Integer, Boolean, Color, String.")]
    [TestCase("""{"pet":null}""", "pet must not be null; leave it out.")]
    public async Task A_value_that_is_no_alternative_is_refused(string body, string sentence)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("sink/pets", content);
        Assert.That(
            (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"], Is.EqualTo(sentence));
    }

    [Test]
    public async Task Files_go_there_and_back()
    {
        using var reader = new StreamReader((await client.GetFileAsync("naïve")).Value);
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("naïve"));
        using var sent = new MemoryStream(Encoding.UTF8.GetBytes("same"));
        Assert.That((await client.PutFileAsync("same", sent)).Status, Is.EqualTo(HttpStatusCode.NoContent));
        using var data = new MemoryStream(Encoding.UTF8.GetBytes("bytes"));
        var uploaded = await client.UploadFileAsync("n", new FileParameter(data, "f.txt", "text/plain"), "a note");
        Assert.That(uploaded.Value.Text, Is.EqualTo("n f.txt text/plain bytes a note"));
    }

    [Test]
    public async Task A_required_file_is_required()
    {
        using var form = new MultipartFormDataContent { { new StringContent("x"), "note" } };
        using var response = await http.PostAsync("sink/files/n", form);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }
}
