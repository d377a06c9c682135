namespace Quiva.Gateway.Data;

/// <summary>What has to be on the disk before a transaction is answered.</summary>
public enum Durability
{
    /// <summary>All of it: it survives a power cut.</summary>
    Full,

    /// <summary>
    /// It survives the death of the process, but the last ones may be lost by a power cut, in order. For what is
    /// worthless then anyway, such as a lease. Only SQLite tells the two apart.
    /// </summary>
    Relaxed,
}
