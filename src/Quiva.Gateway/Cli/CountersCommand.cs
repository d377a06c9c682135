using System.CommandLine;
using System.Globalization;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Cli;

/// <summary>The verb <c>counters</c>.</summary>
internal static class CountersCommand
{
    /// <summary>Makes the verb.</summary>
    /// <param name="run">Runs work with the gateway's services.</param>
    public static Command Create(Func<Func<IServiceProvider, Task<int>>, CancellationToken, Task<int>> run)
    {
        var repair = new Option<bool>("--repair") { Description = "Set the counters that are wrong." };
        var check =
            new Command(
                "check",
                "Compare the counters of accounts with their rows: an account's changes wait while it is counted.")
                {
                    repair
                };
        check.SetAction((parsed, cancellationToken) =>
            run(services => CheckAsync(services, parsed.GetValue(repair), cancellationToken), cancellationToken));
        return new Command(
            "counters", "Counters of accounts: totals of lists, and what quotas are held against.") { check };
    }

    private static async Task<int> CheckAsync(
        IServiceProvider services, bool repair, CancellationToken cancellationToken)
    {
        var faults = await services.GetRequiredService<CounterCheckStore>().CheckAsync(repair, cancellationToken);
        foreach (var (account, kind, scope, stored, counted) in faults)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{account} {kind} {scope}: {stored.Total} ({stored.Bytes} bytes), but there are {counted.Total} ({counted.Bytes} bytes)"));
        }

        Console.WriteLine(faults.Count == 0 ? "All counters are right."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{faults.Count} counters {(repair ? "were wrong and are repaired." : "are wrong. --repair sets them.")}"));
        return faults.Count == 0 || repair ? 0 : 1;
    }
}
