using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway.Contract;

/// <summary>Checked as a whole wherever a body holds it, together with its schema: one answer tells of everything.</summary>
public partial class WorkflowConfig : IValidatableObject
{
    /// <inheritdoc/>
    // What has more than the schema allows is refused anyway, without a look at the whole of it.
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        IsWithin(Nodes, nameof(Nodes)) && IsWithin(Edges, nameof(Edges)) ? WorkflowRules.Problems(this).Select(problem => new ValidationResult(problem)) : [];

    private static bool IsWithin<T>(ICollection<T>? list, string member) =>
        list is null || typeof(WorkflowConfig).GetProperty(member)!.GetCustomAttribute<MaxLengthAttribute>()?.IsValid(list) != false;
}
