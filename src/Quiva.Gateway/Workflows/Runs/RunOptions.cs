using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Section <c>Runs</c>: how workflows run, and how much of it at a time.</summary>
public sealed class RunOptions : IValidatableObject
{
    /// <summary>Whether workflows can run; without it no engine is started, and its schema is not made.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Seconds, 1 to 600, that a caller may wait for a run; it is answered with 504 then, and the run goes on.
    /// </summary>
    [Range(1, 600)]
    public int AwaitSeconds { get; set; } = 60;

    /// <summary>How many turns of runs, and how many steps, this instance works on at a time, 1 to 1000.</summary>
    [Range(1, 1000)]
    public int Concurrency { get; set; } = 64;

    /// <summary>
    /// Runs of one account that are under way at a time; further ones that nobody waits for are queued.
    /// </summary>
    [Range(1, 1_000_000)]
    public int ConcurrentRuns { get; set; } = 20;

    /// <summary>Runs of one account that may be queued; further ones are refused with 429.</summary>
    [Range(0, 10_000_000)]
    public int QueuedRuns { get; set; } = 10_000;

    /// <summary>Runs that one account may start in a minute; further ones are refused with 429.</summary>
    [Range(1, 10_000_000)]
    public int RunsPerMinute { get; set; } = 100;

    /// <summary>Steps of one account that this instance works on at a time.</summary>
    [Range(1, 1000)]
    public int StepsInFlight { get; set; } = 64;

    /// <summary>
    /// Networks in CIDR notation that steps may reach although they are private, on any port and also by plain http.
    /// For development and tests, and for services inside one's own network.
    /// </summary>
    public string[] AllowedNetworks { get; set; } = [];

    /// <summary>Days, 1 to 3650, for which runs that have ended are kept.</summary>
    [Range(1, 3650)]
    public int RetentionDays { get; set; } = 30;

    /// <summary>
    /// Seconds, 5 to 300, after which an instance that has stopped working on something is taken for dead.
    /// </summary>
    [Range(5, 300)]
    public int LeaseSeconds { get; set; } = 30;

    /// <summary>Section <c>Runs:Eval</c>.</summary>
    public Eval.EvalOptions Eval { get; set; } = new();

    /// <summary>Section <c>Runs:Functions</c>.</summary>
    public FunctionOptions Functions { get; set; } = new();

    internal IReadOnlyList<IPNetwork> ParsedNetworks => [.. AllowedNetworks.Select(IPNetwork.Parse)];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllowedNetworks
        .Where(network => !IPNetwork.TryParse(network, out _))
        .Select(network => new ValidationResult(
            $"Runs:AllowedNetworks: '{network}' is not a network in CIDR notation, such as 10.0.0.0/8."));
}
