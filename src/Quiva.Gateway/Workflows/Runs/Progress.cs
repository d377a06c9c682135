namespace Quiva.Gateway.Workflows.Runs;

/// <summary>How a run stands after a step. It goes through the engine's history: names and moments only.</summary>
public sealed class Progress
{
    /// <summary>Whether the run has ended.</summary>
    public bool Ended { get; set; }

    /// <summary>
    /// Steps to carry out, each with the number of attempts that have failed after a <c>#</c> when there are any.
    /// </summary>
    public List<string> Ready { get; set; } = [];

    /// <summary>When the run goes on although nothing has happened, UTC; null when it does not.</summary>
    public DateTime? WakeAt { get; set; }
}
