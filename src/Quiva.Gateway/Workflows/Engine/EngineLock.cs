using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Engine;

/// <summary>
/// Tells whether this is the only process at work on a SQLite database: each holds a lock on a file beside it that goes
/// with the process. Asked under the application lock, so that of two that start together only one can be the first.
/// </summary>
public sealed class EngineLock(IOptions<DatabaseOptions> database, IOptions<GatewayOptions> gateway) : IDisposable
{
    private FileStream? held;

    /// <summary>Whether no other process was at work when this one started.</summary>
    public bool IsAlone { get; private set; }

    /// <summary>Finds out, and lets others know of this process.</summary>
    public void Take()
    {
        if (database.Value.Provider != DatabaseProvider.Sqlite || held is not null)
        {
            return;
        }

        var path = Path.Combine(gateway.Value.FullDataDirectory, "gateway.engine.lock");
        LocalFiles.CreateEmpty(path);
        try
        {
            File.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None).Dispose();
            IsAlone = true;
        }
        catch (IOException)
        {
            IsAlone = false;
        }

        held = File.Open(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
    }

    /// <inheritdoc/>
    public void Dispose() => held?.Dispose();
}
