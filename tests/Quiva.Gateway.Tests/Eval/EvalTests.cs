using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Eval;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Tests.Eval;

/// <summary>
/// JavaScript is evaluated in other processes, which nothing survives that it should not. <c>GATEWAY_TEST_EVAL=all</c>
/// tries every attack; without it some of each kind are tried.
/// </summary>
[NonParallelizable]
public sealed class EvalTests
{
    private const int Sample = 7;
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("GATEWAY_TEST_EVAL") == "all";

    private EvalPool pool = null!;

    [SetUp]
    public void Open() => pool = new(Options.Create(new EvalOptions()), NullLogger<EvalPool>.Instance);

    [TearDown]
    public void Close() => pool.Dispose();

    private async Task<string> EvaluateAsync(string code, string values = "{}", string account = "acme") =>
        Encoding.UTF8.GetString(await pool.EvaluateAsync(account, code, Encoding.UTF8.GetBytes(values), default));

    [TestCase("40 + 2", "{}", "42")]
    [TestCase("c.replace('a', '').toUpperCase()", """{"c":"abc"}""", "\"BC\"")]
    [TestCase(
        "(function () { return { n: list.length, first: list[0] || null } })();",
        """{"list":[]}""",
        """{"n":0,"first":null}""")]
    [TestCase("const x = a * 2; return x + 1", """{"a":1.5}""", "4")]
    [TestCase("params['x-y'].z", """{"x-y":{"z":[1,null,"é"]}}""", "[1,null,\"é\"]")]
    [TestCase("undefined", "{}", "null")]
    [TestCase("(() => 1)", "{}", "null")]
    [TestCase("[NaN, undefined, new Date(0), -0]", "{}", "[null,null,\"1970-01-01T00:00:00.000Z\",0]")]
    [TestCase("(async () => { await null; return 7 })()", "{}", "7")]
    [TestCase("'\\ud800'", "{}", "\"\\ud800\"")]
    [TestCase("'é'.normalize('NFD').length", "{}", "2")]
    [TestCase("s", """{"s":"\ud800"}""", "\"\\ud800\"")]
    [TestCase(
        "Object.keys(params).join()", """{"a":1,"__proto__":{"b":2},"constructor":3}""", "\"a,__proto__,constructor\"")]
    [TestCase("let n = 0; for (let i = 0; i < 100000; i++) n += i; n", "{}", "4999950000")]
    [TestCase("function f(n) { return n ? 1 + f(n - 1) : 0 } f(1000)", "{}", "1000")]
    [TestCase(
        "typeof process + typeof require + typeof console + typeof fetch",
        "{}",
        "\"undefinedundefinedundefinedundefined\"")]
    public async Task Code_has_a_value(string code, string values, string expected) =>
        Assert.That(await EvaluateAsync(code, values), Is.EqualTo(expected));

    [TestCase("throw new TypeError('no')", "the code failed: TypeError: no (line 1, column 7)")]
    [TestCase("missing.x", "the code failed: ReferenceError: missing is not defined")]
    [TestCase("1 +", "the code failed: SyntaxError")]
    [TestCase("throw 'text'", "the code failed: text")]
    [TestCase("Promise.reject(new Error('later'))", "the code's promise was rejected: Error: later")]
    [TestCase("1n", "the code failed: TypeError")]
    [TestCase("eval('1')", "the code failed: ")]
    [TestCase("'a'.repeat(2e6)", "the code's value is larger than 1 MiB")]
    public void Code_without_a_value_says_why(string code, string expected) =>
        Assert.That(
            async () => await EvaluateAsync(code), Throws.TypeOf<StepException>().With.Message.StartsWith(expected));

    [Test]
    public void Code_is_bounded() =>
        Assert.That(
            async () => await EvaluateAsync(new string(' ', EvalPool.LongestCode + 1)),
            Throws.TypeOf<StepException>().With.Message.EqualTo("code must have at most 64 KiB"));

    [Test]
    public async Task No_process_is_there_before_the_first_code_and_few_after_many()
    {
        Assert.That(pool.Processes, Is.Empty);
        var values = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(i => EvaluateAsync("i * 2", $$"""{"i":{{i}}}""", "account-" + (i % 10))));
        Assert.That(
            values, Is.EqualTo(Enumerable.Range(0, 200).Select(i => (i * 2).ToString(CultureInfo.InvariantCulture))));
        Assert.That(pool.Processes, Has.Count.InRange(1, 2));
    }

    [Test]
    public async Task One_account_does_not_keep_others_waiting()
    {
        _ = await Task.WhenAll(EvaluateAsync("1"), EvaluateAsync("1", account: "other"));
        var hogs = Enumerable.Range(0, 10).Select(_ => EvaluateAsync("while (true);", account: "hog")).ToList();
        Assert.That(await EvaluateAsync("40 + 2", account: "other"), Is.EqualTo("42"));
        Assert.That(hogs.Count(hog => hog.IsCompleted), Is.LessThan(3));
        pool.Dispose();
        foreach (var hog in hogs)
        {
            await ((Task)hog).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task The_process_has_nothing_of_the_gateway()
    {
        // Something to inherit: an open file, a socket, an environment variable.
        using var file =
            File.Create(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("n")), 1, FileOptions.DeleteOnClose);
        using var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        socket.Start();
        Environment.SetEnvironmentVariable("GATEWAY_TEST_SECRET", "canary");
        Assert.That(await EvaluateAsync("1"), Is.EqualTo("1"));
        var process = "/proc/" + pool.Processes.Single().ToString(CultureInfo.InvariantCulture);
        var environment = (await File.ReadAllTextAsync(process + "/environ"))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('=')[0]);
        Assert.That(environment.Where(name => !name.StartsWith("DOTNET_", StringComparison.Ordinal)
            && name is not ("PWD" or "SHLVL" or "_" or "OLDPWD")), Is.Empty);
        var handles = Directory.EnumerateFiles(process + "/fd")
            .Select(path => new FileInfo(path).LinkTarget ?? "")
            .ToList();
        Assert.That(handles.Where(target => target.StartsWith("socket:", StringComparison.Ordinal)
            || target.Contains(".db", StringComparison.Ordinal)
            || target == file.Name), Is.Empty, string.Join('\n', handles));
        var limits = await File.ReadAllTextAsync(process + "/limits");
        Assert.That(limits, Does.Match("Max address space +[0-9]+").And
            .Match("Max open files +128 ").And
            .Match("Max core file size +0 ").And
            .Match("Max file size +0 "));
        var group = (await File.ReadAllTextAsync(process + "/stat")).Split(") ")[1].Split(' ')[2];
        Assert.That(
            group,
            Is.EqualTo(pool.Processes.Single().ToString(CultureInfo.InvariantCulture)),
            "A signal to the gateway's group is not for it.");
    }

    [Test]
    public async Task A_process_that_is_gone_is_replaced()
    {
        Assert.That(await EvaluateAsync("1"), Is.EqualTo("1"));
        using var child = System.Diagnostics.Process.GetProcessById(pool.Processes.Single());
        child.Kill();
        await child.WaitForExitAsync();
        Assert.That(await EvaluateAsync("40 + 2"), Is.EqualTo("42"));
    }

    [Test]
    public async Task Nothing_that_code_does_reaches_the_next_one()
    {
        await using var watch = new MemoryWatch(pool);
        var failures = new List<string>();
        var attacks = EvalAttacks.All.Where((_, place) => IsFull || place % Sample == 0).ToList();
        foreach (var attack in attacks)
        {
            var outcome = await OutcomeOfAsync(attack);
            var next = await OutcomeOfAsync("40 + 2 + params.n + [0].map(x => x)[0] + JSON.parse('0')");
            TestContext.Out.WriteLine(
                $"{(attack.Length > 80 ? attack[..80] : attack)} => {(outcome.Length > 100 ? outcome[..100] : outcome)}");
            if (next != "42" || outcome.Contains("root:", StringComparison.Ordinal))
            {
                failures.Add($"{attack} => {outcome}, then {next}");
            }
        }

        Assert.That(failures, Is.Empty);
        Assert.That(watch.LargestMegabytes, Is.LessThan(350), "MiB of one process.");
        TestContext.Out.WriteLine($"{attacks.Count} attacks, at most {watch.LargestMegabytes} MiB a process");

        async Task<string> OutcomeOfAsync(string code)
        {
            try
            {
                return await EvaluateAsync(code, """{"n":0}""");
            }
            catch (StepException exception)
            {
                return exception.Message;
            }
        }
    }

    /// <summary>Looks at the memory of the pool's processes while they work.</summary>
    private sealed class MemoryWatch : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task looking;

        public MemoryWatch(EvalPool pool) => looking = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var process in pool.Processes)
                {
                    LargestMegabytes = Math.Max(LargestMegabytes, await ReadAsync(process));
                }

                await Task.Delay(20);
            }
        });

        public long LargestMegabytes { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await looking;
            stop.Dispose();
        }

        private static async Task<long> ReadAsync(int process)
        {
            try
            {
                var line = (await File.ReadAllLinesAsync($"/proc/{process}/status"))
                    .First(line => line.StartsWith("VmHWM", StringComparison.Ordinal));
                return long.Parse(
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
            }
            catch (Exception exception) when (exception is IOException or InvalidOperationException)
            {
                return 0;
            }
        }
    }
}
