using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;

namespace Quiva.Gateway.Security;

/// <summary>Section <c>ApiKeys</c>.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>
    /// Seconds, 0 to 60, for which a key that was found valid is not looked up again: so long may an instance take to
    /// notice that another process has revoked it.
    /// </summary>
    [Range(0, 60)]
    public double CacheSeconds { get; set; } = 2;
}

/// <summary>
/// Keys that were found valid a moment ago, by the hash of the key. Unknown keys are never kept. A revocation in this
/// process counts at once.
/// </summary>
internal sealed class ApiKeyCache(ApiKeyOptions options, TimeProvider time)
{
    private const int Most = 10_000;

    private readonly TimeSpan lifetime = TimeSpan.FromSeconds(options.CacheSeconds);
    private volatile ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>The key, if it was found valid lately; else what the look-up returns.</summary>
    /// <param name="hash">The hash of the key.</param>
    /// <param name="lookUp">Finds the key, or null when there is none that counts.</param>
    public async ValueTask<ApiKey?> FindAsync(byte[] hash, Func<byte[], Task<ApiKey?>> lookUp)
    {
        // A key that is revoked while it is looked up lands among the entries that the revocation has dropped.
        var current = entries;
        var name = Convert.ToHexString(hash);
        if (current.TryGetValue(name, out var entry) && time.GetElapsedTime(entry.FoundAt) < lifetime)
        {
            return entry.Key;
        }

        var started = time.GetTimestamp();
        if (await lookUp(hash) is not { } found)
        {
            current.TryRemove(name, out _);
            return null;
        }

        if (lifetime > TimeSpan.Zero)
        {
            if (current.Count >= Most)
            {
                Forget();
                current = entries;
            }

            current[name] = new(found, started);
        }

        return found;
    }

    /// <summary>Looks every key up again.</summary>
    public void Forget() => entries = new(StringComparer.Ordinal);

    private readonly record struct Entry(ApiKey Key, long FoundAt);
}
