using System.Text.RegularExpressions;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Compares two versions of any OpenAPI 3.0 or 3.1 document.</summary>
public sealed partial class SpecificationComparison
{
    private readonly ContractDocument old;
    private readonly ContractDocument now;
    private readonly ChangeLog log;
    private readonly ParameterChanges parameters;
    private readonly BodyChanges bodies;
    private readonly ResponseChanges responses;

    private SpecificationComparison(ContractDocument old, ContractDocument now, ChangeLog log)
    {
        (this.old, this.now, this.log) = (old, now, log);
        var schemas = new SchemaPairs(new(old), new(now), log);
        parameters = new(old, now, schemas, log);
        bodies = new(schemas, log);
        responses = new(old, now, schemas, log);
    }

    /// <summary>
    /// Tells what has changed for callers: the breaking changes first, each level in the order of the operations.
    /// </summary>
    /// <param name="old">The version that callers know.</param>
    /// <param name="oldFile">What to call its file.</param>
    /// <param name="now">The version to come.</param>
    /// <param name="newFile">What to call its file.</param>
    public static IReadOnlyList<Change> Compare(
        ContractDocument old, string oldFile, ContractDocument now, string newFile)
    {
        var log = new ChangeLog(oldFile, newFile);
        new SpecificationComparison(old, now, log).Operations();
        SecurityChanges.Schemes(old, now, log);
        ServerChanges.Find(old, now, log);
        OtherChanges.Find(log, "webhooks", "webhooks", (old, old.Root["webhooks"]), (now, now.Root["webhooks"]));
        return log.All;
    }

    private void Operations()
    {
        var matches = old.Operations.Select(operation => (Old: operation, New: Counterpart(operation))).ToList();
        foreach (var path in matches.Where(match => match.New is null).GroupBy(match => match.Old.Path))
        {
            Gone([.. path.Select(match => match.Old)]);
        }

        foreach (var (before, after) in matches)
        {
            if (after is not null)
            {
                Compare(before, after);
            }
        }

        foreach (var added in now.Operations.Except(matches.Select(match => match.New).OfType<Operation>()))
        {
            log.Add(Rules.OperationAdded, Name(added), added.Value, $"{Name(added)} is new.");
        }
    }

    // The names of parameters are no part of what callers write into a path.
    private Operation? Counterpart(Operation operation)
    {
        var candidates = ByTemplate[(operation.Method, Template(operation.Path))].ToList();
        return candidates.Find(candidate => candidate.Path == operation.Path) ?? candidates.FirstOrDefault();
    }

    private ILookup<(string, string), Operation> ByTemplate =>
        field ??= now.Operations.ToLookup(operation => (operation.Method, Template(operation.Path)));

    private void Gone(IReadOnlyList<Operation> operations)
    {
        var path = operations[0].Path;
        var isWholePath = now.Operations.All(operation => Template(operation.Path) != Template(path));
        if (isWholePath && operations.All(operation => !IsDeprecated(operation)))
        {
            log.AddGone(
                Rules.PathRemoved,
                path,
                operations[0].PathItem,
                $"The path is gone with {string.Join(", ", operations.Select(operation => operation.Method.ToUpperInvariant()))}.");
            return;
        }

        foreach (var operation in operations)
        {
            log.AddGone(
                IsDeprecated(operation) ? Rules.DeprecatedOperationRemoved : Rules.OperationRemoved,
                Name(operation),
                operation.Value,
                $"{Name(operation)} is gone.");
        }
    }

    private void Compare(Operation before, Operation after)
    {
        var place = Name(after);
        if (before.Value["operationId"] is { } id && id.Text != after.Value["operationId"]?.Text)
        {
            log.Add(
                Rules.OperationIdChanged,
                place,
                after.Value["operationId"] ?? after.Value,
                $"The operationId is {after.Value["operationId"]?.Text ?? "gone"} where it was {id.Text}.");
        }

        if (IsDeprecated(before) != IsDeprecated(after))
        {
            log.Add(
                IsDeprecated(after) ? Rules.OperationDeprecated : Rules.OperationReactivated,
                place,
                after.Value["deprecated"] ?? after.Value,
                IsDeprecated(after) ? "It is deprecated." : "It is no longer deprecated.");
        }

        SecurityChanges.Find(before, after, place, log);
        ServerChanges.Find(before, after, place, log);
        Others(before, after, place);
        parameters.Find(before, after, place);
        bodies.Find(before, after, place);
        responses.Find(before, after, place);
    }

    private void Others(Operation before, Operation after, string place)
    {
        OtherChanges.Find(
            log, $"{place} callbacks", "callbacks", (old, before.Value["callbacks"]), (now, after.Value["callbacks"]));
        foreach (var (type, media) in before.Body?["content"]?.Members ?? [])
        {
            OtherChanges.Find(
                log,
                $"{place} request body encoding",
                "encoding",
                (old, media["encoding"]),
                (now, after.Body?["content"]?[type]?["encoding"]));
        }

        foreach (var (status, response, _) in before.Responses)
        {
            var links = after.Responses.FirstOrDefault(found => found.Status == status).Response?["links"];
            OtherChanges.Find(log, $"{place} response {status} links", "links", (old, response["links"]), (now, links));
        }
    }

    private static bool IsDeprecated(Operation operation) => operation.Value["deprecated"]?.Text == "true";

    private static string Name(Operation operation) => $"{operation.Method.ToUpperInvariant()} {operation.Path}";

    private static string Template(string path) => Placeholder().Replace(path, "{}");

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Placeholder();
}
