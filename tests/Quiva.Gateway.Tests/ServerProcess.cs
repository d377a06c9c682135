using System.Diagnostics;
using System.Text.RegularExpressions;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Tests;

/// <summary>The gateway in a process of its own, as it is installed.</summary>
public sealed partial class ServerProcess : IDisposable
{
    private readonly Process process;
    private readonly string directory;

    private ServerProcess(Process process, string directory, Uri address, string? firstKey, string output)
    {
        this.process = process;
        this.directory = directory;
        Address = address;
        FirstKey = firstKey;
        Output = output;
    }

    public Uri Address { get; }

    /// <summary>The admin key that it printed, if it was the one to make it.</summary>
    public string? FirstKey { get; }

    /// <summary>What it printed until it was started.</summary>
    public string Output { get; }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public static Task<ServerProcess> StartAsync(TestDatabase database, params string[] settings) => StartAsync(database, [], null, settings);

    /// <summary>Starts it with environment variables of its own.</summary>
    public static Task<ServerProcess> StartAsync(TestDatabase database, Dictionary<string, string> environment, string[] settings) =>
        StartAsync(database, environment, null, settings);

    /// <summary>Starts it under limits that a shell sets, such as <c>ulimit -n 450</c>.</summary>
    public static Task<ServerProcess> StartUnderAsync(TestDatabase database, string shell, params string[] settings) =>
        StartAsync(database, [], shell, settings);

    /// <summary>Starts another program that serves the gateway.</summary>
    public static Task<ServerProcess> StartProgramAsync(TestDatabase database, string program, Dictionary<string, string> environment, params string[] settings) =>
        StartAsync(database, environment, null, settings, program);

    private static async Task<ServerProcess> StartAsync(
        TestDatabase database, Dictionary<string, string> environment, string? shell, string[] settings, string? program = null)
    {
        var process = Start(environment, shell, program: program, args: [.. database.Settings, "--hostBuilder:reloadConfigOnChange=false", "--environment=Development", "--urls=https://127.0.0.1:0", "--RateLimit:Enabled=false", .. settings]);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            output.Add(line);
            if (line.Contains("Application started", StringComparison.Ordinal))
            {
                var text = string.Join('\n', output);
                // It goes on printing; a full pipe would stop it.
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new(process, database.Directory, new Uri(Listening().Match(text).Groups[1].Value), FirstKeyLine().Match(text) is { Success: true } key ? key.Groups[1].Value : null, text);
            }
        }

        throw new InvalidOperationException("The server did not start: " + string.Join('\n', output) + await process.StandardError.ReadToEndAsync(patience.Token));
    }

    /// <summary>Runs a verb of the command line to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) => RunWithInputAsync("", args);

    /// <summary>Runs a verb with environment variables of its own.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(Dictionary<string, string> environment, params string[] args) =>
        RunWithInputAsync("", args, environment);

    /// <summary>Runs a verb that reads standard input.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunWithInputAsync(
        string input, string[] args, Dictionary<string, string>? environment = null)
    {
        using var process = Start(environment ?? [], null, args, reads: true);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    public HttpClient Client(string key, bool isChecked = true) =>
        GatewayApp.Client(Address, directory, null, headers => headers.Add(ApiKeyHandler.HeaderName, key), isChecked);

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Sends a signal such as STOP or CONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => process.WaitForExitAsync(cancellationToken);

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }

        process.Dispose();
    }

    private static Process Start(Dictionary<string, string> environment, string? shell, string[] args, bool reads = false, string? program = null)
    {
        var start = new ProcessStartInfo(shell is null ? "dotnet" : "/bin/sh") { RedirectStandardInput = reads, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        string[] words = shell is null ? [] : ["-c", shell + "; exec dotnet \"$@\"", "sh"];
        foreach (var word in words.Append(program ?? typeof(Program).Assembly.Location).Concat(args))
        {
            start.ArgumentList.Add(word);
        }

        return Process.Start(start)!;
    }

    [GeneratedRegex("Now listening on: (https?://[0-9.:]+)")]
    private static partial Regex Listening();

    [GeneratedRegex("Admin API key: (\\S+)")]
    private static partial Regex FirstKeyLine();
}
