using System.CommandLine;
using System.Globalization;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Cli;

/// <summary>The verb <c>changes</c>.</summary>
internal static class ChangesVerb
{
    /// <summary>Makes the command.</summary>
    /// <param name="settings">The settings among the words that were typed.</param>
    public static Command Create(string[] settings)
    {
        var days = new Option<int>("--older-than")
        {
            Description = "Days that entries are kept: 1 to 36500.",
            Required = true
        };
        CommandLine.RequireDays(days, 1, 36500);
        var prune = new Command(
            "prune", "Remove old entries that no history shows. May be stopped and started again.") { days };
        prune.SetAction((parsed, cancellationToken) => CommandLine.OnGatewayAsync(
            settings, services => PruneAsync(
                services, parsed.GetRequiredValue(days), cancellationToken), cancellationToken));
        return new Command("changes", "The log of changes: audit trail, and history of workflows.")
        {
            ChangesListVerb.Create(settings),
            prune
        };
    }

    private static async Task<int> PruneAsync(IServiceProvider services, int days, CancellationToken cancellationToken)
    {
        var before = services.GetRequiredService<TimeProvider>().GetUtcNow() - TimeSpan.FromDays(days);
        var removed =
            await services.GetRequiredService<ChangePruneStore>().PruneAsync(before, "cli", cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Removed {removed} entries of the log."));
        return 0;
    }
}
