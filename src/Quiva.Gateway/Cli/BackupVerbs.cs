using System.CommandLine;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Cli;

/// <summary>
/// The verbs <c>backup</c> and <c>restore</c>, for SQLite. SQL Server has its own, see <c>docs/operations.md</c>.
/// </summary>
internal static class BackupVerbs
{
    /// <summary>Makes the command <c>backup</c>.</summary>
    /// <param name="settings">The settings among the words that were typed.</param>
    public static Command CreateBackup(string[] settings)
    {
        var file = new Argument<string>("file") { Description = "The file to make." };
        var backup =
            new Command("backup", "Copy SQLite's database to a file, while the gateway goes on working.") { file };
        backup.SetAction(async (parsed, _) =>
        {
            await using var app = CommandLine.Build(settings);
            var database = FileOf(app);
            if (!File.Exists(database))
            {
                throw new InvalidOperationException($"There is no database at '{database}'.");
            }

            var target = Path.GetFullPath(parsed.GetRequiredValue(file));
            LocalFiles.RequireWritable(Path.GetDirectoryName(target)!, "backup");
            DatabaseFile.Backup(database, target);
            Console.WriteLine($"Backed up to {target}.");
            Console.WriteLine(
                "It does not hold the master key or certificate that its secrets need: keep that apart from it.");
            return 0;
        });
        return backup;
    }

    /// <summary>Makes the command <c>restore</c>.</summary>
    /// <param name="settings">The settings among the words that were typed.</param>
    public static Command CreateRestore(string[] settings)
    {
        var file = new Argument<string>("file") { Description = "A file that backup has made." };
        var restore = new Command(
            "restore", "Put a backup in place of SQLite's database. The gateway must not be running.") { file };
        restore.SetAction(async (parsed, cancellationToken) =>
        {
            await using var app = CommandLine.Build(settings);
            var database = FileOf(app);
            LocalFiles.Directory(app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value);
            LocalFiles.RequireWritable(Path.GetDirectoryName(database)!, "ConnectionStrings:Gateway");
            string? kept;
            await using (await app.Services.GetRequiredService<Database>().LockAsync(cancellationToken))
            {
                kept = DatabaseFile.Restore(
                    database, Path.GetFullPath(
                        parsed.GetRequiredValue(file)), app.Services.GetRequiredService<TimeProvider>().GetUtcNow());
            }

            Console.WriteLine($"Restored {database}." + (kept is null ? "" : $" What was there is kept as {kept}."));
            // Migrates a backup of an older version, and finds out whether the configured master key or certificate
            // opens its keys.
            await Startup.MigrateAsync(app.Services, () => Task.CompletedTask, cancellationToken);
            Console.WriteLine("Its key ring opens.");
            return 0;
        });
        return restore;
    }

    private static string FileOf(WebApplication app) => app.Services.GetRequiredService<Database>().File
        ?? throw new InvalidOperationException(
            "SQL Server is backed up and restored by its own BACKUP DATABASE and RESTORE DATABASE.");
}
