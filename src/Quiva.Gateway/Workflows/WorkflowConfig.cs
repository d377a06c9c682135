using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Serialization;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway.Contract;

/// <summary>
/// Checked as a whole wherever a body holds it, together with its schema: one answer tells of everything.
/// </summary>
public partial class WorkflowConfig : IValidatableObject, IStored
{
    private readonly StoredJson? stored;

    /// <summary>A configuration whose members are set.</summary>
    public WorkflowConfig()
    {
    }

    private WorkflowConfig(StoredJson stored) => this.stored = stored;

    [JsonIgnore]
    StoredJson? IStored.Stored => stored;

    /// <summary>A configuration as it is stored, for an answer. Its members are not read.</summary>
    /// <param name="stored">What was stored.</param>
    internal static WorkflowConfig Of(StoredJson stored) => new(stored);

    /// <inheritdoc/>
    // What has more than the schema allows is refused anyway, without a look at the whole of it.
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        IsWithin(Nodes, nameof(Nodes)) && IsWithin(Edges, nameof(Edges))
            ? WorkflowRules.Problems(this).Select(problem => new ValidationResult(problem))
            : [];

    private static bool IsWithin<T>(ICollection<T>? list, string member) =>
        list is null
        || typeof(WorkflowConfig).GetProperty(member)!.GetCustomAttribute<MaxLengthAttribute>()?.IsValid(list) != false;
}
