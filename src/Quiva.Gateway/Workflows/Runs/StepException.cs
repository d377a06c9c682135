namespace Quiva.Gateway.Workflows.Runs;

/// <summary>A step failed. The message is told to those who may see the run's data.</summary>
/// <param name="message">What went wrong, without the rejected value.</param>
/// <param name="statusCode">The status that an error step gives, or that the step was answered with.</param>
/// <param name="mayRetry">Whether another attempt could succeed.</param>
/// <param name="inner">What caused it.</param>
public sealed class StepException(
    string message, int? statusCode = null, bool mayRetry = false, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The status that goes with it, or null.</summary>
    public int? StatusCode { get; } = statusCode;

    /// <summary>Whether another attempt could succeed.</summary>
    public bool MayRetry { get; } = mayRetry;
}
