namespace Quiva.Gateway.ContractChecks;

/// <summary>Check 6: regenerating the clients changes nothing.</summary>
public static class ClientsCheck
{
    /// <summary>
    /// The checked-in files, from the repository root, and the names under which a build of the C# client makes them
    /// anew.
    /// </summary>
    public static IReadOnlyList<(string Mirror, string Generated)> Files { get; } =
        [
            ("openapi/generated/Client.g.cs", "Client.g.cs"),
            ("src/quiva-gateway-client/src/generated.ts", "generated.ts")
        ];

    /// <summary>Where a build of the C# client makes them, from the repository root.</summary>
    /// <param name="configuration">The build's configuration.</param>
    public static string Output(string configuration) => $"src/Quiva.Gateway.Client/obj/{configuration}/net10.0";

    /// <summary>Finds the first line that differs in each file.</summary>
    /// <param name="read">Gives a file's text by its path from the repository root.</param>
    /// <param name="configuration">The build's configuration.</param>
    public static IReadOnlyList<Finding> Find(Func<string, string> read, string configuration) =>
        // A checkout may end lines in its own way.
        [.. Files.SelectMany(file => MirrorCheck.Find(
            "clients",
            file.Mirror,
            read(file.Mirror).ReplaceLineEndings("\n"),
            read($"{Output(configuration)}/{file.Generated}").ReplaceLineEndings("\n")))];
}
