namespace Quiva.Gateway.ContractChecks;

/// <summary>Something in a contract that the generator can't turn into a server and two clients.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="What">What it is, a sentence.</param>
/// <param name="Remedy">What to write instead, a sentence.</param>
public sealed record Fault(int Line, string What, string Remedy)
{
    /// <summary>The code that the build shows.</summary>
    public const string Code = "CONTRACT005";

    internal static Fault At(YamlValue value, string what, string remedy) => new(value.Line, what, remedy);
}
