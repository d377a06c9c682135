using Microsoft.Data.Sqlite;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Data;

/// <summary>SQLite's file as operators handle it: marked as in use, backed up, restored.</summary>
internal static class DatabaseFile
{
    private static readonly string[] Companions = ["", "-wal", "-shm"];

    /// <summary>Marks the file as in use for as long as the result lives; any number of processes may.</summary>
    /// <param name="database">The file.</param>
    /// <exception cref="IOException">It is being restored.</exception>
    public static IDisposable Use(string database) => Open(database, FileShare.Read);

    /// <summary>
    /// Copies the database as it is at one moment, while others go on reading and writing, and checks the copy.
    /// </summary>
    /// <param name="database">The file.</param>
    /// <param name="target">The copy, which must not exist; it has mode 0600.</param>
    /// <exception cref="InvalidOperationException">The target exists, or the copy is damaged.</exception>
    /// <exception cref="SqliteException">The database can't be read or the copy can't be written.</exception>
    public static void Backup(string database, string target)
    {
        if (File.Exists(target))
        {
            throw new InvalidOperationException($"'{target}' exists already.");
        }

        var draft = DraftOf(target);
        try
        {
            LocalFiles.CreateEmpty(draft);
            using (var source = Connect(database))
            using (var copy = Connect(draft))
            {
                source.BackupDatabase(copy);
            }

            RequireSound(draft, database);
            File.Move(draft, target);
        }
        finally
        {
            Delete(draft);
        }
    }

    /// <summary>Puts a backup in place of the database. What was there is kept beside it.</summary>
    /// <param name="database">The file.</param>
    /// <param name="source">The backup.</param>
    /// <param name="now">The moment, for the name of what is kept.</param>
    /// <returns>Where the database that was there is kept, or null when there was none.</returns>
    /// <exception cref="InvalidOperationException">
    /// The source is no sound database of a gateway, or a gateway is running on this one.
    /// </exception>
    public static string? Restore(string database, string source, DateTimeOffset now)
    {
        if (!File.Exists(source))
        {
            throw new InvalidOperationException($"'{source}' does not exist.");
        }

        using var exclusively = OpenExclusively(database);
        var draft = DraftOf(database);
        try
        {
            LocalFiles.CreateEmpty(draft);
            File.Copy(source, draft, overwrite: true);
            RequireSound(draft, source);
            var kept = File.Exists(database) ? $"{database}.before-restore-{now:yyyyMMddHHmmss}" : null;
            foreach (var companion in Companions.Where(companion => File.Exists(database + companion)))
            {
                File.Move(
                    database + companion, (kept ?? $"{database}.without-database-{now:yyyyMMddHHmmss}") + companion);
            }

            File.Move(draft, database);
            return kept;
        }
        finally
        {
            Delete(draft);
        }
    }

    private static FileStream OpenExclusively(string database)
    {
        try
        {
            return Open(database, FileShare.None);
        }
        catch (IOException)
        {
            throw new InvalidOperationException("A gateway is running on this database. Stop it first.");
        }
    }

    // The operating system's lock on a file of its own: it ends with its process, and a damaged database does not
    // matter to it.
    private static FileStream Open(string database, FileShare share)
    {
        var file = database + ".in-use";
        LocalFiles.CreateEmpty(file);
        return new FileStream(file, FileMode.Open, FileAccess.Read, share, 1);
    }

    private static void RequireSound(string file, string shown)
    {
        try
        {
            using var connection = Connect(file);
            if (Read(connection, "pragma quick_check(1)") is "ok"
                && Read(connection, "select count(*) from sqlite_master where name = 'schema_versions'") is 1L)
            {
                return;
            }
        }
        catch (SqliteException exception)
            when (exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_CORRUPT)
        {
            // Said below.
        }

        throw new InvalidOperationException($"'{shown}' is no sound database of a gateway.");
    }

    private static object? Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static SqliteConnection Connect(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static string DraftOf(string file) => $"{file}.{Guid.NewGuid():n}";

    private static void Delete(string draft)
    {
        foreach (var companion in Companions)
        {
            File.Delete(draft + companion);
        }
    }
}
