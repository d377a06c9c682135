using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc.Abstractions;

namespace Quiva.Gateway.ContractChecks.Server;

/// <summary>
/// Check 4: what the server maps is what the contract says, operation by operation and schema by schema. The server is
/// written as a document of its own, and both documents are read by the same rules.
/// </summary>
public static class ServerCheck
{
    /// <summary>Finds what either has and the other has not.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="app">The server; it need not be started.</param>
    public static IReadOnlyList<Finding> Find(ContractDocument contract, WebApplication app)
    {
        var paths = contract.Root["paths"]?.Line ?? 1;
        return [.. Compare("", paths, Features(contract), Features(ServerDocument.Of(app))), .. Undecided(app, paths)];
    }

    private static IReadOnlyList<Feature> Features(ContractDocument document) =>
        [.. OperationFeatures.Of(document), .. SchemaFeatures.OfComponents(document)];

    private static IEnumerable<Finding> Compare(
        string of, int line, IReadOnlyList<Feature> contract, IReadOnlyList<Feature> server)
    {
        foreach (var said in contract)
        {
            var name = of + said.Name;
            if (server.FirstOrDefault(feature => feature.Name == said.Name) is not { } served)
            {
                yield return Finding(
                    said.Line,
                    $"{Capital(name)}{Is(said)} is in the contract, but the server does not have it.",
                    MendMissing(said.Name));
            }
            else if (said.Value != served.Value)
            {
                yield return Finding(
                    said.Line,
                    $"{Capital(name)} is {said.Value} in the contract and {served.Value} on the server.",
                    Mend);
            }
            else
            {
                foreach (var finding in Compare(name + ", ", said.Line, said.Parts, served.Parts))
                {
                    yield return finding;
                }
            }
        }

        foreach (var served in server.Where(feature => contract.All(said => said.Name != feature.Name)))
        {
            yield return Finding(
                line,
                $"{Capital(of + served.Name)}{Is(served)} is on the server, but not in the contract.",
                MendExtra(served.Name));
        }
    }

    private static IEnumerable<Finding> Undecided(WebApplication app, int line) => ServerDocument.Endpoints(app)
        .Where(endpoint => endpoint.Metadata.GetMetadata<ActionDescriptor>() is not null
            && endpoint.Metadata.GetMetadata<IAuthorizeData>() is null
                && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
        .Select(endpoint => Finding(
            line,
            $"The action {endpoint.DisplayName} does not say who may call it.",
            "Put its operation into the contract, or give it [Authorize] or [AllowAnonymous]."));

    private const string Mend =
        "Look for what overrides the contract in src/Quiva.Gateway, or for what build/templates do not generate; or correct the contract.";

    private static string MendMissing(string name) => name.StartsWith("operation ", StringComparison.Ordinal)
        ? "Override its method in the controller of its tag, or take it out of the contract."
        : Mend;

    private static string MendExtra(string name) => name.StartsWith("operation ", StringComparison.Ordinal)
        ? "Add it to the contract, or take it out of the server."
        : Mend;

    private static string Is(Feature feature) => feature.Value is null ? "" : $" = {feature.Value}";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static Finding Finding(int line, string drift, string mend) =>
        new("server", ContractDocument.File, line, drift, mend);
}
