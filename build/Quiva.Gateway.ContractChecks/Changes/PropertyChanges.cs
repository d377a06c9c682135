namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// Compares the properties of objects, as far as one direction has them: readOnly ones are not sent, writeOnly ones not
/// received.
/// </summary>
internal static class PropertyChanges
{
    public static void Find(SchemaPair pair, SchemaPairs pairs)
    {
        var (old, now) = (pair.Old.Properties, pair.New.Properties);
        foreach (var (name, property) in old)
        {
            if (!now.TryGetValue(name, out var after))
            {
                if (!Hidden(pairs.Old(property.Schemas), pair.IsRequest))
                {
                    Removed(pair, name, property);
                }

                continue;
            }

            var part = pairs.Pair(property.Schemas, after.Schemas, pair.IsRequest);
            var (wasHidden, isHidden) = (Hidden(part.Old, pair.IsRequest), Hidden(part.New, pair.IsRequest));
            if (wasHidden != isHidden)
            {
                Turned(pair, name, isHidden, after.Required is not null, part);
            }
            else if (!isHidden)
            {
                Required(pair, name, property, after);
                pair.Add($".{name}", part);
            }
        }

        foreach (var (name, property) in now.Where(property => !old.ContainsKey(property.Key)))
        {
            if (!Hidden(pairs.New(property.Schemas), pair.IsRequest))
            {
                Added(pair, name, property);
            }
        }

        Others(pair, pairs);
    }

    private static bool Hidden(Shape shape, bool isRequest) =>
        shape.Flag(isRequest ? "readOnly" : "writeOnly") is not null;

    private static void Removed(SchemaPair pair, string name, Property property)
    {
        var rule = pair.IsRequest
            ? pair.New.Closed is null ? Rules.RequestPropertyRemoved : Rules.RequestPropertyForbidden
            : property.Required is null ? Rules.OptionalResponsePropertyRemoved : Rules.RequiredResponsePropertyRemoved;
        pair.Add(rule, name, property.Place, null, $"The {Kind(property)} property {name} is gone.");
    }

    private static void Added(SchemaPair pair, string name, Property property)
    {
        var rule = (pair.IsRequest, property.Required is null) switch
        {
            (true, true) => Rules.OptionalRequestPropertyAdded,
            (true, false) => Rules.RequiredRequestPropertyAdded,
            (false, true) => Rules.OptionalResponsePropertyAdded,
            (false, false) => Rules.RequiredResponsePropertyAdded,
        };
        pair.Add(rule, name, null, property.Place, $"The {Kind(property)} property {name} is new.");
    }

    private static void Required(SchemaPair pair, string name, Property old, Property now)
    {
        if (old.Required is null && now.Required is not null)
        {
            pair.Add(
                pair.IsRequest ? Rules.RequestPropertyBecameRequired : Rules.ResponsePropertyBecameRequired,
                name,
                null,
                now.Required,
                $"The property {name} is required.");
        }
        else if (old.Required is not null && now.Required is null)
        {
            pair.Add(
                pair.IsRequest ? Rules.RequestPropertyBecameOptional : Rules.ResponsePropertyBecameOptional,
                name,
                old.Required,
                null,
                $"The property {name} is no longer required.");
        }
    }

    private static void Turned(SchemaPair pair, string name, bool isHidden, bool isRequired, SchemaPair part)
    {
        var keyword = pair.IsRequest ? "readOnly" : "writeOnly";
        var rule = (pair.IsRequest, isHidden, isRequired) switch
        {
            (true, true, true) => Rules.RequiredPropertyBecameReadOnly,
            (true, true, false) => Rules.OptionalPropertyBecameReadOnly,
            (true, false, true) => Rules.RequiredPropertyBecameNotReadOnly,
            (true, false, false) => Rules.OptionalPropertyBecameNotReadOnly,
            (false, true, true) => Rules.RequiredPropertyBecameWriteOnly,
            (false, true, false) => Rules.OptionalPropertyBecameWriteOnly,
            (false, false, true) => Rules.RequiredPropertyBecameNotWriteOnly,
            (false, false, false) => Rules.OptionalPropertyBecameNotWriteOnly,
        };
        pair.Add(
            rule,
            name,
            part.Old.Flag(keyword),
            part.New.Flag(keyword),
            $"The property {name} is {(isHidden ? "" : "no longer ")}{keyword}.");
    }

    private static void Others(SchemaPair pair, SchemaPairs pairs)
    {
        var (old, now) = (pair.Old.Closed, pair.New.Closed);
        if (old is null && now is not null)
        {
            pair.Add(Rules.Closed, null, now, "Properties that are not named are no longer allowed.");
        }
        else if (old is not null && now is null)
        {
            pair.Add(Rules.Opened, old, null, "Properties that are not named are possible.");
        }
        else if (pair.Old.Additional.Any() || pair.New.Additional.Any())
        {
            pair.Add(".*", pairs.Pair(pair.Old.Additional, pair.New.Additional, pair.IsRequest));
        }
    }

    private static string Kind(Property property) => property.Required is null ? "optional" : "required";
}
