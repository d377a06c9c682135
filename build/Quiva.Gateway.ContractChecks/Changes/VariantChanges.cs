using System.Text.Json.Nodes;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// Compares the alternatives of oneOf and anyOf. They are matched by name, by what they say, and by type, so their
/// order is no change.
/// </summary>
internal static class VariantChanges
{
    /// <summary>Adds what has changed in alternatives and their discriminator.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="pairs">Makes the pairs of alternatives.</param>
    /// <returns>Whether what stands beside the alternatives can be compared.</returns>
    public static bool Find(SchemaPair pair, SchemaPairs pairs)
    {
        var renamed = new HashSet<(string?, string?)>();
        var canCompare = Alternatives(pair, pairs, renamed);
        Discriminator(pair, renamed);
        return canCompare;
    }

    private static bool Alternatives(SchemaPair pair, SchemaPairs pairs, HashSet<(string?, string?)> renamed)
    {
        var (old, now) = (Variants(pair.Old), Variants(pair.New));
        if (old.Count == 0 && now.Count == 0)
        {
            return true;
        }

        // A schema without alternatives is its own only one.
        var isPlain = old.Count == 0 || now.Count == 0;
        var before = old.Count == 0
            ? [Variant.Of(pair.Old)]
            : old.Select(value => new Variant(pairs.Old(value), value)).ToList();
        var after = now.Count == 0
            ? [Variant.Of(pair.New)]
            : now.Select(value => new Variant(pairs.New(value), value)).ToList();
        // Anything is no alternative: the types tell what has changed.
        if (isPlain && (pair.Old.Parts.Count == 0 || pair.New.Parts.Count == 0))
        {
            return true;
        }

        void Match(Func<Variant, Variant, bool> isSame) => VariantChanges.Match(before, after, isSame, (one, other) =>
        {
            renamed.Add((one.Shape.Name, other.Shape.Name));
            pair.Add($"({other})", pairs.Pair(one.Shape, other.Shape, pair.IsRequest, isPlain));
        });

        Match((one, other) => one.Shape.Name is { } name && name == other.Shape.Name);
        // A schema that was renamed together with its mapping: callers send and receive the same value for it.
        var (sent, known) = (pair.Old["discriminator"]?["mapping"], pair.New["discriminator"]?["mapping"]);
        Match((one, other) => Values(sent, one.Shape.Name) is { Count: > 0 } values
            && values.SetEquals(Values(known, other.Shape.Name)));
        // Where the discriminator holds names of schemas, another name is another value.
        var areNamesSent = pair.New["discriminator"] is { } discriminator && discriminator["mapping"] is null;
        Match((one, other) => one.Json == other.Json && !areNamesSent);
        Match((one, other) => (one.Shape.Name is null || other.Shape.Name is null) && one.Type == other.Type);
        if (before.Count == after.Count && !isPlain)
        {
            Match((one, other) => one.Shape.Name is null && other.Shape.Name is null);
        }

        var isOne = (pair.New["oneOf"] ?? pair.Old["oneOf"]) is not null;
        before.ForEach(variant => pair.Add(
            isOne ? Rules.OneOfRemoved : Rules.AnyOfRemoved,
            variant.Place,
            null,
            $"{variant} is no alternative any more."));
        after.ForEach(variant => pair.Add(
            isOne ? Rules.OneOfAdded : Rules.AnyOfAdded, null, variant.Place, $"{variant} is a new alternative."));
        return !isPlain;
    }

    private static List<YamlValue> Variants(Shape shape) =>
        [.. shape.All("oneOf")
            .Concat(shape.All("anyOf"))
            .Where(list => list.Items?.Count > 1)
            .SelectMany(list => list.Items!)];

    private static void Match(
        List<Variant> before, List<Variant> after, Func<Variant, Variant, bool> isSame, Action<Variant, Variant> found)
    {
        foreach (var one in before.ToArray())
        {
            if (after.Find(other => isSame(one, other)) is { } same)
            {
                before.Remove(one);
                after.Remove(same);
                found(one, same);
            }
        }
    }

    private static HashSet<string> Values(YamlValue? mapping, string? name) =>
        [.. (mapping?.Members ?? [])
            .Where(entry => name is not null && Target(entry.Value) == name)
            .Select(entry => entry.Key)];

    private static void Discriminator(SchemaPair pair, HashSet<(string?, string?)> renamed)
    {
        var (old, now) = (pair.Old["discriminator"], pair.New["discriminator"]);
        if (old is null || now is null)
        {
            if (now is not null)
            {
                pair.Add(
                    Rules.DiscriminatorAdded, old, now, $"{now["propertyName"]?.Text} tells which alternative it is.");
            }
            else if (old is not null)
            {
                pair.Add(
                    Rules.DiscriminatorRemoved,
                    old,
                    now,
                    $"{old["propertyName"]?.Text} no longer tells which alternative it is.");
            }

            return;
        }

        if (old["propertyName"]?.Text != now["propertyName"]?.Text)
        {
            pair.Add(
                Rules.DiscriminatorRenamed,
                old["propertyName"],
                now["propertyName"],
                $"{now["propertyName"]?.Text} tells which alternative it is instead of {old["propertyName"]?.Text}.");
        }

        Mapping(pair, old["mapping"], now["mapping"], renamed);
    }

    private static void Mapping(SchemaPair pair, YamlValue? old, YamlValue? now, HashSet<(string?, string?)> renamed)
    {
        foreach (var (key, value) in old?.Members ?? [])
        {
            if (now?[key] is not { } found)
            {
                pair.Add(Rules.MappingRemoved, value, null, $"{key} tells of no alternative any more.");
            }
            else if (Target(found) != Target(value) && !renamed.Contains((Target(value), Target(found))))
            {
                pair.Add(
                    Rules.MappingChanged, value, found, $"{key} means {Target(found)} instead of {Target(value)}.");
            }
        }

        foreach (var (key, value) in (now?.Members ?? []).Where(member => old?[member.Key] is null))
        {
            pair.Add(Rules.MappingAdded, null, value, $"{key} tells of {Target(value)}.");
        }
    }

    // A mapping may name a component or refer to it.
    private static string? Target(YamlValue value) => value.Text?.Split('/')[^1];

    private sealed class Variant(Shape shape, YamlValue? place)
    {
        public static Variant Of(Shape plain) => new(plain, plain.Parts is [var first, ..] ? first : null);

        public Shape Shape { get; } = shape;

        public YamlValue? Place { get; } = place;

        // Texts are for people.
        public string Json => field ??= string.Join('|', Shape.Parts.Select(part => new JsonObject((part.Members ?? [])
            .Where(member => member.Key is not ("title" or "description" or "example" or "externalDocs"))
            .Select(member => KeyValuePair.Create(member.Key, member.Value.ToJson()))).ToJsonString()));

        public (string?, string?) Type => (Shape["type"]?.Text, Shape["format"]?.Text);

        public override string ToString() =>
            Shape.Name ?? Shape["title"]?.Text ?? Shape["type"]?.Text ?? "an alternative in place";
    }
}
