using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Quiva.Gateway.Oauth.Configurations;

namespace Quiva.Gateway.Http;

/// <summary>
/// <c>minLength</c> and <c>maxLength</c> of the contract. JSON Schema counts Unicode code points; .NET's own attribute counts UTF-16 units.
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
/// <c>pattern</c> of the contract, with the meaning that ECMA 262 gives it: a match anywhere in the text, the empty text included.
/// Matching costs time in proportion to the length of the text.
/// </summary>
/// <param name="pattern">The pattern as the contract has it.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TextPatternAttribute(string pattern) : ValidationAttribute
{
    private static readonly ConcurrentDictionary<string, Regex> Compiled = new(StringComparer.Ordinal);

    private static readonly char[] Ascii = [.. Enumerable.Range(0, 128).Select(code => (char)code)];

    // One set of characters and nothing else, any number of times: a text keeps it if each of its characters does.
    private static readonly Regex OneSet = new(@"^\^\[(?:[^\]\\]|\\.)+\][*+]\$\z");

    private readonly Lazy<(Regex Regex, SearchValues<char>? Plain)> compiled = new(() =>
    {
        var regex = Compiled.GetOrAdd(pattern, EcmaPattern.Compile);
        return (regex, OneSet.IsMatch(pattern) ? SearchValues.Create([.. Ascii.Where(character => regex.IsMatch(character.ToString()))]) : null);
    });

    /// <summary>The pattern as the contract has it.</summary>
    public string Pattern { get; } = pattern;

    /// <summary>The member's <c>maxLength</c> in code points. Longer text is refused for its length and never matched.</summary>
    public int MaximumLength { get; init; } = int.MaxValue;

    internal Regex Regex => compiled.Value.Regex;

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is not string text || !TextLengthAttribute.IsAtMost(text, MaximumLength) || IsPlain(text) || Regex.IsMatch(text);

    // Most texts are in ASCII, and most patterns one set.
    private bool IsPlain(string text) => text.Length > 0 && compiled.Value.Plain is { } plain && !text.AsSpan().ContainsAnyExcept(plain);
}

/// <summary>
/// <c>x-required-message</c> of the contract: the text has to be there and not be blank, and its absence is told in the contract's own words.
/// </summary>
/// <param name="message">The words; <c>{member}</c> stands for the text of another member of the same object.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredTextAttribute(string message) : RequiredAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (base.IsValid(value))
        {
            return ValidationResult.Success;
        }

        var text = message;
        foreach (var member in validationContext.ObjectType.GetProperties().Where(member => member.PropertyType == typeof(string)))
        {
            // What is too long is a fault of its own, and nothing to repeat.
            var other = (string?)member.GetValue(validationContext.ObjectInstance) is { } told && member.GetCustomAttribute<TextLengthAttribute>()?.IsValid(told) != false ? told : "";
            text = text.Replace($"{{{member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name}}}", other, StringComparison.Ordinal);
        }

        return new ValidationResult(text);
    }
}

/// <summary><c>enum</c> of the contract: a text is one of the constants of a generated class, a number one of a generated enum, and so is each item of a list.</summary>
/// <param name="values">The generated class or enum.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class OneOfAttribute(Type values) : ValidationAttribute
{
    /// <summary>The generated class or enum, named like the contract's component.</summary>
    public Type Values { get; } = values;

    private readonly Lazy<FrozenSet<string>> texts = new(() => TextsOf(values).ToFrozenSet(StringComparer.Ordinal));

    /// <summary>The values of a generated class or enum, as text.</summary>
    /// <param name="values">The class or enum.</param>
    public static IEnumerable<string> TextsOf(Type values) => values.GetFields(BindingFlags.Public | BindingFlags.Static)
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

/// <summary>A list whose items the contract does not make nullable.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class NoNullItemsAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not IEnumerable<object?> items || items.All(item => item is not null);
}

/// <summary>
/// <c>format: uri</c> of the contract: an absolute URI with nothing but the characters of RFC 3986, section 2. Variables in it, <c>$(name)</c>, are as
/// RFC 3986 has it; .NET refuses them in a host, so that one is judged with an example in their place.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class AbsoluteUriAttribute : ValidationAttribute
{
    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is not string text || text.Length == 0 || (!text.AsSpan().ContainsAnyExcept(Allowed) && char.IsAsciiLetter(text[0]) && Uri.TryCreate(VariableSet.Example(text), UriKind.Absolute, out _));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => $"{name} must be an absolute URI (RFC 3986).";
}
