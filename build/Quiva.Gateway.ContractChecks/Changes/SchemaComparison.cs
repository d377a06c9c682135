namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>Compares two schemas, keyword by keyword, and finds the parts that have to be compared in turn.</summary>
internal static class SchemaComparison
{
    /// <summary>Fills a pair with its changes and parts.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="pairs">Makes the pairs of parts.</param>
    public static void Compare(SchemaPair pair, SchemaPairs pairs)
    {
        if (!pair.IsOnlyAlternative)
        {
            Nullable(pair);
        }

        // Once values are of another type, nothing else of the schemas can be compared.
        if (VariantChanges.Find(pair, pairs) && TypeChanges.Find(pair))
        {
            ValueChanges.Find(pair);
            OtherChanges.Find(pair, pairs);
            // Listed values are bounded by their list.
            if (pair.Old["enum"] is null && pair.New["enum"] is null)
            {
                BoundChanges.Find(pair);
            }

            PropertyChanges.Find(pair, pairs);
            if (pair.Old.Items.Any() || pair.New.Items.Any())
            {
                pair.Add("[]", pairs.Pair(pair.Old.Items, pair.New.Items, pair.IsRequest));
            }
        }

        if (pair.Changes.Count > 0)
        {
            pair.MarkChanged();
        }
    }

    private static void Nullable(SchemaPair pair)
    {
        var (old, now) = (pair.Old.Flag("nullable"), pair.New.Flag("nullable"));
        // A schema without any constraint takes null too.
        if (old is null && now is not null && pair.Old.Parts.Count > 0)
        {
            pair.Add(Rules.BecameNullable, old, now, "It can be null.");
        }
        else if (old is not null && now is null && pair.New.Parts.Count > 0)
        {
            pair.Add(Rules.BecameNotNullable, old, now, "It can't be null any more.");
        }
    }
}
