using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Providers;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Cli;

/// <summary>The verb <c>integrations</c>.</summary>
internal static class IntegrationsCommand
{
    /// <summary>Makes the verb.</summary>
    /// <param name="run">Runs work with the gateway's services.</param>
    public static Command Create(Func<Func<IServiceProvider, Task<int>>, CancellationToken, Task<int>> run)
    {
        var provider = new Argument<string>(
            "provider")
        { Description = "A provider of the catalogue, such as github; see GET /hub/providers." };
        var clientId = new Option<string>("--client-id")
        {
            Description = "The client id that the provider gave.",
            Required = true
        };
        var scopes = new Option<string?>("--scopes")
        {
            Description = "Scopes that may be asked for, separated by commas; the provider's usual ones unless given."
        };
        var id = new Option<string?>("--id") { Description = "The integration's id; the provider's unless given." };
        var redirect = new Option<string?>("--redirect-url")
        {
            Description = "Where the provider sends the browser; the gateway's own callback unless given."
        };
        var add = new Command(
            "add",
            "Store the OAuth configuration of a provider. The client secret is read from standard input, or asked for.")
        {
            provider, clientId, scopes, id, redirect,
        };
        add.SetAction((parsed, cancellationToken) => run(
            services => AddAsync(
                services,
                parsed.GetRequiredValue(provider),
                parsed.GetRequiredValue(clientId),
                parsed.GetValue(scopes),
                parsed.GetValue(id),
                parsed.GetValue(redirect),
                cancellationToken),
            cancellationToken));
        var list = new Command("list", "List the stored OAuth configurations, without their secrets.");
        list.SetAction(
            (_, cancellationToken) => run(services => ListAsync(services, cancellationToken), cancellationToken));
        return new Command("integrations", "OAuth configurations of providers.") { add, list };
    }

    private static async Task<int> AddAsync(
        IServiceProvider services, string providerId, string clientId, string? scopes, string? id, string? redirect, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<ProviderCatalogue>().Find(providerId) is not { } provider)
        {
            await Console.Error.WriteLineAsync(
                "The catalogue has no such provider. GET /hub/providers?search= finds what there is.");
            return 1;
        }

        var callback = services.GetRequiredService<IOptions<GatewayOptions>>().Value.PublicUrl
            .TrimEnd('/') + "/hub/integrations/oauth-callback";
        var config = ProviderConfigs.Create(
            provider, id ?? providerId, scopes ?? provider.Default_scopes, clientId, Secret(), redirect ?? callback);
        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(config, new ValidationContext(config), faults, validateAllProperties: true))
        {
            // Generated members begin with a capital letter, the contract's do not.
            await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, faults.Select(fault => fault.MemberNames.Aggregate(
                fault.ErrorMessage!, (text, member) =>
                    text.Replace(member, member.ToLowerInvariant(), StringComparison.Ordinal)))));
            return 1;
        }

        ConfigRules.Require(config);
        await services.GetRequiredService<EndpointRules>().CheckAsync(config, cancellationToken);
        await services.GetRequiredService<OauthConfigStore>()
            .SaveAsync(config, IfMatch.Parse(null), new Caller("platform", "cli"), cancellationToken);
        Console.WriteLine(
            $"Stored {config.Integration_id} ({provider.Name}). Its redirect URL, to be registered at the provider: {config.Redirect_url}");
        foreach (var fact in provider.Unsure ?? [])
        {
            Console.WriteLine($"Check: {fact}");
        }

        return 0;
    }

    // Never an argument: those are seen by every user of the machine, and kept by shells.
    private static string Secret()
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine()?.Trim() ?? "";
        }

        Console.Error.Write("Client secret: ");
        var secret = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                secret.Length = Math.Max(0, secret.Length - 1);
            }
            else
            {
                secret.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return secret.ToString();
    }

    private static async Task<int> ListAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        Console.WriteLine("ID\tNAME\tSCOPES");
        await foreach (var read in services.GetRequiredService<OauthConfigStore>()
            .List(default)
            .ReadAsync(cancellationToken))
        {
            foreach (var config in read.Rows)
            {
                Console.WriteLine(string.Join('\t', config.Integration_id, config.Name, config.Scopes));
            }
        }

        return 0;
    }
}
