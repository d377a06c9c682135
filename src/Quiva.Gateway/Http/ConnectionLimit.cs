using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway.Http;

/// <summary>
/// Closes new connections when the process gets short of file descriptors: .NET aborts a process that has none left for
/// an assembly or a pipe. One count for all listeners; Kestrel's own limit is for each.
/// </summary>
internal sealed partial class ConnectionLimit(
    IOptions<GatewayOptions> options, TimeProvider time, ILogger<ConnectionLimit> logger)
{
    // For databases, providers, files and assemblies that are opened while the connections last.
    private const int LeastReserve = 64;
    private const int ReserveShare = 10;
    private static readonly TimeSpan Recount = TimeSpan.FromSeconds(1), LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock counting = new();
    private readonly int most = options.Value.MaxConnections ?? int.MaxValue;
    private readonly int? descriptors = Descriptors.Limit();
    private int open;
    private int others;
    private long? counted, logged;

    /// <summary>Applies the limit to every listener, before the TLS handshake.</summary>
    /// <param name="kestrel">Kestrel's options.</param>
    public static void Apply(KestrelServerOptions kestrel) => kestrel.ConfigureEndpointDefaults(listener => listener.Use(next =>
    {
        // Only now: Kestrel is set up before the settings are validated.
        var limit = kestrel.ApplicationServices.GetRequiredService<ConnectionLimit>();
        return connection => limit.RunAsync(connection, next);
    }));

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!TryEnter())
        {
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    private bool TryEnter()
    {
        lock (counting)
        {
            var limit = Math.Min(most, Available());
            if (open < limit)
            {
                Interlocked.Increment(ref open);
                return true;
            }

            if (logged is null || time.GetElapsedTime(logged.Value) >= LogInterval)
            {
                logged = time.GetTimestamp();
                LogRejected(limit);
            }

            return false;
        }
    }

    /// <summary>
    /// Descriptors that connections may use: all but those that other things have open, and a reserve.
    /// </summary>
    private int Available()
    {
        if (descriptors is not { } all)
        {
            return int.MaxValue;
        }

        if (counted is null || time.GetElapsedTime(counted.Value) >= Recount)
        {
            counted = time.GetTimestamp();
            others = Math.Max(0, Descriptors.Open() - open);
        }

        return all - others - Math.Max(LeastReserve, all / ReserveShare);
    }

    [LoggerMessage(EventId = 1103, EventName = "ConnectionsRejected", Level = LogLevel.Warning,
        Message = "New connections are closed: {Limit} are open, the most that the file descriptors or Gateway:MaxConnections allow")]
    private partial void LogRejected(int limit);
}

/// <summary>File descriptors of this process.</summary>
internal static class Descriptors
{
    private const string Directory = "/proc/self/fd", Limits = "/proc/self/limits", Name = "Max open files";

    /// <summary>The most that may be open (RLIMIT_NOFILE), or null where Linux does not say.</summary>
    public static int? Limit()
    {
        var line = OperatingSystem.IsLinux() && File.Exists(Limits)
            ? File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))
            : null;
        return line is not null
            && int.TryParse(line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], out var limit)
            ? limit
            : null;
    }

    /// <summary>How many are open.</summary>
    public static int Open() => System.IO.Directory.EnumerateFiles(Directory).Count();
}
