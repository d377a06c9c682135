using System.ComponentModel.DataAnnotations;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway.Contract;

/// <summary>Checked as a whole wherever a body holds it, together with its schema: one answer tells of everything.</summary>
public partial class WorkflowConfig : IValidatableObject
{
    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => WorkflowRules.Problems(this).Select(problem => new ValidationResult(problem));
}
