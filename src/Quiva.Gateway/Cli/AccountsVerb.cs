using System.CommandLine;
using System.Globalization;
using Quiva.Gateway.Accounts;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Cli;

/// <summary>The verb <c>accounts</c>.</summary>
internal static class AccountsVerb
{
    /// <summary>Makes the command.</summary>
    /// <param name="settings">The settings among the words that were typed.</param>
    public static Command Create(string[] settings)
    {
        var name = new Argument<string>("name") { Description = "The account." };
        name.Validators.Add(result =>
        {
            if (!Caller.IsAccount(result.GetValueOrDefault<string>()))
            {
                result.AddError("An account is 1 to 64 letters, digits, '_' and '-'.");
            }
        });
        var dry = new Option<bool>("--dry-run") { Description = "Only say how many rows there are." };
        var keep = new Option<int>("--keep-changes")
        {
            Description =
            "Days, 0 to 36500, for which entries of the log stay that hold no configuration; 0 without it."
        };
        CommandLine.RequireDays(keep, 0, 36500);
        var erase = new Command(
            "erase", "Revoke an account's connections and remove all its rows. May be stopped and started again.")
        {
            name,
            dry,
            keep
        };
        erase.SetAction((parsed, cancellationToken) => CommandLine.OnGatewayAsync(
            settings,
            services => EraseAsync(
                services,
                parsed.GetRequiredValue(name),
                parsed.GetValue(keep),
                parsed.GetValue(dry),
                cancellationToken),
            cancellationToken));
        return new Command("accounts", "Accounts.") { erase };
    }

    private static async Task<int> EraseAsync(
        IServiceProvider services, string account, int days, bool isDry, CancellationToken cancellationToken)
    {
        if (account == AccountErasure.Platform)
        {
            throw new InvalidOperationException(
                "The account 'platform' is the gateway's own: its keys and its log can't be erased.");
        }

        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        // Without days to keep, what is written while this runs goes too.
        var before = days == 0 ? now.AddDays(1) : now - TimeSpan.FromDays(days);
        var counts =
            await services.GetRequiredService<AccountEraseStore>().CountAsync(account, before, cancellationToken);
        if (counts.All(count => count.Rows == 0))
        {
            throw new InvalidOperationException($"There is nothing of an account '{account}'.");
        }

        if (isDry)
        {
            foreach (var (table, rows) in counts.Where(count => count.Rows > 0))
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table}\t{rows}"));
            }

            return 0;
        }

        var erased =
            await services.GetRequiredService<AccountErasure>().EraseAsync(account, before, "cli", cancellationToken);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Erased {account}: {erased.Connections} connections, {erased.Rows} other rows."));
        if (erased.NotRevoked > 0)
        {
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"The tokens of {erased.NotRevoked} connections or sign-ins could not be revoked at their providers; the log names them."));
        }

        if (erased.Left.Count > 0)
        {
            await Console.Error.WriteLineAsync(
                $"Somebody still writes for it: {string.Join(", ", erased.Left)}. Take its access away, then repeat this.");
        }

        return erased.NotRevoked + erased.Left.Count == 0 ? 0 : 1;
    }
}
