using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Quiva.Gateway.Oauth.Configurations;

namespace Quiva.Gateway.Http;

/// <summary>
/// <c>minLength</c> and <c>maxLength</c> of the contract. JSON Schema counts Unicode code points; .NET's own attribute
/// counts UTF-16 units.
/// </summary>
/// <param name="minimum">Fewest code points.</param>
/// <param name="maximum">Most code points.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TextLengthAttribute(int minimum, int maximum) : ValidationAttribute
{
    /// <summary>Fewest code points.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>Most code points.</summary>
    public int Maximum { get; } = maximum;

    /// <inheritdoc/>
    public override bool IsValid(object? value)
    {
        if (value is not string text)
        {
            return true;
        }

        return IsAtMost(text, Maximum) && (text.Length >= 2L * Minimum || text.EnumerateRunes().Count() >= Minimum);
    }

    // A code point is one or two UTF-16 units, so most texts need no counting.
    internal static bool IsAtMost(string text, int maximum) =>
        text.Length <= maximum || (text.Length <= 2L * maximum && text.EnumerateRunes().Count() <= maximum);

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => ErrorMessage is { } message ? message
        : Maximum == int.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"{name} must be at least {Minimum} characters long.")
        : string.Create(CultureInfo.InvariantCulture, $"{name} must be {Minimum} to {Maximum} characters long.");
}

/// <summary>
/// <c>pattern</c> of the contract, with the meaning that ECMA 262 gives it: a match anywhere in the text, the empty
/// text included. Matching costs time in proportion to the length of the text.
/// </summary>
/// <param name="pattern">The pattern as the contract has it.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TextPatternAttribute(string pattern) : ValidationAttribute
{
    private static readonly ConcurrentDictionary<string, Regex> Compiled = new(StringComparer.Ordinal);

    private static readonly char[] Ascii = [.. Enumerable.Range(0, 128).Select(code => (char)code)];

    // One set of characters any number of times, ^[a]*$, or with a character of another set among them, ^[a]*[b][a]*$:
    // a text keeps it if each of its characters is in the one, and one of them in the other.
    private static readonly Regex OneSet =
        new(@"^\^(\[(?:[^\]\\]|\\.)+\])(?:[*+]|\*(?<needed>\[(?:[^\]\\]|\\.)+\])\1\*)\$\z");

    private readonly Lazy<(Regex Regex, SearchValues<char>? Plain, SearchValues<char>? Needed)> compiled = new(() =>
    {
        var regex = Compiled.GetOrAdd(pattern, EcmaPattern.Compile);
        return OneSet.Match(pattern) is not { Success: true } sets ? (regex, null, null)
            : (
                regex,
                AsciiIn(sets.Groups[1].Value),
                sets.Groups["needed"] is { Success: true } needed ? AsciiIn(needed.Value) : null);
    });

    /// <summary>The pattern as the contract has it.</summary>
    public string Pattern { get; } = pattern;

    private static SearchValues<char> AsciiIn(string set)
    {
        var regex = EcmaPattern.Compile(set);
        return SearchValues.Create([.. Ascii.Where(character => regex.IsMatch(character.ToString()))]);
    }

    /// <summary>
    /// The member's <c>maxLength</c> in code points. Longer text is refused for its length and never matched.
    /// </summary>
    public int MaximumLength { get; init; } = int.MaxValue;

    /// <summary>
    /// Whether <see cref="RequiredTextAttribute"/> beside it reports blank texts, in the contract's own words.
    /// </summary>
    public bool LeavesBlank { get; init; }

    internal Regex Regex => compiled.Value.Regex;

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is not string text
        || !TextLengthAttribute.IsAtMost(text, MaximumLength)
        || IsPlain(text)
        || Regex.IsMatch(text)
        || (LeavesBlank && VisibleText.IsBlank(text));

    // Most texts are in ASCII, and most patterns one set, or one set with a character of another in it.
    private bool IsPlain(string text) =>
        text.Length > 0
        && compiled.Value.Plain is { } plain
        && !text.AsSpan().ContainsAnyExcept(plain)
        && (compiled.Value.Needed is not { } needed || text.AsSpan().ContainsAny(needed));
}

/// <summary>
/// <c>x-required-message</c> of the contract: the text has to be there and not be blank, and its absence is told in the
/// contract's own words.
/// </summary>
/// <param name="message">The words; <c>{member}</c> stands for the text of another member of the same object.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredTextAttribute(string message) : RequiredAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is string text && !VisibleText.IsBlank(text);

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (IsValid(value))
        {
            return ValidationResult.Success;
        }

        var text = message;
        foreach (var member in validationContext.ObjectType.GetProperties()
            .Where(member => member.PropertyType == typeof(string)))
        {
            // What is too long is a fault of its own, and nothing to repeat.
            var other = (string?)member.GetValue(validationContext.ObjectInstance) is { } told
                && member.GetCustomAttribute<TextLengthAttribute>()?.IsValid(told) != false ? told : "";
            text = text.Replace(
                $"{{{member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name}}}", other, StringComparison.Ordinal);
        }

        return new ValidationResult(text);
    }
}

/// <summary>
/// <c>enum</c> of the contract: a text is one of the constants of a generated class, a number one of a generated enum,
/// and so is each item of a list.
/// </summary>
/// <param name="values">The generated class or enum.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class OneOfAttribute(Type values) : ValidationAttribute
{
    /// <summary>The generated class or enum, named like the contract's component.</summary>
    public Type Values { get; } = values;

    private readonly Lazy<FrozenSet<string>> texts = new(() => TextsOf(values).ToFrozenSet(StringComparer.Ordinal));

    /// <summary>The values of a generated class or enum, as text.</summary>
    /// <param name="values">The class or enum.</param>
    public static IEnumerable<string> TextsOf(Type values) => values.GetFields(
        BindingFlags.Public | BindingFlags.Static)
        .Select(field => Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)!);

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value switch
    {
        null => true,
        string text => texts.Value.Contains(text),
        System.Collections.IEnumerable items => items.Cast<object?>().All(IsValid),
        _ => texts.Value.Contains(Convert.ToString(value, CultureInfo.InvariantCulture)!),
    };

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name)
    {
        var texts = TextsOf(Values).ToList();
        return ErrorMessage ?? $"{name} must be {string.Join(", ", texts[..^1])} or {texts[^1]}.";
    }
}

/// <summary>A list or a map whose items the contract does not make nullable.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class NoNullItemsAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value switch
    {
        System.Collections.IDictionary map => IsValid(map.Values.Cast<object?>()),
        IEnumerable<object?> items => items.All(item => item is not null),
        _ => true,
    };
}

/// <summary>
/// A member that may be left out, but that the contract does not make <c>nullable</c>: null is refused while the body
/// is read.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotNullableAttribute : Attribute
{
    /// <summary>Puts the attribute into effect.</summary>
    /// <param name="type">A type of the contract.</param>
    internal static void Refuse(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.Set is { } set
                && property.AttributeProvider?.IsDefined(typeof(NotNullableAttribute), inherit: true) == true)
            {
                property.Set = (owner, value) => set(owner, value ?? throw new NullMemberException());
            }
        }
    }
}

/// <summary>A member of a body is null, which the contract does not allow.</summary>
internal sealed class NullMemberException : System.Text.Json.JsonException;

/// <summary>
/// <c>format: uri</c> of the contract: an absolute URI with nothing but the characters of RFC 3986, section 2.
/// Variables in it, <c>$(name)</c>, are as RFC 3986 has it; .NET refuses them in a host, so that one is judged with an
/// example in their place.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class AbsoluteUriAttribute : ValidationAttribute
{
    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is not string text || text.Length == 0 || (!text.AsSpan().ContainsAnyExcept(Allowed)
            && char.IsAsciiLetter(text[0])
            && Uri.TryCreate(VariableSet.Example(text), UriKind.Absolute, out _));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => $"{name} must be an absolute URI (RFC 3986).";
}
