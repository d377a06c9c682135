using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Cli;

/// <summary>The verb <c>runs</c>.</summary>
internal static class RunsVerb
{
    /// <summary>Makes the command.</summary>
    /// <param name="settings">The settings among the words that were typed.</param>
    public static Command Create(string[] settings)
    {
        var days = new Option<int?>(
            "--older-than")
        { Description = "Days since a run ended, 0 to 3650; Runs:RetentionDays without it." };
        CommandLine.RequireDays(days, 0, 3650);
        var prune =
            new Command(
                "prune", "Remove runs that ended long ago, as a running gateway does by itself. May be stopped and started again.")
                {
                    days
                };
        prune.SetAction((parsed, cancellationToken) => CommandLine.OnGatewayAsync(
            settings, services => PruneAsync(services, parsed.GetValue(days), cancellationToken), cancellationToken));
        return new Command("runs", "Runs of workflows.") { prune };
    }

    private static async Task<int> PruneAsync(IServiceProvider services, int? days, CancellationToken cancellationToken)
    {
        var before = services.GetRequiredService<TimeProvider>().GetUtcNow()
            - TimeSpan.FromDays(days ?? services.GetRequiredService<IOptions<RunOptions>>().Value.RetentionDays);
        var (removed, store) = (0, services.GetRequiredService<RunPruneStore>());
        while (await store.PruneAsync(before, cancellationToken) is > 0 and var some)
        {
            removed += some;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Removed {removed} runs."));
        return 0;
    }
}
