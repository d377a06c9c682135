using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Nodes;

/// <summary>A row of <c>nodes</c>.</summary>
public sealed class StoredNode
{
    /// <summary>Its full identifier.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Its <see cref="NodeData"/>.</summary>
    public StoredJson Data { get; init; } = null!;

    /// <summary>Whether it was taken out of use.</summary>
    public bool Archived { get; init; }

    /// <summary>When it was changed last.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>The sequence of that.</summary>
    public long Version { get; init; }

    /// <summary>What the contract has it as.</summary>
    public GetNodeResponse Read() => new()
    {
        Subject = Subject,
        Data = NodeData.Of(Data),
        Archived = Archived,
        Modified = ModifiedAt.ToUnixTimeSeconds(),
    };
}
