using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows;

/// <summary>A row of <c>workflows</c>: one version of a workflow.</summary>
internal sealed class StoredWorkflow
{
    public const string Columns = "subject, collection, resource, first_name, name, description, config, archived, modified_at, version, bytes";

    public string Subject { get; init; } = "";

    public string Collection { get; init; } = "";

    /// <summary>What the version's history is found by.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The name at creation, whose hash is the topic.</summary>
    public string First_name { get; init; } = "";

    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    public string? Config { get; init; }

    public bool Archived { get; init; }

    public DateTimeOffset Modified_at { get; init; }

    public long Version { get; init; }

    /// <summary>How much of the account's quota the row takes.</summary>
    public long Bytes { get; init; }

    /// <summary>That of the row as it shall be.</summary>
    public long Size => Encoding.UTF8.GetByteCount(Name) + Encoding.UTF8.GetByteCount(Description) + Encoding.UTF8.GetByteCount(Config ?? "");

    public bool IsDraft => Subject == Subjects.OfWorkflow(Subjects.CollectionTopicOf(Subject), Subjects.TopicOf(Subject), draft: true);

    public GetWorkflowResponse Read(JsonOptions json) => Read(json, Modified_at);

    public GetWorkflowResponse Read(JsonOptions json, DateTimeOffset modifiedAt) => new()
    {
        Subject = Subject,
        Name = Name,
        Description = Description,
        Config = Config is null ? null : JsonSerializer.Deserialize<WorkflowConfig>(Config, json.JsonSerializerOptions),
        Archived = Archived,
        Modified = modifiedAt.ToUnixTimeSeconds(),
    };
}
