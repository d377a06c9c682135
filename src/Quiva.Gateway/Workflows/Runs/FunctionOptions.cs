using System.ComponentModel.DataAnnotations;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Section <c>Runs:Functions</c>: where <c>function</c> steps are carried out.</summary>
public sealed class FunctionOptions : IValidatableObject
{
    /// <summary>
    /// An absolute http or https URL; the function's subject is appended to its path. The operator chooses it, so it
    /// may lead to any address. Without it, workflows with <c>function</c> steps do not run.
    /// </summary>
    public string? Url { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(Url)
            && (!Uri.TryCreate(Url, UriKind.Absolute, out var url)
                || url.Scheme is not ("http" or "https")
                || url.UserInfo.Length > 0
                || url.Query.Length > 0
                || url.Fragment.Length > 0))
        {
            yield return new("Url must be an absolute http or https URL without user information, query and fragment.");
        }
    }

    /// <summary>The URL of a function.</summary>
    /// <param name="subject">Its subject: one segment of the path, whatever is in it.</param>
    /// <exception cref="StepException">No path can have it as a segment.</exception>
    internal Uri UrlOf(string subject) => subject.Trim('.').Length == 0
        ? throw new StepException("the subject names no function")
        : new($"{Url!.TrimEnd('/')}/{Uri.EscapeDataString(subject)}");
}
