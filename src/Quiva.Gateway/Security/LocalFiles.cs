using Quiva.Gateway.Http;

namespace Quiva.Gateway.Security;

/// <summary>Files in the data directory that only their owner may read.</summary>
internal static class LocalFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the data directory, with mode 0700.</summary>
    public static string Directory(GatewayOptions options)
    {
        var path = options.FullDataDirectory;
        if (OperatingSystem.IsWindows())
        {
            System.IO.Directory.CreateDirectory(path);
        }
        else
        {
            System.IO.Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }

        return path;
    }

    /// <summary>The contents of a file, which is made (mode 0600) if there is none. Processes that start together all get the first one's.</summary>
    public static byte[] ReadOrCreate(GatewayOptions options, string name, Func<byte[]> create)
    {
        var path = Path.Combine(Directory(options), name);
        if (!File.Exists(path))
        {
            var draft = path + "." + Guid.NewGuid();
            var mode = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                mode.UnixCreateMode = OwnerOnly;
            }

            using (var file = new FileStream(draft, mode))
            {
                file.Write(create());
            }

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
}
