namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// Compares schemas. Each pair is compared once for each direction, however many operations share it.
/// </summary>
/// <param name="old">The old document's shapes.</param>
/// <param name="now">The new document's shapes.</param>
/// <param name="log">Where changes go.</param>
internal sealed class SchemaPairs(Shapes old, Shapes now, ChangeLog log)
{
    private readonly Dictionary<(Shape, Shape, bool, bool), SchemaPair> known = [];
    private readonly Queue<SchemaPair> waiting = [];

    /// <summary>Tells what has changed between two schemas that an operation uses.</summary>
    /// <param name="before">The old schema; null when anything was allowed.</param>
    /// <param name="after">The new schema; null when anything is allowed.</param>
    /// <param name="use">What for.</param>
    /// <param name="place">Where.</param>
    public void Compare(YamlValue? before, YamlValue? after, SchemaUse use, string place)
    {
        var whole = Pair(Shape(old, before), Shape(now, after), SchemaRule.IsRequest(use));
        while (waiting.TryDequeue(out var pair))
        {
            SchemaComparison.Compare(pair, this);
        }

        Tell(whole, use, place);
    }

    /// <summary>The pair of two lists of schemas that hold together.</summary>
    public SchemaPair Pair(IEnumerable<YamlValue> before, IEnumerable<YamlValue> after, bool isRequest) =>
        Pair(old.Of(before), now.Of(after), isRequest);

    /// <summary>The pair of two shapes. It is compared later, so schemas may contain themselves.</summary>
    public SchemaPair Pair(Shape before, Shape after, bool isRequest, bool isOnlyAlternative = false)
    {
        if (!known.TryGetValue((before, after, isRequest, isOnlyAlternative), out var pair))
        {
            known.Add(
                (before, after, isRequest, isOnlyAlternative), pair = new(before, after, isRequest, isOnlyAlternative));
            waiting.Enqueue(pair);
        }

        return pair;
    }

    /// <summary>The shape of schemas of the old document.</summary>
    public Shape Old(params IEnumerable<YamlValue> schemas) => old.Of(schemas);

    /// <summary>The shape of schemas of the new document.</summary>
    public Shape New(params IEnumerable<YamlValue> schemas) => now.Of(schemas);

    /// <summary>All that a value of the old document says.</summary>
    public string? OldText(YamlValue? value) => old.Text(value);

    /// <summary>All that a value of the new document says.</summary>
    public string? NewText(YamlValue? value) => now.Text(value);

    private static Shape Shape(Shapes shapes, YamlValue? schema) => schema is null ? shapes.Of() : shapes.Of(schema);

    // Breadth first: the shortest way to a change is the one to read.
    private void Tell(SchemaPair whole, SchemaUse use, string place)
    {
        var seen = new HashSet<SchemaPair> { whole };
        var next = new Queue<(SchemaPair Pair, string Place)>(whole.IsChanged ? [(whole, place)] : []);
        while (next.TryDequeue(out var at))
        {
            foreach (var change in at.Pair.Changes)
            {
                var rule = change.RuleIn(
                    at.Pair == whole ? use : whole.IsRequest ? SchemaUse.RequestProperty : SchemaUse.ResponseProperty);
                if (change.New is { } cause)
                {
                    log.Add(rule, at.Place + change.Step, cause, change.Sentence);
                }
                else
                {
                    log.AddGone(rule, at.Place + change.Step, change.Old!, change.Sentence);
                }
            }

            foreach (var (step, part) in at.Pair.Parts.Where(part => part.Part.IsChanged && seen.Add(part.Part)))
            {
                next.Enqueue((part, at.Place + step));
            }
        }
    }
}
