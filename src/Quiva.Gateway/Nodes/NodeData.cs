using System.Text.Json.Serialization;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Contract;

/// <summary>In answers it is the stored text itself.</summary>
public partial class NodeData : IStored
{
    [JsonIgnore]
    StoredJson? IStored.Stored => stored;

    private readonly StoredJson? stored;

    /// <summary>Data as they are stored, for an answer. Their members are not read.</summary>
    /// <param name="stored">What was stored.</param>
    internal static NodeData Of(StoredJson stored) => new(stored);

    /// <summary>Data whose members are set.</summary>
    public NodeData()
    {
    }

    private NodeData(StoredJson stored) => this.stored = stored;
}
