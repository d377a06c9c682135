using System.Buffers.Text;
using System.Text;

namespace Quiva.Gateway.Http;

/// <summary>Which part of a list is wanted: <c>limit</c> and <c>cursor</c> of the contract.</summary>
/// <param name="Limit">How many results at most; null means all.</param>
/// <param name="After">The key of the last result before; null means from the start.</param>
public readonly record struct Window(int? Limit, string? After)
{
    private const long LargestPart = 8 * 1024 * 1024;

    /// <summary>How many rows to read: one more than wanted tells whether there are more.</summary>
    public int Rows => Limit is { } limit ? limit + 1 : int.MaxValue;

    /// <summary>How many characters a part may have before it ends, whatever its limit; a whole list ends where it ends.</summary>
    public long Size => Limit is null ? long.MaxValue : LargestPart;

    /// <summary>Reads the parameters.</summary>
    /// <param name="limit">As bound.</param>
    /// <param name="cursor">As bound.</param>
    /// <exception cref="GatewayException">No list has given this cursor.</exception>
    public static Window Of(int? limit, string? cursor)
    {
        try
        {
            return new(limit, cursor is null ? null : new UTF8Encoding(false, true).GetString(Base64Url.DecodeFromChars(cursor)));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw Unknown(exception);
        }
    }

    /// <summary>The refusal of a cursor that this list has not given.</summary>
    /// <param name="inner">What caused it.</param>
    public static GatewayException Unknown(Exception? inner = null) => new(GatewayError.Invalid, "cursor must be a cursor that this list gave.", inner);

    /// <summary>Cuts what was read to what is wanted.</summary>
    /// <typeparam name="T">The type of a result.</typeparam>
    /// <param name="rows">The <see cref="Rows"/> first rows of what is left of the list, or fewer.</param>
    /// <param name="isCut">Whether there are fewer because of their <see cref="Size"/>.</param>
    /// <param name="keyOf">The key by which the list is ordered.</param>
    /// <returns>The results, and the cursor of the next ones if there are any.</returns>
    public (List<T> Results, string? NextCursor) Cut<T>(List<T> rows, bool isCut, Func<T, string> keyOf)
    {
        if (rows.Count > Limit)
        {
            rows.RemoveAt(rows.Count - 1);
        }
        else if (!isCut)
        {
            return (rows, null);
        }

        return (rows, Base64Url.EncodeToString(Encoding.UTF8.GetBytes(keyOf(rows[^1]))));
    }
}

/// <summary>A part of a list.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="Results">The results of this part.</param>
/// <param name="Total">How many there are in all parts.</param>
/// <param name="NextCursor">Where the next part begins; null after the last one.</param>
public sealed record Listing<T>(IReadOnlyList<T> Results, int Total, string? NextCursor)
{
    /// <summary>The same part with its results turned into something else.</summary>
    /// <typeparam name="TResult">The type of that.</typeparam>
    /// <param name="turn">What turns one into the other.</param>
    public Listing<TResult> Select<TResult>(Func<T, TResult> turn) => new([.. Results.Select(turn)], Total, NextCursor);
}
