using System.Reflection;
using System.Text.RegularExpressions;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests.Http;

/// <summary>Patterns of the contract mean what ECMA 262 says, and no text makes matching one expensive.</summary>
public sealed class PatternTests
{
    // What a large body costs anyway: a thousandth of a second or two.
    private const long MostSteps = 2_000_000;
    private const int Hostile = 100_000;

    /// <summary>All patterns of the generated code.</summary>
    private static IEnumerable<TestCaseData> Contract() =>
        from type in typeof(Gateway.Contract.Error).Assembly.GetTypes()
        where type.Namespace == typeof(Gateway.Contract.Error).Namespace
        from place in type.GetProperties().Cast<ICustomAttributeProvider>()
            .Concat(type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .SelectMany(method => method.GetParameters()))
        let attributes = place.GetCustomAttributes(inherit: false)
        where attributes.OfType<TextPatternAttribute>().Any()
        select new TestCaseData(
            attributes.OfType<TextPatternAttribute>().Single(),
            attributes.OfType<TextLengthAttribute>().SingleOrDefault())
        { TestName = $"{type.Name}.{place}" };

    [TestCaseSource(nameof(Contract))]
    public void A_pattern_takes_few_steps_at_its_longest_text_and_none_beyond(
        TextPatternAttribute pattern, TextLengthAttribute? length)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(length, Is.Not.Null, "Every text that has a pattern has a length.");
            Assert.That(pattern.MaximumLength, Is.EqualTo(length!.Maximum));
            Assert.That(pattern.Regex.Options.HasFlag(RegexOptions.NonBacktracking), "Matching is linear.");
            Assert.That(EcmaPattern.Read(pattern.Pattern).States * pattern.MaximumLength, Is.LessThan(MostSteps));
        }

        foreach (var unit in new[]
        {
            "a",
            " ",
            "\u0001",
            "-a",
            "a,",
            "\" ,",
            "0",
            ".",
            "\ud83d\ude00",
            "ms.hub.config."
        })
        {
            var text = string.Concat(Enumerable.Repeat(unit, Hostile));
            Assert.That(pattern.IsValid(text), "Text that is too long is refused for its length, unmatched.");
            var longest = string.Concat(text.EnumerateRunes().Take(pattern.MaximumLength - 1));
            Assert.That(() => pattern.IsValid(longest + "\u0001"), Throws.Nothing);
        }
    }

    [TestCase(@"^\s$", "\uFEFF", true)]
    [TestCase(@"^\s$", "\u2028", true)]
    [TestCase(@"^\s$", "\u3000", true)]
    [TestCase(@"^\s$", "\u0085", false)]
    [TestCase(@"^\s$", "\u200B", false)]
    [TestCase(@"^\S$", "\u0085", true)]
    [TestCase(@"^[^\s]$", "\uFEFF", false)]
    [TestCase(@"^\d$", "٣", false)]
    [TestCase(@"^\D$", "٣", true)]
    [TestCase(@"^\w$", "é", false)]
    [TestCase(@"^[\w-]$", "-", true)]
    [TestCase(@"^\W$", "é", true)]
    [TestCase(@"^.$", "\r", false)]
    [TestCase(@"^.$", "\u2028", false)]
    [TestCase(@"^.$", "\u0085", true)]
    [TestCase(@"^.$", "\ud83d\ude00", true)]
    [TestCase(@"^.{2}$", "\ud83d\ude00", false)]
    [TestCase(@"^[^a]{1}$", "\ud83d\ude00", true)]
    [TestCase(@"^[\u{1F600}-\u{1F64F}]$", "\ud83d\ude00", true)]
    [TestCase(@"^\ud83d\ude00$", "\ud83d\ude00", true)]
    [TestCase(@"^a$", "a\n", false)]
    [TestCase(@"^a", "b\na", false)]
    [TestCase(@"b", "abc", true)]
    [TestCase(@"^(?<year>\d{4})-(?:\d{2})$", "2026-11", true)]
    [TestCase(@"^a{2,}?$", "aaa", true)]
    [TestCase(@"^(a|b)+?c$", "abac", true)]
    [TestCase(@"^[]$", "a", false)]
    [TestCase(@"^[^]$", "\n", true)]
    [TestCase(@"^\x41\u0042\cJ\0$", "AB\n\0", true)]
    [TestCase(@"^[\b]$", "\b", true)]
    [TestCase(@"^\-\/\@\""$", "-/@\"", true)]
    [TestCase(@"^[A-Za-z]*$", "", true)]
    [TestCase(@"^[A-Za-z]+$", "", false)]
    public void A_pattern_means_what_ECMA_262_says(string pattern, string text, bool matches) =>
        Assert.That(new TextPatternAttribute(pattern).IsValid(text), Is.EqualTo(matches));

    [TestCase(@"^(?=a)a$", "a look ahead or behind")]
    [TestCase(@"^(?!a)b$", "a look ahead or behind")]
    [TestCase(@"(?<=a)b", "a look ahead or behind")]
    [TestCase(@"(?<!a)b", "a look ahead or behind")]
    [TestCase(@"^(a)\1$", "a back reference")]
    [TestCase(@"^(?<a>a)\k<a>$", "a back reference")]
    [TestCase(@"\ba", @"\b")]
    [TestCase(@"(?i)a", "a kind of group")]
    [TestCase(@"(?>a)", "a kind of group")]
    [TestCase(@"a\z", @"\z, which ECMA 262 does not have")]
    [TestCase(@"\p{Script=Greek}", "a property of characters")]
    [TestCase(@"\p{L}", "a property of characters")]
    [TestCase(@"[[:alpha:]]", "a ] that closes or opens nothing")]
    [TestCase(@"a{", "a { that begins no repetition")]
    [TestCase(@"a{2,1}", "a repetition that is not")]
    [TestCase(@"*a", "a * that repeats nothing")]
    [TestCase(@"^*", "a repeated ^")]
    [TestCase(@"(a", "a ( without its )")]
    [TestCase(@"a)", "a ) without its (")]
    [TestCase(@"[a", "a [ without its ]")]
    [TestCase(@"[z-a]", "a range whose ends")]
    [TestCase(@"[a-\d]", "a range whose ends")]
    [TestCase(@"\uD83D", "half a surrogate pair")]
    [TestCase(@"\x4", "an escape without its hexadecimal digits")]
    [TestCase("a\\", "a backslash at its end")]
    [TestCase(@"((a{0,100}){0,100}){0,100}", "repetitions that make more than 5000 states")]
    [TestCase(@"(([^a][^b]){0,49}){0,50}", "too many states for .NET")]
    public void What_cannot_be_matched_so_is_refused_with_a_remedy(string pattern, string fault) => Assert.That(
        () => EcmaPattern.Compile(pattern),
        Throws.TypeOf<FormatException>().With.Message.StartsWith($"has {fault}").And.Message.Matches("; .+"));
}
