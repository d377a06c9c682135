namespace Quiva.Gateway.Benchmarks;

/// <summary>What the gateway makes at its first start: database, certificate, keys. Every variant gets a copy of it.</summary>
internal sealed class Seed
{
    private const string Announcement = "Admin API key: ";

    private readonly string directory;

    private Seed(string directory, string key)
    {
        this.directory = directory;
        Key = key;
    }

    /// <summary>An API key of a <c>quiva-admin</c>.</summary>
    public string Key { get; }

    public static async Task<Seed> MakeAsync(string directory)
    {
        Directory.CreateDirectory(directory);
        var key = new TaskCompletionSource<string>();
        using var server = await Server.StartAsync(Variant.Gateway, directory, onLine: line =>
        {
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
            {
                key.TrySetResult(line[Announcement.Length..].Trim());
            }
        });
        return new(directory, await key.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    public string CopyTo(DirectoryInfo root, string name)
    {
        var copy = root.CreateSubdirectory(name).FullName;
        foreach (var file in Directory.GetFiles(directory))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }
}
