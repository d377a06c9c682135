using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;

namespace Quiva.Gateway.Http;

/// <summary>Which part of a list is wanted: <c>limit</c> and <c>cursor</c> of the contract.</summary>
/// <param name="Limit">How many results at most; null means all.</param>
/// <param name="After">The key of the last result before; null means from the start.</param>
public readonly record struct Window(int? Limit, string? After)
{
    /// <summary>Reads the parameters.</summary>
    /// <param name="limit">As bound.</param>
    /// <param name="cursor">As bound.</param>
    /// <exception cref="GatewayException">No list has given this cursor.</exception>
    public static Window Of(int? limit, string? cursor)
    {
        try
        {
            return new(
                limit,
                cursor is null ? null : new UTF8Encoding(false, true).GetString(Base64Url.DecodeFromChars(cursor)));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw Unknown(exception);
        }
    }

    /// <summary>The cursor that leads behind a result.</summary>
    /// <param name="key">The key of the result.</param>
    public static string CursorOf(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    /// <summary>The refusal of a cursor that this list has not given.</summary>
    /// <param name="inner">What caused it.</param>
    public static GatewayException Unknown(Exception? inner = null) =>
        new(GatewayError.Invalid, "cursor must be a cursor that this list gave.", inner);
}

/// <summary>Some rows of a list, read at once.</summary>
/// <typeparam name="T">The type of a row.</typeparam>
/// <param name="Rows">The rows.</param>
/// <param name="IsLast">Whether the list, or the part of it that is wanted, ends with them.</param>
/// <param name="NextCursor">Where the next part begins, if there is one.</param>
public readonly record struct ListRead<T>(List<T> Rows, bool IsLast, string? NextCursor);

/// <summary>
/// A list, or a part of it, by key. It is read in short reads while it is written, so that its memory is bounded and no
/// reader is open while its caller is slow; rows that come or go meanwhile may be in it or not.
/// </summary>
/// <typeparam name="T">The type of a row.</typeparam>
/// <param name="window">Which part is wanted.</param>
/// <param name="read">
/// Reads rows behind a key: so many at most, and no further ones once they have so many bytes.
/// </param>
/// <param name="keyOf">The key of a row.</param>
/// <param name="sizeOf">The bytes of a row, about.</param>
/// <param name="total">Counts the rows of the whole list.</param>
public sealed class Listing<T>(
    Window window,
    Func<string?, int, long, CancellationToken, Task<(List<T> Rows, bool IsCut)>> read,
    Func<T, string> keyOf,
    Func<T, long> sizeOf,
    Func<CancellationToken, Task<int>> total)
{
    /// <summary>A part with a limit ends after this many bytes, whatever its limit.</summary>
    public const long LargestPart = 8 * 1024 * 1024;

    private const long LargestRead = 2 * 1024 * 1024;
    private const int MostRowsOfRead = 1000;

    /// <summary>Whether all of the list is wanted.</summary>
    public bool IsWhole => window is { Limit: null, After: null };

    /// <summary>How many rows the whole list has.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<int> TotalAsync(CancellationToken cancellationToken) => total(cancellationToken);

    /// <summary>Reads the rows that are wanted.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    public async IAsyncEnumerable<ListRead<T>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = window.Limit ?? int.MaxValue;
        var room = window.Limit is null ? long.MaxValue : LargestPart;
        for (var (after, isLast) = (window.After, false); !isLast;)
        {
            var most = Math.Min(left, MostRowsOfRead);
            // One row more than wanted tells whether there are more.
            var (rows, hasMore) = await read(after, most + 1, Math.Min(room, LargestRead), cancellationToken);
            if (rows.Count > most)
            {
                rows.RemoveAt(most);
                hasMore = true;
            }

            left -= rows.Count;
            room -= rows.Sum(sizeOf);
            after = rows.Count == 0 ? after : keyOf(rows[^1]);
            isLast = !hasMore || left == 0 || room <= 0;
            yield return new(rows, isLast, hasMore && isLast ? Window.CursorOf(after!) : null);
        }
    }
}
