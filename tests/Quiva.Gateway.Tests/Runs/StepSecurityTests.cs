using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Moq;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>What steps can't be talked into, by a workflow's author or by whoever fills its trigger.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class StepSecurityTests(DatabaseProvider engine) : RunFixture(engine)
{
    private const string NotReached = "the host does not resolve, or resolves to an address that is refused";

    private readonly DatabaseProvider provider = engine;

    protected override string[] MoreSettings =>
        ["--Oauth:AllowedNetworks:0=127.0.0.0/8", "--Oauth:SweepIntervalSeconds=0"];

    [SetUp]
    public void AnswerAsEver() => Target.Answer = Target.Echo;

    private static readonly string[] Inside =
    [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "[::]", "[::1]", "[fc00::1]", "[fd00:ec2::254]",
        "[fe80::1]", "[ff02::1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "[2001:0:a00:1::]", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "10.1",
        "１６９.254.169.254", "localhost", "localhost.", "metadata.google.internal", "inside.example", "mixed.example", "mapped.example", "nowhere.example", "10.0.0.1.",
    ];

    [Test]
    public async Task No_reference_leads_inside()
    {
        var names = new Dictionary<string, string[]>
        {
            ["inside.example"] = ["10.0.0.1"],
            ["mixed.example"] = ["93.184.216.34", "10.0.0.1"],
            ["mapped.example"] = ["::ffff:127.0.0.1"]
        };
        var resolver = new Mock<IHostResolver>();
        resolver.Setup(one => one.ResolveAsync(It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(
                (string name, CancellationToken _) => [.. names.GetValueOrDefault(name, []).Select(IPAddress.Parse)]);
        // Nothing inside is allowed here, not even what tests use.
        await using var app = await GatewayApp.StartAsync(
            provider,
            services => services.Replace(ServiceDescriptor.Singleton(resolver.Object)),
            "--Runs:RunsPerMinute=100000");
        using var client = await app.ClientAsync("acme", "developer");
        var collection = await client.CollectionAsync("workflow");
        string[] shapes =
        [
            """{"url":"$.trigger.u"}""", """{"url":"{trigger.u}"}""", """{"url":"https://|$.trigger.h|/latest"}""", """{"url":"https://{{trigger.h}}/latest"}""", """{"url":"/latest","base_url":"$.trigger.u"}""",
            """{"url":"","base_url":"https://{trigger.h}"}""", """{"url":"https://|$.trigger.h|:443/"}""", """{"url":"https://public.example/","headers":{"Host":"$.trigger.h"}}""",
        ];
        var faults = new List<string>();
        foreach (var shape in shapes)
        {
            var topic = await client.WorkflowAsync(
                collection,
                Guid.NewGuid().ToString(),
                Config($$"""{"id":"c","node_type":"http","payload":{{shape}} }"""));
            await Parallel.ForEachAsync(Inside, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (host, _) =>
            {
                var reply = await RunAsync(
                    $"/hub/workflows/{collection}/{topic}/run?draft=true",
                    $$"""{"u":"https://{{host}}/latest/meta-data","h":"{{host}}"}""",
                    client: client);
                if (reply.Status != 422
                    || reply.Error is not (NotReached or "url must be an absolute https URL" or "the header Host can't be set"
                        or "a header has characters that are not allowed"))
                {
                    faults.Add($"{shape} {host} => {reply}");
                }
            });
        }

        Assert.That(faults, Is.Empty);
    }

    [TestCase("""{"url":"https://|$.trigger.v|@a.example/"}""", "user:pass", "url must not have user information")]
    [TestCase("""{"url":"https://a.example:|$.trigger.v|/"}""", "22", NotReached)]
    [TestCase("""{"url":"$.trigger.v"}""", "file:///etc/passwd", "url must be an absolute https URL")]
    [TestCase("""{"url":"$.trigger.v"}""", "https://a.example\\\\@b.example/", "url must be an absolute https URL")]
    [TestCase(
        """{"url":"TARGET","headers":{"X-A":"$.trigger.v"}}""",
        "a\\r\\nX-B: c",
        "a header has characters that are not allowed")]
    [TestCase(
        """{"url":"TARGET","headers":{"X-A":"$.trigger.v"}}""",
        "a\\u0000",
        "a header has characters that are not allowed")]
    [TestCase(
        """{"url":"TARGET","headers":{"Content-Type":"a/|$.trigger.v"},"method":"post","data":"x"}""",
        "b\\r\\nX-B: c",
        "a header has characters that are not allowed")]
    [TestCase(
        """{"url":"TARGET","method":"$.trigger.v"}""",
        "GET / HTTP/1.1\\r\\nX: y",
        "method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")]
    [TestCase(
        """{"url":"TARGET","method":"$.trigger.v"}""",
        "CONNECT",
        "method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")]
    public async Task A_value_stays_in_its_place(string payload, string value, string error)
    {
        var before = Target.Requests.Count;
        var reply =
            await RunAsync(
                await FlowAsync(
                    $$"""{"id":"c","node_type":"http","payload":{{payload.Replace("TARGET", Target.Url, StringComparison.Ordinal)}} }"""),
                $$"""{"v":"{{value}}"}""");
        Assert.That((reply.Status, reply.Error, Target.Requests.Count), Is.EqualTo((422, error, before)));
    }

    [Test]
    public async Task A_value_in_a_path_or_query_can_t_choose_another_host()
    {
        var flow =
            await FlowAsync(
                $$"""{"id":"c","node_type":"http","payload":{"base_url":"{{Target.Url}}","url":"$.trigger.p","query":{"q":"$.trigger.q"} } }""",
                "",
                "\"result\":\"$.c.status\"");
        foreach (var path in new[]
        {
            "//evil.example/x",
            "\\\\\\\\evil.example\\\\x",
            "@evil.example/",
            "/../../x",
            "?a#b"
        })
        {
            var reply = await RunAsync(flow, $$"""{"p":"{{path}}","q":"a&b=c#d"}""");
            Assert.That(reply.Status, Is.EqualTo(200), path + reply);
            Assert.That(Target.Requests.Last().Path, Does.Contain("q=a%26b%3Dc%23d"), path);
        }
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(303)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task No_redirect_is_followed_nor_given_a_token(int status)
    {
        await ConnectAsync("redirecting", Target.Url + "/token");
        Target.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = Target.Url + "/inner-" + status;
            return Task.CompletedTask;
        };
        var node =
            (string more) =>
                $$"""{"id":"c","node_type":"http","payload":{"url":"{{Target.Url}}/r","method":"post","data":1},"oauth":"redirecting.maria"{{more}} }""";
        Assert.That(
            (await RunAsync(await FlowAsync(node("")))).Error,
            Is.EqualTo("the answer is a redirect, which is not followed"));
        Assert.That(
            (await RunAsync(await FlowAsync(node($",\"options\":{{\"ignore_response_codes\":[{status}]}}")))).Status,
            Is.EqualTo(200));
        Assert.That(
            Target.Requests.Any(request => request.Path.StartsWith("/inner-" + status, StringComparison.Ordinal)),
            Is.False);
    }

    [TestCase("http://127.0.0.1.evil.example/")]
    [TestCase("https://evil.example/?x=127.0.0.1")]
    [TestCase("https://evil.example/#@127.0.0.1")]
    [TestCase("https://127.0.0.2/")]
    [TestCase("https://localhost/")]
    [TestCase("https://[::ffff:127.0.0.1]/")]
    public async Task A_token_goes_to_no_host_that_only_looks_like_its_own(string url)
    {
        await ConnectAsync("tokens", Target.Url + "/token");
        foreach (var type in new[] { "http", "integration" })
        {
            var reply =
                await RunAsync(
                    await FlowAsync(
                        $$"""{"id":"c","node_type":"{{type}}","payload":{"url":"$.trigger.u"},"oauth":"tokens.maria"}"""),
                    $$"""{"u":"{{url}}"}""");
            Assert.That(
                reply.Error, Is.EqualTo("the host is none of those that the integration's tokens may be sent to"));
        }
    }

    [TestCase("Authorization")]
    [TestCase("authorization")]
    [TestCase("AUTHORIZATION")]
    public async Task A_header_can_t_stand_beside_a_token(string name)
    {
        await ConnectAsync("beside", Target.Url + "/token");
        var reply =
            await RunAsync(
                await FlowAsync(
                    $$"""{"id":"c","node_type":"http","payload":{"url":"{{Target.Url}}/me","headers":{"{{name}}":"Bearer mine"} },"oauth":"beside.maria"}"""));
        Assert.That(reply.Error, Is.EqualTo("the header Authorization can't be set beside oauth"));
    }

    private static readonly Dictionary<string, (Func<HttpContext, Task> Answer, string Error)> BadAnswers = new()
    {
        ["20 MB with a length"] = (async context =>
        {
            context.Response.ContentLength = 20 * 1024 * 1024;
            await context.Response.Body.WriteAsync(new byte[20 * 1024 * 1024]);
        }, "the answer is larger than 1 MiB"),
        ["20 MB in chunks"] = (async context =>
        {
            for (var i = 0; i < 20; i++)
            {
                await context.Response.Body.WriteAsync(new byte[1024 * 1024]);
            }
        }, "the answer is larger than 1 MiB"),
        ["1 MiB that grows as JSON"] =
            (context => context.Response.WriteAsync(new string('"', 1_000_000)), "the answer is larger than 1 MiB"),
        ["large headers"] = (context =>
        {
            for (var i = 0; i < 30; i++)
            {
                context.Response.Headers["X-" + i] = new string('x', 8000);
            }

            return Task.CompletedTask;
        }, "the answer is larger than 1 MiB"),
        ["a slow drip"] = (async context =>
        {
            for (var i = 0; i < 200 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await context.Response.WriteAsync("x");
                await context.Response.Body.FlushAsync();
                await Task.Delay(50);
            }
        }, "the answer did not come in time"),
        ["silence"] = (context => Task.Delay(10_000, context.RequestAborted), "the answer did not come in time"),
        ["an end in the middle"] = (async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("x");
            await context.Response.Body.FlushAsync();
            context.Abort();
        }, ""),
    };

    [TestCaseSource(nameof(BadAnswers))]
    public async Task A_bad_answer_is_bounded_and_told(KeyValuePair<string, (Func<HttpContext, Task> Answer, string Error)> bad)
    {
        Target.Answer = bad.Value.Answer;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var reply = await RunAsync(await FlowAsync(
            $$"""{"id":"c","node_type":"http","payload":{"url":"{{Target.Url}}/bad"},"options":{"timeout":700} }"""));
        Assert.That((reply.Status, (string?)reply.Json["node"]), Is.EqualTo((422, "c")), reply.ToString());
        Assert.That(reply.Error, bad.Value.Error.Length == 0 ? Does.StartWith("the ") : Is.EqualTo(bad.Value.Error));
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(9)));
    }

    [Test]
    public async Task A_compressed_answer_stays_as_large_as_it_came()
    {
        Target.Answer = async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            for (var i = 0; i < 50; i++)
            {
                await zip.WriteAsync(new byte[1024 * 1024]);
            }
        };
        var reply = await RunAsync(await FlowAsync(
            $$"""{"id":"c","node_type":"http","payload":{"url":"{{Target.Url}}/zip"} }""",
            "",
            "\"result\":\"$.c.status\""));
        Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());
    }

    [Test]
    public async Task What_goes_in_and_comes_out_is_nowhere_but_sealed()
    {
        using var observed = new Observed();
        await ConnectAsync("canary", Target.Url + "/token");
        string Canary(string what) => $"canary{what}{Guid.NewGuid():n}";
        var (trigger, header, answer, path, person, code, host) = (
            Canary("trigger"),
            Canary("header"),
            Canary("answer"),
            Canary("path"),
            Canary("person"),
            Canary("code"),
            Canary("host"));
        Target.Answer = context => context.Response.WriteAsJsonAsync(new { answer });
        var nodes = $$"""
            {"id":"h","node_type":"integration","payload":{"url":"{{Target.Url}}/|$.trigger.path","query":{"q":"$.trigger.t"},"headers":{"X-H":"$.env.headers['x-request-id']"},"method":"post","data":"$.trigger"},"oauth":"canary.maria"},
            {"id":"e","node_type":"eval","payload":{"code":"[t, h]","params":{"t":"$.trigger","h":"$.h"} } },
            {"id":"r","node_type":"rules","payload":{"facts":{"t":"$.trigger.t"},"rules":{"x":"@fact:t"} } },
            {"id":"i","node_type":"input","payload":{"message":"$.trigger.t"} },
            {"id":"x","node_type":"eval","payload":{"code":"throw new Error(c)","params":{"c":"$.trigger.code"} } }
            """;
        var flow = await FlowAsync(nodes, "h>e e>r r>i i>x");
        using var client = App.Client(
            headers => headers.Add("X-Api-Key", App.KeyAsync(Account, ["developer"]).GetAwaiter().GetResult()));
        client.DefaultRequestHeaders.Add("X-Request-Id", header);
        foreach (var log in new[] { "", ",\"enable_log\":true" })
        {
            var paused =
                await RunAsync(flow, $$"""{"t":"{{trigger}}","path":"{{path}}","code":"{{code}}"}""", log, client);
            Assert.That(paused.Status, Is.EqualTo(200), paused.ToString());
            Assert.That(Target.Requests.Last().Headers["X-H"].ToString(), Is.EqualTo(header));
            var failed = await client.CallAsync(
                "POST",
                flow,
                $$"""{"run_id":"{{paused.Location!.Split('/')[^1]}}","trigger":{"said":"{{person}}"},"await":true}""");
            Assert.That(
                (failed.Status, failed.Error), Is.EqualTo((422, $"the code failed: Error: {code} (line 1, column 7)")));
        }

        // A host of the trigger is what a trigger holds too; and so is a value that no evaluation expects.
        var refused = await RunAsync(
            await FlowAsync("""{"id":"h","node_type":"http","payload":{"url":"https://|$.trigger.host|.example/"} }"""),
            $$"""{"host":"{{host}}"}""");
        Assert.That(refused.Error, Is.EqualTo(NotReached));
        await observed.AssertNowhereAsync(
            App, trigger, header, answer, path, person, code, host, "access-secret", "refresh-secret");
    }
}
