using System.Buffers;
using System.Globalization;

namespace Quiva.Gateway.Http;

/// <content>What matches one character: sets, escapes, and characters that stand for themselves.</content>
internal sealed partial class EcmaPattern
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$");

    private static CodePoints Single(int point) => CodePoints.Of((point, point));

    private CodePoints Set()
    {
        at++;
        var isInverted = Take('^');
        var set = CodePoints.Of();
        while (!Take(']'))
        {
            var first = Member();
            if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
            {
                at++;
                var last = Member();
                set = first.Point is { } from && last.Point is { } to && from <= to
                    ? set.And(CodePoints.Of((from, to)))
                    : throw Fault(
                        "a range whose ends are not two characters in their order", @"write \- for the character");
            }
            else
            {
                set = set.And(first.Set);
            }
        }

        return isInverted ? set.Inverted() : set;
    }

    private (CodePoints Set, int? Point) Member()
    {
        if (AtEnd)
        {
            throw Fault("a [ without its ]", @"write \[ for the character");
        }

        if (pattern[at] != '\\')
        {
            var literal = Literal();
            return (Single(literal), literal);
        }

        var escape = Escape(inSet: true);
        return (escape, escape.Only);
    }

    private int Literal()
    {
        if (char.IsSurrogate(pattern[at])
            && !(at + 1 < pattern.Length && char.IsSurrogatePair(pattern[at], pattern[at + 1])))
        {
            throw Fault("half a surrogate pair", "write the whole character");
        }

        var point = char.ConvertToUtf32(pattern, at);
        at += point > char.MaxValue ? 2 : 1;
        return point;
    }

    private CodePoints Escape(bool inSet)
    {
        at++;
        if (AtEnd)
        {
            throw Fault("a backslash at its end", @"write \\ for the character");
        }

        var escaped = pattern[at++];
        switch (escaped)
        {
            case 'd':
                return CodePoints.Digits;
            case 'D':
                return CodePoints.Digits.Inverted();
            case 's':
                return CodePoints.Space;
            case 'S':
                return CodePoints.Space.Inverted();
            case 'w':
                return CodePoints.Word;
            case 'W':
                return CodePoints.Word.Inverted();
            case 'p' or 'P':
                // Letters beyond U+FFFF make automata of thousands of states, which take seconds to build.
                throw Fault("a property of characters", "write a set, or the set of what is not allowed");
            case 'b' when inSet:
                return Single('\b');
            case 'b' or 'B':
                throw Fault(
                    $"\\{escaped}", "state the characters at the border: a word's border means another thing to .NET");
            case (>= '1' and <= '9') or 'k':
                throw Fault(
                    "a back reference",
                    "write the expression again: what was matched can't be remembered without backtracking");
            case '0' when AtEnd || !char.IsAsciiDigit(pattern[at]):
                return Single('\0');
            case 'c' when !AtEnd && char.IsAsciiLetter(pattern[at]):
                return Single(pattern[at++] % 32);
            case 'x':
                return Single(Hexadecimal(2));
            case 'u':
                return Single(Unicode());
            default:
                return "fnrtv"
                    .IndexOf(escaped, StringComparison.Ordinal) is >= 0 and var control ? Single("\f\n\r\t\v"[control])
                    : char.IsAscii(escaped) && !char.IsAsciiLetterOrDigit(escaped) ? Single(escaped)
                    : throw Fault($"\\{escaped}, which ECMA 262 does not have", "write the characters that are meant");
        }
    }

    private int Unicode()
    {
        if (Take('{'))
        {
            var close = pattern.IndexOf('}', at);
            var point = close > at && close <= at + 6 ? Hexadecimal(close - at) : int.MaxValue;
            return Take('}') && System.Text.Rune.IsValid(point)
                ? point
                : throw Fault(@"a \u{…} that is no character", "write its number in hexadecimal");
        }

        var unit = (char)Hexadecimal(4);
        if (!char.IsSurrogate(unit))
        {
            return unit;
        }

        var isPair = char.IsHighSurrogate(unit) && pattern.AsSpan(at).StartsWith(@"\u");
        at += isPair ? 2 : 0;
        var low = isPair ? (char)Hexadecimal(4) : '\0';
        return char.IsLowSurrogate(low)
            ? char.ConvertToUtf32(unit, low)
            : throw Fault("half a surrogate pair", "write the whole character");
    }

    private int Hexadecimal(int digits)
    {
        var isThere = at + digits <= pattern.Length;
        return isThere && int.TryParse(
            pattern.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? (at += digits, number).number
            : throw Fault("an escape without its hexadecimal digits", @"write \xHH, \uHHHH or \u{H…}");
    }
}
