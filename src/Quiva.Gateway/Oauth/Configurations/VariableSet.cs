using System.Text;
using System.Text.RegularExpressions;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>
/// The variables of a configuration: which values they accept, and where <c>$(name)</c> stands for one.
/// </summary>
/// <param name="variables">The variables; null for none.</param>
public sealed partial class VariableSet(IReadOnlyList<OauthVariable>? variables)
{
    private const int LongestOfLogin = 253, Longest = 4096;

    /// <summary>All of them.</summary>
    public IReadOnlyList<OauthVariable> All { get; } = variables ?? [];

    /// <summary>A variable, or null.</summary>
    /// <param name="name">Its name.</param>
    public OauthVariable? Find(string name) => All.FirstOrDefault(variable => variable.Name == name);

    /// <summary>Those whose values come from one place.</summary>
    /// <param name="place">One of <see cref="VariablePlace"/>.</param>
    public IEnumerable<OauthVariable> From(string place) => All.Where(variable => variable.In == place);

    /// <summary>What is wrong with the values that a sign-in was started with.</summary>
    /// <param name="given">The values by name.</param>
    /// <returns>A sentence; null when nothing is.</returns>
    public string? FaultOfLogin(IEnumerable<KeyValuePair<string, string>>? given)
    {
        var values = (given ?? []).ToList();
        var login = From(VariablePlace.Login).ToList();
        if (values.Any(value => login.All(variable => variable.Name != value.Key)))
        {
            return "variables must have no other names than those that the integration's OAuth configuration asks for.";
        }

        foreach (var variable in login)
        {
            if (values.FirstOrDefault(value => value.Key == variable.Name).Value is not { } value)
            {
                return $"variables[{variable.Name}] is required.";
            }

            if (!Accepts(variable, value))
            {
                return $"variables[{variable.Name}] is not a value that the integration's OAuth configuration allows.";
            }
        }

        return null;
    }

    /// <summary>Whether a variable may have a value.</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="value">The value.</param>
    public static bool Accepts(OauthVariable variable, string value)
    {
        var isOfLogin = variable.In == VariablePlace.Login;
        if (value.Length == 0
            || value.Length > (isOfLogin ? LongestOfLogin : Longest)
            || value.EnumerateRunes().Any(IsUnfit))
        {
            return false;
        }

        return variable.Values is { Count: > 0 } values ? values.Contains(value, StringComparer.Ordinal)
            : variable.Pattern is { } pattern ? PatternOf(pattern)?.IsMatch(value) == true
            : !isOfLogin || IsLabel(value);
    }

    /// <summary>A pattern as it is matched: whole, without backtracking; null when it is none.</summary>
    /// <param name="pattern">The pattern.</param>
    public static Regex? PatternOf(string pattern)
    {
        try
        {
            // It has to be one by itself: "a)|(?:.*" would be one within the anchors only, and end them.
            _ = new Regex(pattern, RegexOptions.NonBacktracking);
            return new($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Whether a text is one label of a host name (RFC 1123, section 2.1).</summary>
    /// <param name="text">The text.</param>
    public static bool IsLabel(string text) => Label().IsMatch(text);

    /// <summary>The names that stand in a template.</summary>
    /// <param name="template">The template.</param>
    public static IEnumerable<string> NamesIn(string template) =>
        Place().Matches(template).Select(place => place.Groups["name"].Value);

    /// <summary>A template with an example in the place of each variable.</summary>
    /// <param name="template">The template.</param>
    public static string Example(string template) => Place().Replace(template, "example");

    /// <summary>Whether a template has what begins like a variable and is none.</summary>
    /// <param name="template">The template.</param>
    public static bool IsMalformed(string template) =>
        Place().Replace(template, "").Contains("$(", StringComparison.Ordinal);

    /// <summary>Puts values into an address.</summary>
    /// <param name="template">The address.</param>
    /// <param name="values">The values by name.</param>
    /// <returns>
    /// The address; null when a value is missing, not accepted any more, or can't stand where it would.
    /// </returns>
    public string? FillUrl(string template, IReadOnlyDictionary<string, string> values)
    {
        if (!template.Contains("$(", StringComparison.Ordinal))
        {
            return template;
        }

        var (host, path, query) = PartsOf(template);
        var isFit = true;
        var filled = Fill(host, (variable, value) => IsLabel(value) || variable.Values is { Count: > 0 } ? value : null)
            + Fill(path, (_, value) => Uri.EscapeDataString(value))
            + Fill(query, (_, value) => Uri.EscapeDataString(value));
        // Dots are not encoded, and would name another resource, also where a value ends an encoding that the template
        // begins.
        return isFit && !PartsOf(filled).Path.Split('/').Any(segment => Uri.UnescapeDataString(segment) is "." or "..")
            ? filled
            : null;

        string Fill(string part, Func<OauthVariable, string, string?> write) => Place().Replace(part, place =>
        {
            var name = place.Groups["name"].Value;
            var written = Find(name) is { } variable
                && values.TryGetValue(name, out var value)
                && Accepts(variable, value) ? write(variable, value) : null;
            isFit &= written is not null;
            return written ?? "";
        });
    }

    /// <summary>
    /// Addresses to judge a template by: with every listed value, and an example for what is not listed.
    /// </summary>
    /// <param name="template">The address.</param>
    public IEnumerable<string> Examples(string template)
    {
        var listed = NamesIn(template)
            .Distinct()
            .Select(Find)
            .Where(variable => variable?.Values is { Count: > 0 })
            .ToList();
        return listed.Count == 0
            ? [With(template, null, "")]
            : listed.SelectMany(variable => variable!.Values!.Select(value => With(template, variable.Name, value)));
    }

    private string With(string template, string? name, string value) => Place().Replace(template, place =>
        place.Groups["name"].Value is var other && other == name
            ? value
            : Find(other)?.Values?.FirstOrDefault() ?? "example");

    /// <summary>Puts values into a text that is encoded later.</summary>
    /// <param name="template">The text.</param>
    /// <param name="values">The values by name.</param>
    /// <returns>The text; null when a value is missing, or not accepted any more.</returns>
    public string? FillText(string template, IReadOnlyDictionary<string, string> values)
    {
        var isFit = true;
        var filled = Place().Replace(template, place =>
        {
            var name = place.Groups["name"].Value;
            var value = Find(name) is { } variable
                && values.TryGetValue(name, out var known)
                && Accepts(variable, known) ? known : null;
            isFit &= value is not null;
            return value ?? "";
        });
        return isFit ? filled : null;
    }

    /// <summary>
    /// Parts an address: up to the end of its authority, its path, and its query with the question mark.
    /// </summary>
    /// <param name="url">The address.</param>
    internal static (string Host, string Path, string Query) PartsOf(string url)
    {
        var authority = url.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0;
        var end = url.IndexOfAny(['/', '?'], authority) is var found and >= 0 ? found : url.Length;
        var query = url.IndexOf('?', end) is var mark and >= 0 ? mark : url.Length;
        return (url[..end], url[end..query], url[query..]);
    }

    // Half a surrogate pair is the replacement character here.
    private static bool IsUnfit(Rune character) => Rune.IsControl(character) || character == Rune.ReplacementChar;

    [GeneratedRegex(@"\$\((?<name>[A-Za-z][A-Za-z0-9_.-]*)\)", RegexOptions.NonBacktracking)]
    private static partial Regex Place();

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Label();
}
