namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Compares enums, patterns, defaults and deprecation.</summary>
internal static class ValueChanges
{
    public static void Find(SchemaPair pair)
    {
        Enum(pair);
        Pattern(pair);
        Default(pair);
        Deprecated(pair);
    }

    private static void Enum(SchemaPair pair)
    {
        var (old, now) = (Values(pair.Old), Values(pair.New));
        if (old is null || now is null)
        {
            if (now is not null)
            {
                pair.Add(
                    Rules.BecameEnum,
                    null,
                    pair.New["enum"],
                    $"Only {List(now.Keys)} {(now.Count == 1 ? "is" : "are")} left.");
            }
            else if (old is not null)
            {
                pair.Add(
                    Rules.BecameNotEnum, pair.Old["enum"], null, $"Values other than {List(old.Keys)} are possible.");
            }

            return;
        }

        if (now.Keys.Except(old.Keys).ToArray() is { Length: > 0 } added)
        {
            pair.Add(
                Rules.EnumValueAdded,
                null,
                now[added[0]],
                $"{List(added)} {(added.Length == 1 ? "is a new value" : "are new values")}.");
        }

        if (old.Keys.Except(now.Keys).ToArray() is { Length: > 0 } removed)
        {
            pair.Add(
                Rules.EnumValueRemoved,
                old[removed[0]],
                null,
                $"{List(removed)} {(removed.Length == 1 ? "is no value" : "are no values")} any more.");
        }
    }

    // Values that every part lists. Whether null is one of them is what nullable says.
    private static Dictionary<string, YamlValue>? Values(Shape shape)
    {
        var lists = shape.All("enum").Select(list => (list.Items ?? [])
            .Where(item => item.ToJson() is not null)
            .DistinctBy(Json)
            .ToDictionary(item => Json(item)!)).ToArray();
        return lists.Length == 0
            ? null
            : lists.Aggregate((some, others) => some.Where(value => others.ContainsKey(value.Key)).ToDictionary());
    }

    private static void Pattern(SchemaPair pair)
    {
        var (old, now) = (pair.Old["pattern"], pair.New["pattern"]);
        if (old?.Text != now?.Text && pair.Old["enum"] is null && pair.New["enum"] is null)
        {
            pair.Add(
                old is null ? Rules.PatternAdded : now is null ? Rules.PatternRemoved : Rules.PatternChanged,
                old,
                now,
                $"The pattern is {now?.Text ?? "gone"} where it was {old?.Text ?? "not given"}.");
        }
    }

    private static void Default(SchemaPair pair)
    {
        var (old, now) = (pair.Old["default"], pair.New["default"]);
        if (Json(old) != Json(now))
        {
            pair.Add(
                old is null ? Rules.DefaultAdded : now is null ? Rules.DefaultRemoved : Rules.DefaultChanged,
                old,
                now,
                $"The default is {Json(now) ?? "gone"} where it was {Json(old) ?? "not given"}.");
        }
    }

    private static void Deprecated(SchemaPair pair)
    {
        var (old, now) = (pair.Old.Flag("deprecated"), pair.New.Flag("deprecated"));
        if (old is null != now is null)
        {
            pair.Add(
                old is null ? Rules.Deprecated : Rules.Reactivated,
                old,
                now,
                old is null ? "It is deprecated." : "It is no longer deprecated.");
        }
    }

    private static string? Json(YamlValue? value) => value is null ? null : value.ToJson()?.ToJsonString() ?? "null";

    private static string List(IEnumerable<string> values) => string.Join(", ", values);
}
