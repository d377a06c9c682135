using System.Text;

namespace Quiva.Gateway.Http;

/// <summary>A set of Unicode code points, written as a regular expression that reads UTF-16 units.</summary>
internal sealed class CodePoints
{
    private const int FirstSurrogate = 0xD800, FirstLowSurrogate = 0xDC00, LastSurrogate = 0xDFFF;
    private const int LastUnit = 0xFFFF, FirstPair = 0x10000, Last = 0x10FFFF, PairsPerHighSurrogate = 0x400;

    private readonly List<(int From, int To)> ranges;

    private CodePoints(IEnumerable<(int From, int To)> unsorted)
    {
        ranges = [];
        foreach (var (from, to) in unsorted.OrderBy(range => range.From))
        {
            if (ranges is [.., var last] && from <= last.To + 1)
            {
                ranges[^1] = (last.From, Math.Max(last.To, to));
            }
            else
            {
                ranges.Add((from, to));
            }
        }
    }

    /// <summary>ECMA 262's <c>\d</c>.</summary>
    public static CodePoints Digits { get; } = Of(('0', '9'));

    /// <summary>ECMA 262's <c>\w</c>: ASCII letters, digits and the underscore.</summary>
    public static CodePoints Word { get; } = Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    /// <summary>ECMA 262's LineTerminator, which <c>.</c> leaves out.</summary>
    public static CodePoints LineTerminators { get; } = Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));

    /// <summary>ECMA 262's <c>\s</c>: WhiteSpace, which has U+FEFF and not U+0085, and LineTerminator.</summary>
    public static CodePoints Space { get; } = Of(
        ('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
        (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    /// <summary>The set of some ranges, ends included.</summary>
    public static CodePoints Of(params IEnumerable<(int From, int To)> ranges) => new(ranges);

    /// <summary>The code point of a set that has just one.</summary>
    public int? Only => ranges is [var (from, to)] && from == to ? from : null;

    /// <summary>The code points of both sets.</summary>
    public CodePoints And(CodePoints other) => new(ranges.Concat(other.ranges));

    /// <summary>The code points that are not in the set.</summary>
    public CodePoints Inverted()
    {
        var starts = ranges.Select(range => range.To + 1).Prepend(0);
        var ends = ranges.Select(range => range.From - 1).Append(Last);
        return new(starts.Zip(ends).Where(range => range.First <= range.Second));
    }

    /// <summary>Appends what matches one code point of the set, as one item that a quantifier may follow.</summary>
    public void WriteTo(StringBuilder regex)
    {
        // Halves of surrogate pairs are no characters: no text that was read from JSON or UTF-8 has one.
        var units = Within(0, FirstSurrogate - 1).Concat(Within(LastSurrogate + 1, LastUnit)).ToList();
        var pairs = Pairs().ToList();
        if (pairs.Count == 0)
        {
            // The set of nothing matches nothing.
            regex.Append(units.Count > 0 ? SetOf(units) : @"[^\u0000-\uFFFF]");
            return;
        }

        regex.Append("(?:").AppendJoin('|', units.Count > 0 ? pairs.Prepend(SetOf(units)) : pairs).Append(')');
    }

    private IEnumerable<(int From, int To)> Within(int least, int most) => ranges
        .Where(range => range.From <= most && range.To >= least)
        .Select(range => (Math.Max(range.From, least), Math.Min(range.To, most)));

    // High surrogates that are followed by the same low ones share an alternative.
    private IEnumerable<string> Pairs() =>
        from high in Within(FirstPair, Last).SelectMany(ByHighSurrogate).GroupBy(pair => pair.High, pair => pair.Low)
        group (high.Key, high.Key) by SetOf(high) into same
        select SetOf(new CodePoints(same).ranges) + same.Key;

    private static IEnumerable<(int High, (int From, int To) Low)> ByHighSurrogate((int From, int To) range)
    {
        var (from, to) = (range.From - FirstPair, range.To - FirstPair);
        for (var high = from / PairsPerHighSurrogate; high <= to / PairsPerHighSurrogate; high++)
        {
            var first = high * PairsPerHighSurrogate;
            yield return (FirstSurrogate + high, (
                FirstLowSurrogate + Math.Max(from - first, 0),
                FirstLowSurrogate + Math.Min(to - first, PairsPerHighSurrogate - 1)));
        }
    }

    private static string SetOf(IEnumerable<(int From, int To)> units) =>
        $"[{string.Concat(units.Select(range => range.From == range.To ? $"\\u{range.From:X4}" : $"\\u{range.From:X4}-\\u{range.To:X4}"))}]";
}
