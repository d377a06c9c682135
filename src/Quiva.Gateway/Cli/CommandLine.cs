using System.CommandLine;
using System.Globalization;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Cli;

/// <summary>The verbs of the command line. Without a verb the gateway serves.</summary>
public static class CommandLine
{
    private static readonly string[] Words = ["counters", "integrations", "keys", "migrate", "secrets", "--help", "-h", "-?", "--version"];

    /// <summary>Runs a verb, or serves.</summary>
    /// <param name="args">What was typed.</param>
    /// <returns>0, or 1 after a failure that was told on standard error.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (args.Length > 0 && Words.Contains(args[0]))
            {
                // Settings may stand anywhere among the words of a verb: they are the ones with a colon in their name.
                var settings = args.Where(IsSetting).ToArray();
                return await Verbs(settings).Parse([.. args.Where(arg => !IsSetting(arg))]).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
            }

            await using var app = Program.Build(args);
            Settings.Validate(app.Services);
            await app.RunAsync();
            return 0;
        }
        catch (Exception exception) when (exception is SettingsException or InvalidOperationException or GatewayException or IOException or System.Data.Common.DbException)
        {
            await Console.Error.WriteLineAsync(exception is SettingsException settings
                ? "The settings can't be used:" + string.Concat(settings.Faults.Select(fault => Environment.NewLine + "- " + fault))
                : exception.Message);
            return 1;
        }
    }

    private static bool IsSetting(string arg) => arg.StartsWith("--", StringComparison.Ordinal) && arg.Split('=')[0].Contains(':');

    private static RootCommand Verbs(string[] settings)
    {
        var root = new RootCommand("Quiva.Gateway: without a verb it serves. Settings are given as --Section:Key=value.")
        {
            IntegrationsCommand.Create((run, cancellationToken) => WithServicesAsync(settings, (services, _) => run(services), cancellationToken)),
            CountersCommand.Create((run, cancellationToken) => WithServicesAsync(settings, (services, _) => run(services), cancellationToken)),
            Keys(settings),
            Secrets(settings),
        };
        var migrate = new Command("migrate", "Apply the migrations that have not run yet, and exit.");
        migrate.SetAction((_, cancellationToken) => WithServicesAsync(settings, (_, applied) =>
        {
            Console.WriteLine(applied.Count == 0 ? "Nothing to apply." : "Applied " + string.Join(", ", applied) + ".");
            return Task.FromResult(0);
        }, cancellationToken));
        root.Add(migrate);
        return root;
    }

    private static Command Keys(string[] settings)
    {
        var account = new Option<string>("--account") { Description = "The account that the key acts for.", Required = true };
        account.Validators.Add(result =>
        {
            if (!Caller.IsAccount(result.GetValueOrDefault<string>()))
            {
                result.AddError("--account must be 1 to 64 letters, digits, '_' and '-'.");
            }
        });
        var roles = new Option<string[]>("--role") { Description = "A role of the key; may be given more than once.", Required = true };
        roles.AcceptOnlyFromAmong([.. OneOfAttribute.TextsOf(typeof(Contract.Role))]);
        var name = new Option<string>("--name") { Description = "What the key is for.", DefaultValueFactory = _ => "" };
        name.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && (text.Length > 200 || text.Any(char.IsControl)))
            {
                result.AddError("--name must be at most 200 characters without control characters.");
            }
        });
        var days = new Option<int?>("--expires-in-days") { Description = "Days until the key stops working; without it the key works until it is revoked." };
        days.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value is < 1 or > 3650))
            {
                result.AddError("--expires-in-days must be 1 to 3650.");
            }
        });
        var create = new Command("create", "Make an API key, and show it once.") { account, roles, name, days };
        create.SetAction((parsed, cancellationToken) => WithServicesAsync(settings, async (services, _) =>
        {
            var (id, key) = await services.GetRequiredService<ApiKeyStore>().CreateAsync(
                parsed.GetRequiredValue(account),
                parsed.GetRequiredValue(roles).Distinct(),
                parsed.GetRequiredValue(name),
                parsed.GetValue(days) is { } count ? TimeSpan.FromDays(count) : null,
                cancellationToken);
            Console.WriteLine($"Id: {id}");
            Console.WriteLine($"API key: {key}");
            return 0;
        }, cancellationToken));

        var list = new Command("list", "List the API keys, without the keys themselves.");
        list.SetAction((_, cancellationToken) => WithServicesAsync(settings, async (services, _) =>
        {
            Console.WriteLine("ID\tACCOUNT\tROLES\tNAME\tCREATED\tEXPIRES\tREVOKED");
            foreach (var key in await services.GetRequiredService<ApiKeyStore>().ListAsync(cancellationToken))
            {
                Console.WriteLine(string.Join('\t', key.Id, key.Account, key.Roles, key.Name, Moment(key.CreatedAt), Moment(key.ExpiresAt), Moment(key.RevokedAt)));
            }

            return 0;
        }, cancellationToken));

        var id = new Argument<string>("id") { Description = "The key's id, from 'keys list'." };
        var revoke = new Command("revoke", "Revoke an API key. A running gateway notices within 2 seconds (ApiKeys:CacheSeconds).") { id };
        revoke.SetAction((parsed, cancellationToken) => WithServicesAsync(settings, async (services, _) =>
        {
            if (await services.GetRequiredService<ApiKeyStore>().RevokeAsync(parsed.GetRequiredValue(id), cancellationToken))
            {
                Console.WriteLine("Revoked.");
                return 0;
            }

            await Console.Error.WriteLineAsync("There is no such key that is not revoked already.");
            return 1;
        }, cancellationToken));
        return new Command("keys", "API keys.") { create, list, revoke };
    }

    private static Command Secrets(string[] settings)
    {
        var newKey = new Option<bool>("--new-key") { Description = "Make a new key first." };
        var reseal = new Command("reseal", "Seal every secret again that is not under the newest key. May be stopped and started again.") { newKey };
        reseal.SetAction((parsed, cancellationToken) => WithServicesAsync(settings, async (services, _) =>
        {
            if (parsed.GetValue(newKey))
            {
                KeyRing.Rotate(services);
            }

            var actor = new Caller("platform", "cli");
            var (resealed, unopened) = await services.GetRequiredService<OauthConfigStore>().ResealAsync(actor, cancellationToken)
                + await services.GetRequiredService<OauthConnectionStore>().ResealAsync(actor, cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Sealed {resealed} secrets again."));
            if (unopened.Count > 0)
            {
                await Console.Error.WriteLineAsync("These do not open, and were left as they are: " + string.Join(", ", unopened));
            }

            return unopened.Count == 0 ? 0 : 1;
        }, cancellationToken));
        return new Command("secrets", "Stored secrets.") { reseal };
    }

    private static async Task<int> WithServicesAsync(
        string[] settings, Func<IServiceProvider, IReadOnlyList<string>, Task<int>> run, CancellationToken cancellationToken)
    {
        // What a verb prints is its result; what the gateway logs goes to standard error.
        await using var app = Program.Build(settings, builder => builder.Logging.ClearProviders().AddSimpleConsole().Services
            .Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace));
        Settings.Validate(app.Services);
        var applied = await Startup.MigrateAsync(app.Services, () => Task.CompletedTask, cancellationToken);
        return await run(app.Services, applied);
    }

    private static string Moment(DateTimeOffset? moment) => moment?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";
}
