using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Collections;

/// <summary>A row of <c>collections</c>.</summary>
public sealed class CollectionRow
{
    /// <summary>Its full identifier.</summary>
    public string Subject { get; init; } = "";

    /// <summary>One of <see cref="Contract.CollectionType"/>.</summary>
    public string CollectionType { get; init; } = "";

    /// <summary>The hash of its name.</summary>
    public string Topic { get; init; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its description.</summary>
    public string Description { get; init; } = "";

    /// <summary>One of <see cref="ChangeType"/>: what happened last.</summary>
    public string Type { get; init; } = "";

    /// <summary>When that was.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>The sequence of that.</summary>
    public long Version { get; init; }

    /// <summary>How much of the account's quota it takes.</summary>
    public long Bytes { get; init; }

    /// <summary>What the contract has it as.</summary>
    public GetCollectionResponse Read() => new()
    {
        Name = Name,
        Collection_type = CollectionType,
        Topic = Topic,
        Description = Description,
        Subject = Subject,
        Sequence = Version,
        Modified = ModifiedAt.ToUnixTimeSeconds(),
        Type = Type,
    };
}
