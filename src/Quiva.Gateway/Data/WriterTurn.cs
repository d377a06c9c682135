namespace Quiva.Gateway.Data;

/// <summary>On whose behalf the current flow of execution writes: where writers queue, accounts take turns.</summary>
public static class WriterTurn
{
    private static readonly AsyncLocal<string?> Current = new();

    /// <summary>
    /// The account; null for the gateway itself. Set for each request, and by background work for each account that it
    /// works for.
    /// </summary>
    public static string? Account
    {
        get => Current.Value;
        set => Current.Value = value;
    }
}
