using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Quiva.Gateway;

/// <summary>Finds settings that nobody reads because their name is mistyped.</summary>
internal static class SettingsNames
{
    private const int Near = 2, ShortestGuess = 4;

    // ASP.NET's own, and those of its host.
    private static readonly string[] Framework =
    [
        "AllowedHosts", "ApplicationName", "Authentication", "CaptureStartupErrors", "ConnectionStrings", "ContentRoot", "DetailedErrors",
        "Environment", "HostBuilder", "HostingStartupAssemblies", "HostingStartupExcludeAssemblies", "Http_Ports", "Https_Port", "Https_Ports",
        "Kestrel", "Logging", "PreferHostingUrls", "PreventHostingStartup", "ShutdownTimeoutSeconds", "SuppressStatusMessages", "Urls", "WebRoot",
    ];

    /// <summary>Sections on the command line and in appsettings files that nobody reads, a sentence each.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="ours">The sections that the gateway reads.</param>
    public static IEnumerable<string> Unknown(IConfiguration configuration, IReadOnlyList<SettingsSection> ours)
    {
        var known = ours.Select(section => section.Name).Concat(Framework).ToList();
        foreach (var name in NamesOf(configuration, IsWrittenForUs)
            .Where(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)
                && !name.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)))
        {
            yield return $"{name} is no section of the settings."
                + (NearestTo(name, known) is { } guess ? $" Did you mean {guess}?" : "");
        }

        foreach (var name in configuration.GetSection("ConnectionStrings").GetChildren().Select(child => child.Key)
            .Where(name => !name.Equals("Gateway", StringComparison.OrdinalIgnoreCase)
                && NearestTo(name, ["Gateway"]) is not null))
        {
            yield return $"ConnectionStrings:{name} is no setting. Did you mean ConnectionStrings:Gateway?";
        }
    }

    /// <summary>
    /// Environment variables that look like mistyped settings: the environment is full of others' names, so these only
    /// warn.
    /// </summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="ours">The sections that the gateway reads.</param>
    /// <returns>A sentence each.</returns>
    public static IEnumerable<string> Suspicious(IConfiguration configuration, IReadOnlyList<SettingsSection> ours)
    {
        var sections = ours.Select(section => section.Name).ToList();
        var settings = ours.SelectMany(section => section.Keys.Select(key => (Section: section.Name, Key: key)))
            .ToList();
        foreach (var name in NamesOf(configuration, provider => provider is EnvironmentVariablesConfigurationProvider))
        {
            if (sections.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            var flat = name.Replace("_", "", StringComparison.Ordinal);
            var meant = settings.FirstOrDefault(
                setting => flat.Equals(setting.Section + setting.Key, StringComparison.OrdinalIgnoreCase));
            if (meant.Key is not null)
            {
                yield return $"The environment variable {name} is no setting. Did you mean {meant.Section}__{meant.Key}?";
            }
            else if (configuration.GetSection(name).GetChildren().Any() && NearestTo(name, sections) is { } guess)
            {
                yield return $"Environment variables {name}__… are no settings. Did you mean {guess}__…?";
            }
        }
    }

    private static bool IsWrittenForUs(IConfigurationProvider provider) => provider is CommandLineConfigurationProvider
        || (provider is JsonConfigurationProvider { Source.Path: { } path }
            && Path.GetFileName(path).StartsWith("appsettings", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> NamesOf(
        IConfiguration configuration, Func<IConfigurationProvider, bool> isWanted) =>
        ((IConfigurationRoot)configuration).Providers.Where(isWanted)
            .SelectMany(provider => provider.GetChildKeys([], null))
            .Distinct(StringComparer.OrdinalIgnoreCase);

    private static string? NearestTo(string name, IEnumerable<string> known) =>
        name.Length < ShortestGuess ? null : known
            .Select(candidate => (candidate, Distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(pair => pair.Distance <= Near)
            .OrderBy(pair => pair.Distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();

    /// <summary>Letters that have to be added, removed or replaced (Levenshtein's distance).</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
