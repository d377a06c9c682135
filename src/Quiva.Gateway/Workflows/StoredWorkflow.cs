using System.Text;
using System.Text.Json;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Workflows;

/// <summary>A row of <c>workflows</c>: one version of a workflow.</summary>
public sealed class StoredWorkflow
{
    // Whoever locks a row does without its configuration.
    internal const string Small =
        "subject, collection, resource, first_name, name, description, archived, modified_at, version, bytes",
        Columns = Small + ", config", SqliteColumns = Small + ", cast(config as blob) as config";

    /// <summary>Its full identifier.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The full identifier of its collection.</summary>
    public string Collection { get; init; } = "";

    /// <summary>What the version's history is found by.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The name at creation, whose hash is the topic.</summary>
    public string FirstName { get; init; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its description.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its <see cref="WorkflowConfig"/>, if it has one and that was read.</summary>
    public StoredJson? Config { get; init; }

    /// <summary>Whether it was taken out of use.</summary>
    public bool Archived { get; init; }

    /// <summary>When it was changed last.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>The sequence of that.</summary>
    public long Version { get; init; }

    /// <summary>How much of the account's quota it takes.</summary>
    public long Bytes { get; init; }

    /// <summary>Whether it is the draft rather than the published version.</summary>
    public bool IsDraft =>
        Subject == Subjects.OfWorkflow(Subjects.CollectionTopicOf(Subject), Subjects.TopicOf(Subject), draft: true);

    /// <summary>The bytes of a row with such members.</summary>
    internal static long SizeOf(string name, string description, StoredJson? config) =>
        Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(description) + (config?.Size ?? 0);

    /// <summary>Parses the configuration, for those who look into it.</summary>
    /// <param name="options">The options that requests are read with.</param>
    public WorkflowConfig? ReadConfig(JsonSerializerOptions options) => Config?.Read<WorkflowConfig>(options);

    /// <summary>What the contract has it as.</summary>
    public GetWorkflowResponse Read() => Read(Config, ModifiedAt);

    /// <summary>What the contract has it as after a change.</summary>
    /// <param name="config">Its configuration now.</param>
    /// <param name="modifiedAt">When it was changed.</param>
    internal GetWorkflowResponse Read(StoredJson? config, DateTimeOffset modifiedAt) => new()
    {
        Subject = Subject,
        Name = Name,
        Description = Description,
        Config = config is null ? null : WorkflowConfig.Of(config),
        Archived = Archived,
        Modified = modifiedAt.ToUnixTimeSeconds(),
    };
}
