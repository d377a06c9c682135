using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Quiva.Gateway.Http;

/// <summary>
/// Rewrites a <c>pattern</c> of the contract, which JSON Schema reads as ECMA 262 does with its <c>u</c> flag, as a
/// regular expression that .NET matches without backtracking. Its classes, <c>.</c>, <c>^</c> and <c>$</c> differ
/// between the two, and .NET refuses its own
/// <c>ECMAScript</c> mode together with <c>NonBacktracking</c>, so each becomes an explicit set or anchor.
/// </summary>
internal sealed partial class EcmaPattern
{
    /// <summary>
    /// The most states that a pattern may have, with all its repetitions written out: each may cost a step for each
    /// character.
    /// </summary>
    public const int MostStates = 5000;

    private const int Unbounded = -1;

    private readonly string pattern;
    private readonly StringBuilder regex = new();
    private int at;

    private EcmaPattern(string pattern) => this.pattern = pattern;

    private bool AtEnd => at == pattern.Length;

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <returns>
    /// The same pattern for .NET, and how many states it has: matching takes at most so many steps for each character
    /// of a text.
    /// </returns>
    /// <exception cref="FormatException">
    /// It is no pattern of ECMA 262, or can't be matched without backtracking. The message says what and where, for the
    /// author of the contract.
    /// </exception>
    public static (string Regex, long States) Read(string pattern)
    {
        var reader = new EcmaPattern(pattern);
        var states = reader.Alternatives();
        return reader.AtEnd
            ? (reader.regex.ToString(), states)
            : throw reader.Fault("a ) without its (", @"write \) for the character");
    }

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <exception cref="FormatException">As <see cref="Read"/> says.</exception>
    public static Regex Compile(string pattern)
    {
        try
        {
            return new(Read(pattern).Regex, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException exception)
        {
            throw new FormatException(
                "has too many states for .NET; repeat less, or leave the length to maxLength", exception);
        }
    }

    // Each part returns how many states it has.
    private long Alternatives()
    {
        var states = Sequence();
        while (Take('|'))
        {
            regex.Append('|');
            states += Sequence();
        }

        return states;
    }

    private long Sequence()
    {
        var states = 0L;
        while (!AtEnd && pattern[at] is not ('|' or ')'))
        {
            states += Repeated();
        }

        return states <= MostStates ? states : throw Fault(
            $"repetitions that make more than {MostStates} states", "repeat less, or leave the length to maxLength");
    }

    private long Repeated()
    {
        var start = at;
        var from = regex.Length;
        var states = Item();
        var isAnchor = pattern[start] is '^' or '$';
        if (Quantifier() is not var (least, most))
        {
            return states;
        }

        if (isAnchor)
        {
            throw Fault($"a repeated {pattern[start]}", "take the repetition out");
        }

        // Greedy or lazy decides where a match ends, and not whether there is one.
        Take('?');
        regex.Insert(from, "(?:")
            .Append(CultureInfo.InvariantCulture, $"){{{least},{(most == Unbounded ? "" : most)}}}");
        return states * Math.Max(1, most == Unbounded ? least + 1L : most);
    }

    private (int Least, int Most)? Quantifier()
    {
        if (Take('*'))
        {
            return (0, Unbounded);
        }

        if (Take('+'))
        {
            return (1, Unbounded);
        }

        if (Take('?'))
        {
            return (0, 1);
        }

        if (!Take('{'))
        {
            return null;
        }

        var least = Number() ?? throw Fault("a { that begins no repetition", @"write \{ for the character");
        var most = !Take(',') ? least : Number() ?? Unbounded;
        return Take('}') && (most == Unbounded || most >= least)
            ? (least, most)
            : throw Fault("a repetition that is not {n}, {n,} or {n,m}", @"write \{ for the character");
    }

    private int? Number()
    {
        var start = at;
        while (!AtEnd && char.IsAsciiDigit(pattern[at]))
        {
            at++;
        }

        return start == at ? null
            : int.TryParse(
                pattern.AsSpan(start, at - start),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var number) ? number
            : throw Fault("a repetition that is too large", "repeat less, or leave the length to maxLength");
    }

    private long Item()
    {
        switch (pattern[at])
        {
            case '^':
                at++;
                regex.Append(@"\A");
                return 1;
            case '$':
                at++;
                regex.Append(@"\z");
                return 1;
            case '(':
                return Group();
            case '[':
                return Write(Set());
            case '.':
                at++;
                return Write(CodePoints.LineTerminators.Inverted());
            case '*' or '+' or '?':
                throw Fault($"a {pattern[at]} that repeats nothing", $"write \\{pattern[at]} for the character");
            case '{' or '}' or ']':
                throw Fault(
                    $"a {pattern[at]} that closes or opens nothing", $"write \\{pattern[at]} for the character");
            default:
                return Write(pattern[at] == '\\' ? Escape(inSet: false) : Single(Literal()));
        }
    }

    private long Group()
    {
        at++;
        if (Take('?'))
        {
            GroupKind();
        }

        regex.Append("(?:");
        var states = Alternatives();
        regex.Append(')');
        return Take(')') ? Math.Max(1, states) : throw Fault("a ( without its )", @"write \( for the character");
    }

    // What a group captures is of no use to a pattern: it matches or it does not.
    private void GroupKind()
    {
        if (Take(':'))
        {
            return;
        }

        if (pattern.AsSpan(at) is ['=' or '!', ..] or ['<', '=' or '!', ..])
        {
            throw Fault(
                "a look ahead or behind",
                "state what the text is in one expression: looking around can't be matched without backtracking");
        }

        var close = pattern.IndexOf('>', at);
        if (!Take('<') || close < 0 || pattern.AsSpan(at, close - at).ContainsAnyExcept(NameCharacters))
        {
            throw Fault("a kind of group that ECMA 262 does not have", "write ( ), (?: ) or (?<name> )");
        }

        at = close + 1;
    }

    private long Write(CodePoints set)
    {
        set.WriteTo(regex);
        return 1;
    }

    private bool Take(char character)
    {
        var isThere = !AtEnd && pattern[at] == character;
        at += isThere ? 1 : 0;
        return isThere;
    }

    private FormatException Fault(string what, string remedy) =>
        new(string.Create(
            CultureInfo.InvariantCulture, $"has {what}, near character {Math.Min(at + 1, pattern.Length)}; {remedy}"));
}
