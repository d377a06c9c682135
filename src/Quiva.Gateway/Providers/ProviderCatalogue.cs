using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Providers;

/// <summary>
/// What is known of providers: <c>providers.json</c> beside this file, reviewed, embedded. Bare facts of which at least
/// two public sources agree, or which are marked as unsure.
/// </summary>
public sealed class ProviderCatalogue
{
    private const string Resource = "providers.json";

    /// <summary>All of them, by identifier.</summary>
    public IReadOnlyList<Provider> All { get; } = Read();

    /// <summary>A provider, or null.</summary>
    /// <param name="id">Its identifier.</param>
    public Provider? Find(string id) => All.FirstOrDefault(provider => provider.Provider_id == id);

    /// <summary>Those whose identifier or name contains a text, in any case.</summary>
    /// <param name="search">The text; null for all.</param>
    /// <param name="window">Which part of the list.</param>
    public Listing<Provider> List(string? search, Window window)
    {
        var found = All.Where(provider => search is null
            || provider.Provider_id.Contains(search, StringComparison.OrdinalIgnoreCase)
            || provider.Name.Contains(search, StringComparison.OrdinalIgnoreCase)).ToList();
        return new(
            window,
            (after, rows, _, _) => Task.FromResult(
                (found.Where(provider => after is null || string.CompareOrdinal(provider.Provider_id, after) > 0)
                    .Take(rows)
                    .ToList(), false)),
            provider => provider.Provider_id,
            _ => 0,
            _ => Task.FromResult(found.Count));
    }

    private static List<Provider> Read()
    {
        using var stream = typeof(ProviderCatalogue).Assembly.GetManifestResourceStream(Resource)!;
        return [.. JsonSerializer.Deserialize<List<Provider>>(stream)!
            .OrderBy(provider => provider.Provider_id, StringComparer.Ordinal)];
    }
}
