namespace Quiva.Gateway.Tests.Operating;

/// <summary>Files of the repository that no assembly holds.</summary>
internal static class RepositoryFiles
{
    private static readonly string Root = Up(AppContext.BaseDirectory);

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    private static string Up(string directory) => File.Exists(Path.Combine(directory, "Quiva.Gateway.sln")) ? directory
        : Up(Path.GetDirectoryName(directory) ?? throw new FileNotFoundException("Quiva.Gateway.sln"));
}
