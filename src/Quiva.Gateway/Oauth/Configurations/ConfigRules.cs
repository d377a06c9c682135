using Microsoft.AspNetCore.WebUtilities;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>
/// Rules of a configuration's optional fields that its schema can't say. The first of them: no variable, and no
/// parameter, may choose who gets the client secret.
/// </summary>
public static class ConfigRules
{
    private const int MostTokenParams = 20, LongestName = 64, LongestText = 2000, LongestHost = 253;

    private static readonly string[] AuthorizationNames =
        [
            "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method",
            "request", "request_uri"
        ];

    private static readonly string[] TokenNames =
    [
        "grant_type", "code", "redirect_uri", "refresh_token", "code_verifier", "client_id", "client_secret", "client_assertion",
        "client_assertion_type", "scope",
    ];

    private static readonly string[] VariableNames =
        [
            .. AuthorizationNames, .. TokenNames, "response_mode", "error", "iss", "access_token", "id_token",
            "token_type", "expires_in"
        ];

    private static readonly OauthVariable AnyText =
        new() { Name = "any", In = VariablePlace.Login, Pattern = @"[^\x00-\x1F\x7F]*" };

    /// <summary>Refuses a configuration that breaks a rule; says all of them.</summary>
    /// <param name="config">The configuration.</param>
    /// <exception cref="GatewayException">A rule is broken.</exception>
    public static void Require(IntegrationOauthConfig config)
    {
        if (FaultsOf(config).Distinct().ToList() is { Count: > 0 } faults)
        {
            throw new GatewayException(GatewayError.Invalid, GatewayException.Join(faults));
        }
    }

    private static IEnumerable<string> FaultsOf(IntegrationOauthConfig config)
    {
        var variables = new VariableSet(config.Variables is null ? [] : [.. config.Variables.OfType<OauthVariable>()]);
        string[] login = [VariablePlace.Login], request =
        [
            .. login,
            VariablePlace.Callback
        ], all = [.. request, VariablePlace.Token];
        IEnumerable<string> faults =
        [
            .. config.Variables?.Any(variable => variable is null) == true
                ? ["variables must have no null items."]
                : Array.Empty<string>(),
            .. OfVariables(variables),
            .. OfTemplate("auth_url", config.Auth_url, variables, login),
            .. OfTemplate("token_url", config.Token_url, variables, request),
            .. OfTemplate("redirect_url", config.Redirect_url, variables, []),
            .. OfTemplate("refresh_url", config.Refresh_url, variables, all),
            .. OfTemplate("revocation_url", config.Revocation_url, variables, all),
            .. OfTemplate("issuer", config.Issuer, variables, []),
            .. OfAuthorization(config.Auth_url),
            .. OfTokenParams(config.Token_params, variables, request),
            .. (config.Allowed_hosts ?? []).SelectMany(host => OfAllowedHost(host, variables)),
        ];
        return config is { Code_challenge_method: CodeChallengeMethod.None, Token_endpoint_auth_method: TokenEndpointAuthMethod.None }
            ? faults.Append(
                "code_challenge_method and token_endpoint_auth_method must not both be none: nothing would bind the code to the gateway.")
            : faults;
    }

    private static IEnumerable<string> OfVariables(VariableSet variables)
    {
        if (variables.All.Select(variable => variable.Name)
            .Distinct(StringComparer.Ordinal)
            .Count() != variables.All.Count)
        {
            yield return "variables must have different names.";
        }

        foreach (var variable in variables.All)
        {
            if (VariableNames.Contains(variable.Name, StringComparer.OrdinalIgnoreCase))
            {
                yield return "variables must not have a name that OAuth uses.";
            }

            if (variable.Pattern is { } pattern && VariableSet.PatternOf(pattern) is null)
            {
                yield return "variables.pattern must be a regular expression that can be matched without backtracking.";
            }

            if (variable.Values?.Any(value => value is null || !VariableSet.Accepts(AnyText, value)) == true)
            {
                yield return "variables.values must be 1 to 253 characters long, without control characters.";
            }
        }
    }

    private static IEnumerable<string> OfTemplate(
        string field, string? template, VariableSet variables, string[] places)
    {
        if (template is null || !template.Contains("$(", StringComparison.Ordinal))
        {
            yield break;
        }

        if (VariableSet.IsMalformed(template))
        {
            yield return $"{field} has a $( that begins no variable.";
        }

        if (VariableSet.NamesIn(template).Any(name => !places.Contains(variables.Find(name)?.In)))
        {
            yield return places.Length == 0
                ? $"{field} must have no variables."
                : $"{field} must have no other variables than those with in {string.Join(", ", places)}.";
        }

        var (host, _, _) = VariableSet.PartsOf(template);
        if (HostFault(
            host[(host.IndexOf("://", StringComparison.Ordinal) + 3)..], variables, trusted: null) is { } fault)
        {
            yield return $"{field} {fault}";
        }
    }

    // Values of a trusted place may be a whole host, as listed ones may.
    private static string? HostFault(string authority, VariableSet variables, string? trusted)
    {
        // Each variable becomes one character: names may have dots.
        var names = VariableSet.NamesIn(authority).Distinct().ToList();
        var text = names.Select((name, index) => (Name: name, Mark: (char)('\uE000' + index)))
            .Aggregate(authority, (before, variable) =>
                before.Replace($"$({variable.Name})", variable.Mark.ToString(), StringComparison.Ordinal));
        var colon = text.LastIndexOf(':');
        if (text.Contains('@') || (colon >= 0 && text[colon..].Any(IsMark)))
        {
            return "must have no variable in its user information or port.";
        }

        var labels = (colon >= 0 ? text[..colon] : text).Split('.');
        for (var index = 0; index < labels.Length; index++)
        {
            foreach (var mark in labels[index].Where(IsMark))
            {
                var variable = variables.Find(names[mark - '\uE000']);
                if (variable is null || variable.Values is { Count: > 0 } || variable.In == trusted)
                {
                    continue;
                }

                var after = labels[(index + 1)..];
                if (labels[index].Length != 1
                    || after.Length < 2
                    || after.Any(label => label.Any(IsMark))
                    || PublicSuffix.Is(after))
                {
                    return "must have at least two fixed labels, which are no public suffix, after a variable in its host that stands for "
                        + "one whole label, or list its values.";
                }
            }
        }

        return null;
    }

    private static IEnumerable<string> OfAuthorization(string url)
    {
        // Some servers take semicolons for ampersands, names in brackets for lists, and white space around names for
        // nothing.
        var query = VariableSet.PartsOf(url).Query.Replace(';', '&');
        foreach (var (written, values) in QueryHelpers.ParseQuery(query))
        {
            var name = written.Split('[')[0].Trim();
            if (written.Contains("$(", StringComparison.Ordinal))
            {
                yield return "auth_url must have no variables in the names of its query.";
            }

            if (AuthorizationNames.FirstOrDefault(
                known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } reserved)
            {
                yield return $"auth_url must not have {reserved} in its query.";
            }

            if (name.Equals("response_mode", StringComparison.OrdinalIgnoreCase)
                && values.Any(value => value != "query"))
            {
                yield return "auth_url must not have another response_mode than query.";
            }
        }
    }

    private static IEnumerable<string> OfTokenParams(
        IDictionary<string, string>? parameters, VariableSet variables, string[] places)
    {
        if (parameters?.Count > MostTokenParams)
        {
            yield return "token_params must have at most 20 members.";
        }

        foreach (var (name, text) in parameters ?? new Dictionary<string, string>())
        {
            if (name.Length is 0 or > LongestName
                || name.Any(character => character is <= ' ' or > '~')
                || name.Contains("$(", StringComparison.Ordinal))
            {
                yield return "token_params must have names of 1 to 64 printable ASCII characters without variables.";
            }

            if (TokenNames.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                yield return $"token_params must not have {TokenNames.First(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))}.";
            }

            if (text is null || text.Length > LongestText || text.Any(char.IsControl))
            {
                yield return "token_params must be texts of at most 2,000 characters without control characters.";
            }
            else if (VariableSet.IsMalformed(text)
                || VariableSet.NamesIn(text).Any(used => !places.Contains(variables.Find(used)?.In)))
            {
                yield return $"token_params must have no other variables than those with in {string.Join(", ", places)}.";
            }
        }
    }

    private static IEnumerable<string> OfAllowedHost(string? host, VariableSet variables)
    {
        const string malformed =
            "allowed_hosts must be host names, perhaps with a leading dot, of at most 253 characters.";
        if (host is null || host.Length is 0 or > LongestHost || VariableSet.IsMalformed(host))
        {
            yield return malformed;
            yield break;
        }

        var name = host.TrimStart('.');
        // A variable is judged like any label.
        var labels = variables.All.Aggregate(
            name, (text, variable) => text.Replace($"$({variable.Name})", "v", StringComparison.Ordinal)).Split('.');
        if (host.Length - name.Length > 1 || !labels.All(VariableSet.IsLabel))
        {
            yield return malformed;
        }

        if (host != name && (labels.Length < 2 || PublicSuffix.Is(labels)))
        {
            yield return "allowed_hosts must have at least two labels, which are no public suffix, after a leading dot.";
        }

        if (VariableSet.NamesIn(host).Any(used => variables.Find(used)?.In is null or VariablePlace.Callback))
        {
            yield return "allowed_hosts must have no other variables than those with in login, token.";
        }
        else if (HostFault(name, variables, trusted: VariablePlace.Token) is { } fault)
        {
            yield return $"allowed_hosts {fault}";
        }
    }

    private static bool IsMark(char character) => character is >= '\uE000' and < '\uF000';
}
