using System.ComponentModel.DataAnnotations;

namespace Quiva.Gateway.Data;

/// <summary>
/// Section <c>Quotas</c>: the most that one account may have. What is there already stays when a quota is lowered.
/// </summary>
public sealed class QuotaOptions
{
    /// <summary>Collections of both types.</summary>
    [Range(1, long.MaxValue)]
    public long Collections { get; set; } = 20_000;

    /// <summary>Bytes of their names and descriptions.</summary>
    [Range(1, long.MaxValue)]
    public long CollectionBytes { get; set; } = 100L * 1024 * 1024;

    /// <summary>Node templates.</summary>
    [Range(1, long.MaxValue)]
    public long Nodes { get; set; } = 200_000;

    /// <summary>Bytes of their data.</summary>
    [Range(1, long.MaxValue)]
    public long NodeBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Versions of workflows: a published workflow has two.</summary>
    [Range(1, long.MaxValue)]
    public long Workflows { get; set; } = 50_000;

    /// <summary>Bytes of their names, descriptions and configurations.</summary>
    [Range(1, long.MaxValue)]
    public long WorkflowBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Configurations in the histories of workflows.</summary>
    [Range(1, long.MaxValue)]
    public long HistoryEntries { get; set; } = 1_000_000;

    /// <summary>Bytes of these configurations.</summary>
    [Range(1, long.MaxValue)]
    public long HistoryBytes { get; set; } = 8L * 1024 * 1024 * 1024;

    /// <summary>Connections. What a provider's answer may hold is limited, so these have no quota of bytes.</summary>
    [Range(1, long.MaxValue)]
    public long Connections { get; set; } = 100_000;

    /// <summary>API keys that are not revoked. The command line may make more.</summary>
    [Range(1, long.MaxValue)]
    public long ApiKeys { get; set; } = 1000;
}
