using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Eval;

/// <summary>
/// Evaluates JavaScript, in other processes only: no limit of an interpreter keeps hostile code from ending, filling or
/// stopping the process that it runs in. A process that does not answer, or answers nonsense, is ended and replaced.
/// </summary>
public sealed partial class EvalPool(IOptions<EvalOptions> options, ILogger<EvalPool> logger) : IDisposable
{
    /// <summary>The longest code, in bytes of UTF-8.</summary>
    internal const int LongestCode = 64 * 1024;

    // Beyond the second that the child gives the code itself.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);
    private const int MostUses = 10_000;

    private readonly SemaphoreSlim places = new(options.Value.Processes);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> shares = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<EvalChild> idle = [];
    private readonly ConcurrentDictionary<EvalChild, bool> children = new();
    private bool isDisposed;

    /// <summary>The processes that there are.</summary>
    internal IReadOnlyCollection<int> Processes =>
        [.. children.Keys.Where(child => child.IsUsable).Select(child => child.Id)];

    /// <summary>Evaluates code.</summary>
    /// <param name="account">Whose it is: one account does not take all processes while others wait.</param>
    /// <param name="code">JavaScript.</param>
    /// <param name="values">A JSON object of at most 1 MiB: what the code sees.</param>
    /// <param name="cancellationToken">Ends the wait for a process.</param>
    /// <returns>What the code has come to, as JSON of at most 1 MiB.</returns>
    /// <exception cref="StepException">It has come to nothing.</exception>
    public async Task<byte[]> EvaluateAsync(
        string account, string code, byte[] values, CancellationToken cancellationToken)
    {
        if (Encoding.UTF8.GetByteCount(code) > LongestCode)
        {
            throw new StepException("code must have at most 64 KiB");
        }

        var share = shares.GetOrAdd(account, _ => new(Math.Max(1, options.Value.Processes - 1)));
        await share.WaitAsync(cancellationToken);
        try
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                return await EvaluateAsync(Encoding.UTF8.GetBytes(code), values);
            }
            finally
            {
                places.Release();
            }
        }
        finally
        {
            share.Release();
        }
    }

    private async Task<byte[]> EvaluateAsync(byte[] code, byte[] values)
    {
        var child = await TakeAsync();
        (EvalKind Kind, byte[] Content)? answer = null;
        try
        {
            answer = await child.EvaluateAsync(code, values, Patience);
        }
        finally
        {
            GiveBack(child);
        }

        return answer switch
        {
            (EvalKind.Answer, var json) when System.Text.Unicode.Utf8.IsValid(json) => json,
            (EvalKind.Error or EvalKind.LastError, var text) => throw new StepException(Encoding.UTF8.GetString(text)),
            _ => throw new StepException(
                "the code ended its process: it takes too long, nests too deeply or needs too much memory"),
        };
    }

    private async Task<EvalChild> TakeAsync()
    {
        while (idle.TryTake(out var known))
        {
            if (known.IsUsable)
            {
                return known;
            }

            End(known);
        }

        ObjectDisposedException.ThrowIf(isDisposed, this);
        EvalChild? child = null;
        try
        {
            child = await EvalChild.StartAsync(options.Value);
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception
            or InvalidOperationException)
        {
            LogNotStarted(exception);
        }

        if (child is null)
        {
            throw new StepException("no process for the code could be started");
        }

        children[child] = true;
        LogStarted(child.Id);
        return child;
    }

    private void GiveBack(EvalChild child)
    {
        if (child.IsUsable && child.Uses < MostUses && !isDisposed)
        {
            idle.Add(child);
        }
        else
        {
            LogEnded(child.Id);
            End(child);
        }
    }

    private void End(EvalChild child)
    {
        children.TryRemove(child, out _);
        child.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        isDisposed = true;
        foreach (var child in children.Keys)
        {
            End(child);
        }
    }

    [LoggerMessage(EventId = 1601, EventName = "EvalProcessStarted", Level = LogLevel.Information,
        Message = "Process {Id} evaluates code of workflows")]
    private partial void LogStarted(int id);

    [LoggerMessage(EventId = 1602, EventName = "EvalProcessEnded", Level = LogLevel.Information,
        Message = "Process {Id} does not evaluate code any more")]
    private partial void LogEnded(int id);

    [LoggerMessage(EventId = 1603, EventName = "EvalProcessNotStarted", Level = LogLevel.Error,
        Message = "No process to evaluate code could be started")]
    private partial void LogNotStarted(Exception exception);
}
