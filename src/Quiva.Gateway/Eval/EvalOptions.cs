using System.ComponentModel.DataAnnotations;

namespace Quiva.Gateway.Eval;

/// <summary>Section <c>Runs:Eval</c>: the processes that evaluate JavaScript.</summary>
public sealed class EvalOptions
{
    /// <summary>How many there may be, 1 to 16. None is started before it is needed.</summary>
    [Range(1, 16)]
    public int Processes { get; set; } = 2;

    /// <summary>The memory that each may use for values, in MiB, 32 to 1024.</summary>
    [Range(32, 1024)]
    public int MemoryMegabytes { get; set; } = 96;
}
