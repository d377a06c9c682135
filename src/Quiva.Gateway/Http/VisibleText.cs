using System.Text.RegularExpressions;

namespace Quiva.Gateway.Http;

/// <summary>
/// What a blank text is, for every operation: one without a visible character. The patterns of the contract say the
/// same with
/// <see cref="Character"/>, so that callers can check it before they send.
/// </summary>
public static class VisibleText
{
    /// <summary>
    /// A character that is neither white space (as ECMA 262 has it) nor a control character nor one that displays as
    /// nothing (Unicode, <c>Default_Ignorable_Code_Point</c>, as far as a pattern without the flag <c>u</c> can name
    /// them).
    /// </summary>
    public const string Character =
        @"[^\s\x00-\x1F\x7F-\x9F\xAD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFF8]";

    private static readonly Regex Visible = EcmaPattern.Compile(Character);

    /// <summary>Whether a text is absent or has no visible character.</summary>
    /// <param name="text">The text.</param>
    public static bool IsBlank([System.Diagnostics.CodeAnalysis.NotNullWhen(false)] string? text) =>
        string.IsNullOrEmpty(text) || (!(text[0] > ' ' && text[0] < '\x7F') && !Visible.IsMatch(text));
}
