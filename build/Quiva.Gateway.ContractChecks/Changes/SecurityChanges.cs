namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Compares who may call: credentials, their scopes, and the roles of <c>x-roles</c>.</summary>
internal static class SecurityChanges
{
    private static readonly string[] Flows = ["implicit", "password", "clientCredentials", "authorizationCode"];

    public static void Find(Operation old, Operation now, string place, ChangeLog log)
    {
        Credentials(old, now, place, log);
        Roles(old.Value["x-roles"], now.Value["x-roles"], place, log);
    }

    /// <summary>Compares how credentials are sent and where tokens come from.</summary>
    public static void Schemes(ContractDocument old, ContractDocument now, ChangeLog log)
    {
        var after = now.Components("securitySchemes")
            .ToDictionary(member => member.Key, member => now.Follow(member.Value));
        foreach (var (name, member) in old.Components("securitySchemes"))
        {
            if (after.Remove(name, out var scheme))
            {
                Compare(old.Follow(member), scheme, $"security scheme {name}", log);
            }
            else
            {
                log.AddGone(
                    Rules.SchemeRemoved, $"security scheme {name}", member, $"The security scheme {name} is gone.");
            }
        }

        foreach (var (name, scheme) in after)
        {
            log.Add(Rules.SchemeAdded, $"security scheme {name}", scheme, $"The security scheme {name} is new.");
        }
    }

    private static void Credentials(Operation old, Operation now, string place, ChangeLog log)
    {
        var (before, after) = (Alternatives(old), Alternatives(now));
        var (wasOpen, isOpen) =
            (before.Any(alternative => alternative.IsNone), after.Any(alternative => alternative.IsNone));
        // Without a list the operation has nothing to point at but itself.
        var (gone, there) = (old.Security ?? old.Value, now.Security ?? now.Value);
        if (wasOpen && !isOpen)
        {
            log.Add(Rules.BecameSecured, place, there, $"It asks for {string.Join(" or ", after)}.");
            return;
        }

        if (!wasOpen && isOpen)
        {
            log.Add(Rules.BecameOpen, place, there, "It no longer asks for credentials.");
        }

        foreach (var alternative in before.Where(alternative => !after.Any(alternative.Satisfies)))
        {
            if (after.FirstOrDefault(alternative.HasSchemesOf) is { } same)
            {
                log.Add(Rules.ScopeAdded, place, same.Value ?? there, $"It asks for {same} instead of {alternative}.");
            }
            else
            {
                log.AddGone(
                    Rules.SecurityAlternativeRemoved,
                    place,
                    alternative.Value ?? gone,
                    $"{alternative} is no longer accepted.");
            }
        }

        foreach (var alternative in after.Where(alternative => !alternative.IsNone && !before.Any(alternative.IsSame)))
        {
            if (before.FirstOrDefault(alternative.HasSchemesOf) is not { } same)
            {
                log.Add(
                    Rules.SecurityAlternativeAdded,
                    place,
                    alternative.Value ?? there,
                    $"{alternative} is accepted too.");
            }
            else if (same.Satisfies(alternative))
            {
                log.Add(
                    Rules.ScopeRemoved,
                    place,
                    alternative.Value ?? there,
                    $"It asks for {alternative} instead of {same}.");
            }
        }
    }

    private static List<Alternative> Alternatives(Operation operation) => operation.Security?.Items is { Count: > 0 } items
        ? [.. items.Select(
            item => new Alternative(item, [.. (item.Members ?? []).SelectMany(scheme => (scheme.Value.Items ?? [])
                .Select(scope => (scheme.Key, scope.Text!))
                .Prepend((scheme.Key, "")))]))]
        : [new(null, [])];

    private static void Roles(YamlValue? old, YamlValue? now, string place, ChangeLog log)
    {
        if (old is null || now is null)
        {
            if (now is not null)
            {
                log.Add(Rules.RolesSet, place, now, $"It asks for the role {List(now)}.");
            }
            else if (old is not null)
            {
                log.AddGone(Rules.RolesUnset, place, old, $"It no longer asks for the role {List(old)}.");
            }

            return;
        }

        foreach (var role in (old.Items ?? []).Where(role => !Has(now, role)))
        {
            log.AddGone(Rules.RoleRemoved, place, role, $"The role {role.Text} may no longer call it.");
        }

        foreach (var role in (now.Items ?? []).Where(role => !Has(old, role)))
        {
            log.Add(Rules.RoleAdded, place, role, $"The role {role.Text} may call it.");
        }
    }

    private static bool Has(YamlValue roles, YamlValue role) =>
        (roles.Items ?? []).Any(other => other.Text == role.Text);

    private static string List(YamlValue roles) => string.Join(" or ", (roles.Items ?? []).Select(role => role.Text));

    private static void Compare(YamlValue old, YamlValue now, string place, ChangeLog log)
    {
        foreach (var key in new[] { "type", "scheme", "in", "name" })
        {
            var (before, after) = (old[key], now[key]);
            // HTTP's scheme names and header names have no case.
            if (!string.Equals(before?.Text, after?.Text, StringComparison.OrdinalIgnoreCase))
            {
                log.Add(
                    Rules.SchemeChanged,
                    place,
                    after ?? now,
                    $"{key} is {after?.Text ?? "gone"} where it was {before?.Text ?? "not given"}.");
            }
        }

        foreach (var flow in Flows)
        {
            var (before, after) = (old["flows"]?[flow], now["flows"]?[flow]);
            foreach (var key in before is null || after is null
                ? []
                : new[] { "authorizationUrl", "tokenUrl", "refreshUrl" })
            {
                if (before![key]?.Text != after![key]?.Text)
                {
                    log.Add(
                        Rules.SchemeUrlChanged,
                        place,
                        after[key] ?? after,
                        $"{key} of {flow} is {after[key]?.Text ?? "gone"} where it was {before[key]?.Text ?? "not given"}.");
                }
            }
        }

        var (scopes, others) = (Scopes(old), Scopes(now));
        foreach (var (name, value) in scopes.Where(scope => !others.ContainsKey(scope.Key)))
        {
            log.AddGone(Rules.SchemeScopeRemoved, place, value, $"The scope {name} is gone.");
        }

        foreach (var (name, value) in others.Where(scope => !scopes.ContainsKey(scope.Key)))
        {
            log.Add(Rules.SchemeScopeAdded, place, value, $"The scope {name} is new.");
        }
    }

    private static Dictionary<string, YamlValue> Scopes(YamlValue scheme) => Flows
        .SelectMany(flow => scheme["flows"]?[flow]?["scopes"]?.Members ?? [])
        .DistinctBy(scope => scope.Key).ToDictionary(scope => scope.Key, scope => scope.Value);

    /// <param name="Value">Where it stands; null for an operation that is open.</param>
    /// <param name="Needs">Each scheme with an empty scope, and with each of its scopes.</param>
    private sealed record Alternative(YamlValue? Value, HashSet<(string Scheme, string Scope)> Needs)
    {
        public bool IsNone => Needs.Count == 0;

        /// <summary>Whether credentials for this are enough for another.</summary>
        public bool Satisfies(Alternative other) => other.Needs.IsSubsetOf(Needs);

        public bool IsSame(Alternative other) => other.Needs.SetEquals(Needs);

        public bool HasSchemesOf(Alternative other) => Schemes(other).SetEquals(Schemes(this));

        public override string ToString() => IsNone
            ? "no credentials"
            : string.Join(" with ", Needs.GroupBy(need => need.Scheme, need => need.Scope).Select(Told));

        private static string Told(IGrouping<string, string> scheme) =>
            scheme.Where(scope => scope.Length > 0).ToArray() is { Length: > 0 } scopes
                ? $"{scheme.Key} ({string.Join(", ", scopes)})"
                : scheme.Key;

        private static HashSet<string> Schemes(Alternative alternative) =>
            [.. alternative.Needs.Select(need => need.Scheme)];
    }
}
