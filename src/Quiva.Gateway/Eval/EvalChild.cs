using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Quiva.Gateway.Eval;

/// <summary>
/// A process that evaluates JavaScript, seen from the gateway. It gets none of the gateway's environment, settings,
/// files or connections, and little memory; it lives no longer than the gateway.
/// </summary>
internal sealed class EvalChild : IDisposable
{
    private const string Shell = "/bin/sh";

    // What a system does not know is left out there. The heap's own limit strikes first: that of the address space is
    // for what is not on the heap.
    private const string Limits =
        "for limit in '-c 0' '-f 0' '-n 128' \"-v $0\"; do ulimit $limit 2>/dev/null || :; done; exec \"$@\"";

    // .NET reserves far more addresses than it uses, for code and for the heap's tables.
    private const long ReservedKilobytes = 3 * 1024 * 1024;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    private readonly Process process;

    private EvalChild(Process process) => this.process = process;

    /// <summary>The process's id.</summary>
    public int Id => process.Id;

    /// <summary>How often it has been used.</summary>
    public int Uses { get; private set; }

    /// <summary>Whether it is there and has answered all that it was asked.</summary>
    public bool IsUsable => !isBroken && !process.HasExited;

    private bool isBroken;

    /// <summary>Starts a process and waits until it is ready.</summary>
    /// <param name="options">What it may use.</param>
    /// <returns>Null when it does not become ready.</returns>
    public static async Task<EvalChild?> StartAsync(EvalOptions options)
    {
        var child = new EvalChild(
            Process.Start(StartOf(options)) ?? throw new InvalidOperationException("No process was started."));
        // A runtime that ends by itself says why, with names of the code's functions: nobody's business.
        child.process.ErrorDataReceived += (_, _) => { };
        child.process.BeginErrorReadLine();
        if (await child.AnswerAsync(
            () => EvalFrame.Read(child.process.StandardOutput.BaseStream), StartPatience) is (EvalKind.Ready, _))
        {
            return child;
        }

        child.Dispose();
        return null;
    }

    /// <summary>Has code evaluated.</summary>
    /// <param name="code">JavaScript as UTF-8.</param>
    /// <param name="values">A JSON object.</param>
    /// <param name="patience">After which the process is ended.</param>
    /// <returns>The answer; null when there is none: the process is ended then.</returns>
    public async Task<(EvalKind Kind, byte[] Content)?> EvaluateAsync(byte[] code, byte[] values, TimeSpan patience)
    {
        Uses++;
        var answer = await AnswerAsync(
            () =>
            {
                EvalFrame.Write(process.StandardInput.BaseStream, EvalKind.Code, code);
                EvalFrame.Write(process.StandardInput.BaseStream, EvalKind.Values, values);
                return EvalFrame.Read(process.StandardOutput.BaseStream);
            },
            patience);
        isBroken |= answer is not (EvalKind.Answer or EvalKind.Error, _);
        return answer;
    }

    private async Task<(EvalKind Kind, byte[] Content)?> AnswerAsync(
        Func<(EvalKind Kind, byte[] Content)?> exchange, TimeSpan patience)
    {
        // Pipes are read and written by a thread: nothing but the other end's death ends that.
        var answer = Task.Run(exchange);
        using var given = new CancellationTokenSource();
        if (await Task.WhenAny(answer, Task.Delay(patience, given.Token)) != answer)
        {
            Kill();
        }

        await given.CancelAsync();
        try
        {
            return await answer;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            isBroken = true;
            return null;
        }
    }

    private static ProcessStartInfo StartOf(EvalOptions options)
    {
        string[] words = [.. Program(), EvalHost.Verb];
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        if (!OperatingSystem.IsWindows() && File.Exists(Shell))
        {
            var kilobytes = ReservedKilobytes + (options.MemoryMegabytes * 1024L * 4);
            words = [Shell, "-c", Limits, kilobytes.ToString(CultureInfo.InvariantCulture), .. words];
        }

        start.FileName = words[0];
        foreach (var word in words[1..])
        {
            start.ArgumentList.Add(word);
        }

        SetEnvironment(start.Environment, options);
        return start;
    }

    // Only what the runtime itself needs: where it is, and how little it shall use.
    private static void SetEnvironment(IDictionary<string, string?> environment, EvalOptions options)
    {
        var kept = environment
            .Where(variable => variable.Key.StartsWith("DOTNET_ROOT", StringComparison.OrdinalIgnoreCase)
                || variable.Key.Equals("SystemRoot", StringComparison.OrdinalIgnoreCase))
            .ToList();
        environment.Clear();
        foreach (var (name, value) in kept)
        {
            environment[name] = value;
        }

        environment["DOTNET_GCHeapHardLimit"] = (options.MemoryMegabytes * 1024L * 1024)
            .ToString("x", CultureInfo.InvariantCulture);
        environment["DOTNET_gcServer"] = "0";
        environment["DOTNET_gcConcurrent"] = "0";
        environment["DOTNET_GCHeapCount"] = "1";
        environment["DOTNET_EnableDiagnostics"] = "0";
        // Its double mapping is a file, which the limits forbid.
        environment["DOTNET_EnableWriteXorExecute"] = "0";
        environment["DOTNET_DbgEnableMiniDump"] = "0";
    }

    // The program itself, or the runtime with the program's assembly, as this process was started.
    private static string[] Program()
    {
        var name = typeof(EvalChild).Assembly.GetName().Name!;
        var self = Environment.ProcessPath!;
        // The name has a dot, which is no extension's.
        return Path.GetFileName(self)
            .Equals(name + (OperatingSystem.IsWindows() ? ".exe" : ""), StringComparison.OrdinalIgnoreCase)
            ? [self]
            : [Runtime(), Path.Combine(AppContext.BaseDirectory, name + ".dll")];
    }

    private static string Runtime()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        // shared/Microsoft.NETCore.App/10.0.x
        var installed =
            Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(installed) ? installed : name;
    }

    private void Kill()
    {
        isBroken = true;
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It is gone already.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        process.Dispose();
    }
}
