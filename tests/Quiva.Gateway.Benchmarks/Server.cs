using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace Quiva.Gateway.Benchmarks;

/// <summary>Something to measure: what follows <c>dotnet</c> on the command line.</summary>
internal sealed record Variant(string Name, params string[] Command)
{
    /// <summary>Settings that are not those of every other measurement.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The hand-written API; what the others are compared with.</summary>
    public static Variant Baseline { get; } = new("baseline", typeof(Program).Assembly.Location, "baseline");

    public static Variant Gateway { get; } =
        Build(
            "gateway",
            typeof(Gateway.Program).Assembly.Location) with
        { Settings = SqlServerDatabase.Current?.Settings ?? [] };

    public static Variant Build(string name, string path) => new(name, Path.GetFullPath(path));
}

/// <summary>A child process that serves on a port of its own, with a data directory of its own.</summary>
internal sealed class Server : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromMilliseconds(5);

    private readonly Process process;
    private readonly string directory;
    private long changes;

    private Server(Variant variant, string directory, Action<string>? onLine)
    {
        Variant = variant;
        this.directory = directory;
        Address = new($"https://localhost:{FreePort()}");
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = onLine is not null
        };
        string[] settings =
        [
            $"--urls={Address}", $"--Gateway:DataDirectory={directory}", "--RateLimit:Enabled=false", "--Logging:LogLevel:Default=Warning",
        ];
        foreach (var argument in variant.Command.Concat(settings).Concat(variant.Settings))
        {
            start.ArgumentList.Add(argument);
        }

        // Where no certificate and no master key have to be configured.
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
        // A killed process would leave its debugger's sockets behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        process = Process.Start(start)!;
        if (onLine is not null)
        {
            process.OutputDataReceived += (_, line) => onLine(line.Data ?? "");
            process.BeginOutputReadLine();
        }
    }

    public Variant Variant { get; }

    public Uri Address { get; }

    /// <summary>Remembers changes that were answered with 200.</summary>
    public void Count(Scenario scenario, int answers)
    {
        if (scenario.Method == HttpMethod.Put && scenario.Expected == HttpStatusCode.OK)
        {
            Interlocked.Add(ref changes, answers);
        }
    }

    /// <summary>The working set of the process, in bytes.</summary>
    public long Memory
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>The largest working set that the process has had, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>CPU time of the process so far: all of it, and what of it was not spent in the kernel.</summary>
    public (TimeSpan Total, TimeSpan User) Cpu
    {
        get
        {
            process.Refresh();
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{Variant.Name} has ended with exit code {process.ExitCode}.");
            }

            return (process.TotalProcessorTime, process.UserProcessorTime);
        }
    }

    /// <summary>Starts a server, and waits for its first answer.</summary>
    /// <param name="variant">What to start.</param>
    /// <param name="directory">Its data directory.</param>
    /// <param name="key">An API key: the first answer has to be a 200. Without one any answer will do.</param>
    /// <param name="onLine">What to do with lines of standard output.</param>
    public static async Task<Server> StartAsync(
        Variant variant, string directory, string key = "", Action<string>? onLine = null)
    {
        var server = new Server(variant, directory, onLine);
        try
        {
            using var client = Load.Client(server.Address, key);
            for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < Patience
                && !server.process.HasExited; await Task.Delay(Pause))
            {
                try
                {
                    using var answer =
                        await client.GetAsync(new Uri("/hub/integrations/oauth-config", UriKind.Relative));
                    return answer.StatusCode == HttpStatusCode.OK || key.Length == 0
                        ? server
                        : throw new InvalidOperationException($"{variant.Name} answers {answer.StatusCode}.");
                }
                catch (HttpRequestException)
                {
                    // It does not listen yet.
                }
            }

            throw new InvalidOperationException($"{variant.Name} does not answer.");
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Proves that the work was done: every answered change left its entry in <c>changes</c>.</summary>
    public void CheckWork()
    {
        const string CountChanges = "select count(*) from changes where subject like 'ms.integration.oauth.config.%'";
        var found = SqlServerDatabase.Current?.Count(CountChanges) ?? CountInFile(CountChanges);
        if (found != changes)
        {
            throw new InvalidOperationException(
                $"{Variant.Name} has answered {changes} changes with 200, and recorded {found}.");
        }
    }

    private long CountInFile(string query)
    {
        using var connection =
            new SqliteConnection($"Data Source={Path.Combine(directory, "gateway.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
