using System.ComponentModel.DataAnnotations;
using System.Globalization;

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

        // Only text that is too long in UTF-16 units can need counting.
        var length = text.Length <= Maximum && text.Length >= 2 * Minimum ? text.Length : text.EnumerateRunes().Count();
        return length >= Minimum && length <= Maximum;
    }

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => Maximum == int.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"{name} must be at least {Minimum} characters long.")
        : string.Create(CultureInfo.InvariantCulture, $"{name} must be {Minimum} to {Maximum} characters long.");
}

/// <summary><c>format: uri</c> of the contract: an absolute URI with nothing but the characters of RFC 3986, section 2.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class AbsoluteUriAttribute : ValidationAttribute
{
    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is not string text || text.Length == 0 || (!text.AsSpan().ContainsAnyExcept(Allowed) && char.IsAsciiLetter(text[0]) && Uri.TryCreate(text, UriKind.Absolute, out _));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => $"{name} must be an absolute URI (RFC 3986).";
}
