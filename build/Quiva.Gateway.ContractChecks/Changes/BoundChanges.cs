using System.Globalization;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// Compares the bounds of texts, numbers, arrays and objects, and what else numbers and arrays have to satisfy.
/// </summary>
internal static class BoundChanges
{
    public static void Find(SchemaPair pair)
    {
        Compare(pair, "maxLength", Rules.MaxLength, isUpper: true);
        Compare(pair, "minLength", Rules.MinLength, isUpper: false);
        Compare(pair, "maximum", Rules.Max, isUpper: true, "exclusiveMaximum");
        Compare(pair, "minimum", Rules.Min, isUpper: false, "exclusiveMinimum");
        Compare(pair, "maxItems", Rules.MaxItems, isUpper: true);
        Compare(pair, "minItems", Rules.MinItems, isUpper: false);
        Compare(pair, "maxProperties", Rules.MaxProperties, isUpper: true);
        Compare(pair, "minProperties", Rules.MinProperties, isUpper: false);
        UniqueItems(pair);
        MultipleOf(pair);
    }

    private static void Compare(
        SchemaPair pair, string keyword, BoundRules rules, bool isUpper, string? exclusive = null)
    {
        var (old, now) =
            (Bound.Of(pair.Old, keyword, exclusive, isUpper), Bound.Of(pair.New, keyword, exclusive, isUpper));
        if (now is null || old is null)
        {
            if (now is not null)
            {
                pair.Add(rules.Set, null, now.Keyword, $"{keyword} is {now} where there was none.");
            }
            else if (old is not null)
            {
                pair.Add(rules.Unset, old.Keyword, null, $"There is no {keyword} any more; it was {old}.");
            }
        }
        else if (old.Order(isUpper) != now.Order(isUpper))
        {
            var rule = old.Order(isUpper).CompareTo(now.Order(isUpper)) < 0 ? rules.Increased : rules.Decreased;
            pair.Add(rule, old.Keyword, now.Keyword, $"{keyword} is {now} instead of {old}.");
        }
    }

    private static void UniqueItems(SchemaPair pair)
    {
        var (old, now) = (pair.Old.Flag("uniqueItems"), pair.New.Flag("uniqueItems"));
        if (old is null && now is not null)
        {
            pair.Add(Rules.UniqueItemsSet, old, now, "Items have to differ.");
        }
        else if (old is not null && now is null)
        {
            pair.Add(Rules.UniqueItemsUnset, old, now, "Items may be equal.");
        }
    }

    private static void MultipleOf(SchemaPair pair)
    {
        var (old, now) = (pair.Old["multipleOf"], pair.New["multipleOf"]);
        var (before, after) = (Number(old), Number(now));
        if (before != after)
        {
            var rule = before is null || (after % before == 0) ? Rules.MultipleNarrowed
                : after is null || (before % after == 0) ? Rules.MultipleWidened
                : Rules.MultipleChanged;
            pair.Add(rule, old, now, $"multipleOf is {now?.Text ?? "gone"} where it was {old?.Text ?? "not given"}.");
        }
    }

    // A step of nothing is none, and would divide by zero.
    private static decimal? Number(YamlValue? value) =>
        decimal.TryParse(value?.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number != 0
            ? number
            : null;

    /// <param name="Value">The bound.</param>
    /// <param name="IsExclusive">Whether the bound itself is out of bounds.</param>
    /// <param name="Keyword">Where it stands.</param>
    private sealed record Bound(double Value, bool IsExclusive, YamlValue Keyword)
    {
        /// <summary>
        /// The tightest bound that the parts of a shape set; null when they set none, or one that never excludes
        /// anything.
        /// </summary>
        public static Bound? Of(Shape shape, string keyword, string? exclusive, bool isUpper)
        {
            // Most schemas have no bound at all, and documents have thousands of schemas.
            if (shape[keyword] is null)
            {
                return null;
            }

            var bounds = shape.Parts
                .Where(part => double.TryParse(part[keyword]?.Text, CultureInfo.InvariantCulture, out _))
                .Select(part => new Bound(
                    double.Parse(part[keyword]!.Text!, CultureInfo.InvariantCulture),
                    exclusive is not null && part[exclusive]?.Text == "true",
                    part[keyword]!))
                .Where(bound => isUpper || exclusive is not null || bound.Value > 0);
            return isUpper ? bounds.MinBy(bound => bound.Order(isUpper)) : bounds.MaxBy(bound => bound.Order(isUpper));
        }

        /// <summary>
        /// What compares bounds: an exclusive one is tighter than an inclusive one of the same value.
        /// </summary>
        public (double, int) Order(bool isUpper) => (Value, !IsExclusive ? 0 : isUpper ? -1 : 1);

        public override string ToString() => Keyword.Text + (IsExclusive ? " (exclusive)" : "");
    }
}
