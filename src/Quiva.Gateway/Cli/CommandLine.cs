using System.CommandLine;
using System.Globalization;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Cli;

/// <summary>The verbs of the command line. Without a verb the gateway serves.</summary>
public static class CommandLine
{
    private static readonly string[] Words =
        [
            "accounts", "backup", "changes", "counters", "health", "integrations", "keys", "migrate", "restore",
            "runs", "secrets", "--help", "-h", "-?", "--version"
        ];

    /// <summary>Runs a verb, or serves.</summary>
    /// <param name="args">What was typed.</param>
    /// <returns>0, or 1 after a failure that was told on standard error.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [Eval.EvalHost.Verb])
        {
            return Eval.EvalHost.Run();
        }

        try
        {
            if (args.Length > 0 && Words.Contains(args[0]))
            {
                // Settings may stand anywhere among the words of a verb: they have a colon in their name, except the
                // environment.
                var settings = args.Where(IsSetting).ToArray();
                return await Verbs(settings)
                    .Parse([.. args.Where(arg => !IsSetting(arg))])
                    .InvokeAsync(new() { EnableDefaultExceptionHandler = false });
            }

            await using var app = Program.Build(args);
            Settings.Validate(app.Services);
            await app.RunAsync();
            return 0;
        }
        catch (Exception exception) when (exception is SettingsException or InvalidOperationException or GatewayException or IOException or UnauthorizedAccessException
            or System.Data.Common.DbException)
        {
            await Console.Error.WriteLineAsync(exception is SettingsException settings
                ? "The settings can't be used:"
                    + string.Concat(settings.Faults.Select(fault => Environment.NewLine + "- " + fault))
                : exception.Message);
            return 1;
        }
    }

    private static bool IsSetting(string arg) => arg.StartsWith("--", StringComparison.Ordinal)
        && (arg.Split('=')[0].Contains(':') || arg.StartsWith("--environment=", StringComparison.OrdinalIgnoreCase));

    private static RootCommand Verbs(string[] settings)
    {
        var root = new RootCommand(
            "Quiva.Gateway: without a verb it serves. Settings are given as --Section:Key=value.")
        {
            AccountsVerb.Create(settings),
            ChangesVerb.Create(settings),
            HealthVerb.Create(),
            RunsVerb.Create(settings),
            CountersCommand.Create((run, cancellationToken) => OnGatewayAsync(settings, run, cancellationToken)),
            IntegrationsCommand.Create((run, cancellationToken) => OnGatewayAsync(settings, run, cancellationToken)),
            Keys(settings),
            SecretsVerb.Create(settings),
            BackupVerbs.CreateBackup(settings),
            BackupVerbs.CreateRestore(settings),
        };
        var migrate = new Command("migrate", "Apply the migrations that have not run yet, and exit.");
        migrate.SetAction(async (_, cancellationToken) =>
        {
            await using var app = Build(settings);
            var applied = await Startup.MigrateAsync(app.Services, () => Task.CompletedTask, cancellationToken);
            Console.WriteLine(applied.Count == 0 ? "Nothing to apply." : "Applied " + string.Join(", ", applied) + ".");
            return 0;
        });
        root.Add(migrate);
        return root;
    }

    /// <summary>Takes a number of days alone.</summary>
    /// <param name="option">The option.</param>
    /// <param name="least">The least of them.</param>
    /// <param name="most">The most.</param>
    internal static void RequireDays(Option option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var text }, ..]
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days)
                || days < least || days > most))
        {
            result.AddError($"{option.Name} must be a number of days, {least} to {most}.");
        }
    });

    private static Command Keys(string[] settings)
    {
        var account =
            new Option<string>("--account") { Description = "The account that the key acts for.", Required = true };
        account.Validators.Add(result =>
        {
            if (!Caller.IsAccount(result.GetValueOrDefault<string>()))
            {
                result.AddError("--account must be 1 to 64 letters, digits, '_' and '-'.");
            }
        });
        var roles = new Option<string[]>("--role")
        {
            Description = "A role of the key; may be given more than once.",
            Required = true
        };
        roles.AcceptOnlyFromAmong([.. OneOfAttribute.TextsOf(typeof(Contract.Role))]);
        var name = new Option<string>("--name") { Description = "What the key is for.", DefaultValueFactory = _ => "" };
        name.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && (text.Length > 200 || text.Any(char.IsControl)))
            {
                result.AddError("--name must be at most 200 characters without control characters.");
            }
        });
        var days = new Option<int?>("--expires-in-days")
        {
            Description = "Days until the key stops working; without it the key works until it is revoked."
        };
        RequireDays(days, 1, 3650);
        var create = new Command("create", "Make an API key, and show it once.") { account, roles, name, days };
        create.SetAction((parsed, cancellationToken) => OnGatewayAsync(settings, async services =>
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
        list.SetAction((_, cancellationToken) => OnGatewayAsync(settings, async services =>
        {
            Console.WriteLine("ID\tACCOUNT\tROLES\tNAME\tCREATED\tEXPIRES\tREVOKED");
            foreach (var key in await services.GetRequiredService<ApiKeyStore>().ListAsync(cancellationToken))
            {
                Console.WriteLine(string.Join(
                    '\t',
                    key.Id,
                    key.Account,
                    key.Roles,
                    key.Name,
                    Moment(key.CreatedAt),
                    Moment(key.ExpiresAt),
                    Moment(key.RevokedAt)));
            }

            return 0;
        }, cancellationToken));

        var id = new Argument<string>("id") { Description = "The key's id, from 'keys list'." };
        var revoke = new Command(
            "revoke", "Revoke an API key. A running gateway notices within 2 seconds (ApiKeys:CacheSeconds).") { id };
        revoke.SetAction((parsed, cancellationToken) => OnGatewayAsync(settings, async services =>
        {
            if (await services.GetRequiredService<ApiKeyStore>()
                .RevokeAsync(parsed.GetRequiredValue(id), cancellationToken))
            {
                Console.WriteLine("Revoked.");
                return 0;
            }

            await Console.Error.WriteLineAsync("There is no such key that is not revoked already.");
            return 1;
        }, cancellationToken));
        return new Command("keys", "API keys.") { create, list, revoke };
    }

    /// <summary>Runs a verb on a gateway that is there already.</summary>
    /// <param name="settings">The settings among the words that were typed.</param>
    /// <param name="run">The verb; gets the services.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidOperationException">There is no gateway.</exception>
    internal static async Task<int> OnGatewayAsync(
        string[] settings, Func<IServiceProvider, Task<int>> run, CancellationToken cancellationToken)
    {
        await using var app = Build(settings);
        if (!await app.Services.GetRequiredService<Database>().IsInitializedAsync(cancellationToken))
        {
            // Making one here would leave two: this one, and the one that was meant.
            throw new InvalidOperationException(
                "There is no gateway with these settings (Gateway:DataDirectory, ConnectionStrings:Gateway). Start it first, or run migrate.");
        }

        await Startup.MigrateAsync(app.Services, () => Task.CompletedTask, cancellationToken);
        return await run(app.Services);
    }

    /// <summary>Puts the gateway together for a verb, with settings that were checked.</summary>
    /// <param name="settings">The settings among the words that were typed.</param>
    /// <exception cref="SettingsException">Something is wrong with them.</exception>
    internal static WebApplication Build(string[] settings)
    {
        // What a verb prints is its result; what the gateway logs goes to standard error.
        var app = Program.Build(settings, builder => builder.Logging.ClearProviders().AddSimpleConsole().Services
            .Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
                options => options.LogToStandardErrorThreshold = LogLevel.Trace));
        Settings.Validate(app.Services);
        return app;
    }

    private static string Moment(DateTimeOffset? moment) =>
        moment?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";
}
