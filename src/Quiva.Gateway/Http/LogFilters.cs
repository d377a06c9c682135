namespace Quiva.Gateway.Http;

/// <summary>
/// Suppresses log messages of ASP.NET and .NET that hold parts of a request: its line, query, headers or arguments.
/// Some operations have secrets there, and any request may have one in the wrong place. No setting turns these messages
/// on.
/// </summary>
internal static class LogFilters
{
    // Rejected request lines and headers; and the scope with the path that ASP.NET puts around every message of a
    // request.
    private static readonly string[] Silent =
        ["Microsoft.AspNetCore.Server.Kestrel.BadRequests", "Microsoft.AspNetCore.Hosting.Diagnostics"];

    // Below a warning these print what a caller or a provider has sent.
    private static readonly string[] Talkative =
        [
            "Microsoft.AspNetCore",
            "Microsoft.IdentityModel",
            "Microsoft.Extensions.Http",
            "Microsoft.Extensions.Diagnostics.HealthChecks",
            "System.Net"
        ];

    // These print identifiers of keys and of listeners, nothing of requests.
    private static readonly string[] Harmless = ["Microsoft.AspNetCore.DataProtection"];

    /// <summary>Adds the filter to every rule, so that it decides whichever rule applies to a category.</summary>
    /// <param name="services">The services.</param>
    public static void SuppressSecretBearingLogs(this IServiceCollection services) => services.PostConfigure<LoggerFilterOptions>(options =>
    {
        var rules = options.Rules.Prepend(new LoggerFilterRule(null, null, options.MinLevel, null)).ToList();
        options.Rules.Clear();
        foreach (var rule in rules)
        {
            options.Rules.Add(new(rule.ProviderName, rule.CategoryName, rule.LogLevel, (provider, category, level) =>
                IsAllowed(category, level) && rule.Filter?.Invoke(provider, category, level) != false));
        }
    });

    /// <summary>Whether messages of a category and level never hold anything of a request.</summary>
    /// <param name="category">The logger's category.</param>
    /// <param name="level">The message's level.</param>
    internal static bool IsAllowed(string? category, LogLevel level) => category switch
    {
        null => true,
        _ when Silent.Any(prefix => IsWithin(category, prefix)) => false,
        _ when level >= LogLevel.Warning => true,
        _ when Harmless.Any(prefix => IsWithin(category, prefix)) => level >= LogLevel.Information,
        _ => !Talkative.Any(prefix => IsWithin(category, prefix)),
    };

    private static bool IsWithin(string category, string prefix) =>
        category.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && (category.Length == prefix.Length || category[prefix.Length] == '.');
}
