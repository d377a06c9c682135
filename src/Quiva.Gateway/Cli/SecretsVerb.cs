using System.CommandLine;
using System.Globalization;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Security;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Cli;

/// <summary>The verb <c>secrets</c>.</summary>
internal static class SecretsVerb
{
    /// <summary>Makes the command.</summary>
    /// <param name="settings">The settings among the words that were typed.</param>
    public static Command Create(string[] settings)
    {
        var newKey = new Option<bool>("--new-key") { Description = "Make a new key first." };
        var reseal = new Command(
            "reseal",
            "Seal every secret again that is not under the newest key, and the key ring under the current certificate or master key. "
                + "May be stopped and started again.") { newKey };
        reseal.SetAction((parsed, cancellationToken) => CommandLine.OnGatewayAsync(
            settings, services => ResealAsync(services, parsed.GetValue(newKey), cancellationToken), cancellationToken));
        return new Command("secrets", "Stored secrets.") { reseal };
    }

    private static async Task<int> ResealAsync(IServiceProvider services, bool withNewKey, CancellationToken cancellationToken)
    {
        if (withNewKey)
        {
            KeyRing.Rotate(services);
        }

        var actor = new Caller("platform", "cli");
        var secrets = await services.GetRequiredService<OauthConfigStore>().ResealAsync(actor, cancellationToken)
            + await services.GetRequiredService<OauthConnectionStore>().ResealAsync(actor, cancellationToken)
            + await services.GetRequiredService<RunResealStore>().ResealAsync(actor, cancellationToken);
        var ring = await services.GetRequiredService<KeyRingResealing>().RunAsync(actor, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Sealed {secrets.Count} secrets again."));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Sealed {ring.Count} keys of the key ring again."));
        if (ring.Unopened.Count == 0)
        {
            Console.WriteLine(
                "The database needs the current Secrets:Certificate or Secrets:MasterKey alone. Previous ones may be removed from the settings "
                + "of every instance; keep them for backups made before.");
        }

        var unopened = secrets + ring;
        if (unopened.Unopened.Count > 0)
        {
            await Console.Error.WriteLineAsync("These do not open, and were left as they are: " + string.Join(", ", unopened.Unopened));
        }

        return unopened.Unopened.Count == 0 ? 0 : 1;
    }
}
