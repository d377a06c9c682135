using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Quiva.Gateway.Eval;

/// <summary>
/// The process that evaluates JavaScript for a gateway: a verb of the same program that reads no settings and opens no
/// database. Reads code and values from standard input, writes answers to standard output, and ends when its input
/// does.
/// </summary>
internal static partial class EvalHost
{
    /// <summary>The verb. Not in the help: only a gateway starts it.</summary>
    public const string Verb = "eval-host";

    private const int Stack = 16 * 1024 * 1024;

    // The gateway ends a child that takes longer; a child whose gateway is gone ends itself.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>Evaluates until the input ends.</summary>
    /// <returns>The exit code.</returns>
    public static int Run()
    {
        LeaveGroup();
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        // Nothing else may write to the pipe.
        Console.SetOut(TextWriter.Null);
        var thread = new Thread(() => Serve(input, output), Stack);
        thread.Start();
        thread.Join();
        return 0;
    }

    private static void Serve(Stream input, Stream output)
    {
        using var watchdog = new Timer(_ => Process.GetCurrentProcess().Kill());
        try
        {
            // The first evaluation loads the interpreter: no caller's second is spent on that.
            _ = Script.Evaluate("JSON.stringify({ a: [1, 'b'].map(x => x) })", "{\"c\":[1.5,\"d\",null]}"u8);
            EvalFrame.Write(output, EvalKind.Ready, []);
            while (EvalFrame.Read(input) is var (first, code)
                && EvalFrame.Read(input) is var (second, values)
                && (first, second) is (EvalKind.Code, EvalKind.Values))
            {
                watchdog.Change(Longest, Timeout.InfiniteTimeSpan);
                var (kind, answer) = Script.Evaluate(Encoding.UTF8.GetString(code), values);
                EvalFrame.Write(output, kind, answer);
                watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                if (kind == EvalKind.LastError)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // The gateway is gone.
        }
    }

    // A signal that a terminal sends to the gateway's group ends the gateway, which then ends this.
    private static void LeaveGroup()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetProcessGroup(0, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpgid")]
    private static partial int SetProcessGroup(int process, int group);
}
