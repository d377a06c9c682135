using Quiva.Gateway.Http;

namespace Quiva.Gateway.Security;

/// <summary>Files in the data directory that only their owner may read.</summary>
internal static class LocalFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode = OwnerOnly | UnixFileMode.UserExecute;

    // What the gateway makes: names, and beginnings of names.
    private static readonly string[] Ours = ["gateway.db*", "gateway.engine.lock", "*.key", "localhost.pfx"];

    /// <summary>
    /// Makes the data directory with mode 0700, or tightens the modes of one that exists and of the gateway's files in
    /// it.
    /// </summary>
    /// <param name="options">Where it is.</param>
    /// <returns>Its path.</returns>
    /// <exception cref="InvalidOperationException">
    /// It can't be made or written, or it is a directory that others share.
    /// </exception>
    public static string Directory(GatewayOptions options)
    {
        var path = options.FullDataDirectory;
        RequireWritable(path, "Gateway:DataDirectory");
        if (!OperatingSystem.IsWindows())
        {
            if (File.GetUnixFileMode(path).HasFlag(UnixFileMode.StickyBit) || path == Path.GetPathRoot(path))
            {
                throw new InvalidOperationException(
                    $"Gateway:DataDirectory '{path}' is shared by others: give the gateway a directory of its own.");
            }

            Tighten(path, DirectoryMode);
            foreach (var file in Ours.SelectMany(name => System.IO.Directory.EnumerateFiles(path, name)))
            {
                Tighten(file, OwnerOnly);
            }
        }

        return path;
    }

    /// <summary>Makes a directory unless it exists, and writes to it once.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="setting">The setting that names it.</param>
    /// <exception cref="InvalidOperationException">It can't be made or written.</exception>
    public static void RequireWritable(string path, string setting)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                System.IO.Directory.CreateDirectory(path);
            }
            else
            {
                System.IO.Directory.CreateDirectory(path, DirectoryMode);
            }

            using var probe = new FileStream(
                Path.Combine(
                    path, ".writable."
                        + Guid.NewGuid()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"{setting}: '{path}' can't be written: {exception.Message}", exception);
        }
    }

    /// <summary>Makes an empty file with mode 0600 unless there is one.</summary>
    /// <param name="path">The file.</param>
    public static void CreateEmpty(string path)
    {
        if (!File.Exists(path))
        {
            using var file = new FileStream(path, Options(FileMode.OpenOrCreate));
        }
    }

    /// <summary>Writes a file with mode 0600 in place of one of that name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="contents">Its contents.</param>
    public static void Write(string path, ReadOnlySpan<byte> contents)
    {
        var draft = path + "." + Guid.NewGuid();
        using (var file = new FileStream(draft, Options(FileMode.CreateNew)))
        {
            file.Write(contents);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }

    /// <summary>
    /// The contents of a file, which is made (mode 0600) if there is none. Processes that start together all get the
    /// first one's.
    /// </summary>
    /// <param name="options">Where the data directory is.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="create">Makes the contents.</param>
    public static byte[] ReadOrCreate(GatewayOptions options, string name, Func<byte[]> create)
    {
        var path = Path.Combine(Directory(options), name);
        if (!File.Exists(path))
        {
            var draft = path + "." + Guid.NewGuid();
            Write(draft, create());
            try
            {
                File.Move(draft, path);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process was first.
                File.Delete(draft);
            }
        }

        return File.ReadAllBytes(path);
    }

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }

    private static void Tighten(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) is var current && (current & ~mode) != 0)
        {
            try
            {
                File.SetUnixFileMode(path, current & mode);
            }
            catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
            {
                // Volumes of containers often belong to another user, who then decides who else reads them.
            }
        }
    }
}
