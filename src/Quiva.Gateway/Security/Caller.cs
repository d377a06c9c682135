using System.Security.Claims;
using System.Text.RegularExpressions;

namespace Quiva.Gateway.Security;

/// <summary>Who is calling.</summary>
/// <param name="Account">The account whose rows the caller sees and changes.</param>
/// <param name="Actor">
/// Who acts, for the audit trail: <c>user:</c> and the token's subject, or <c>key:</c> and the key's id.
/// </param>
public sealed partial record Caller(string Account, string Actor)
{
    internal const string SubjectClaim = "sub", AccountClaim = "account", RoleClaim = "role";
    private const string KeyPrefix = "key:", UserPrefix = "user:";
    private const int LongestSubject = 255;

    /// <summary>The caller of an authenticated request.</summary>
    /// <param name="user">The principal that one of the two schemes has made.</param>
    public static Caller Of(ClaimsPrincipal user) => new(
        user.FindFirstValue(AccountClaim)!,
        (user.Identity!.AuthenticationType == ApiKeyHandler.Scheme ? KeyPrefix : UserPrefix)
        + user.FindFirstValue(SubjectClaim));

    /// <summary>The API key that an actor is; null when it is none.</summary>
    /// <param name="actor">Who acts.</param>
    public static string? KeyOf(string actor) =>
        actor.StartsWith(KeyPrefix, StringComparison.Ordinal) ? actor[KeyPrefix.Length..] : null;

    /// <summary>The subject of the token whose user an actor is; null when it is none.</summary>
    /// <param name="actor">Who acts.</param>
    public static string? UserOf(string actor) =>
        actor.StartsWith(UserPrefix, StringComparison.Ordinal) ? actor[UserPrefix.Length..] : null;

    /// <summary>Whether a name can be an account's.</summary>
    /// <param name="name">The name.</param>
    public static bool IsAccount(string? name) => name is not null && AccountPattern().IsMatch(name);

    /// <summary>
    /// Whether a token's <c>sub</c> (RFC 7519, section 4.1.2) can be recorded: 1 to 255 characters, no control
    /// characters.
    /// </summary>
    /// <param name="subject">The subject.</param>
    public static bool IsSubject(string? subject) =>
        subject is { Length: > 0 and <= LongestSubject } && !subject.Any(char.IsControl);

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex AccountPattern();
}
