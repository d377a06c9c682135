namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>A change within a schema, wherever the schema is used.</summary>
/// <param name="RuleIn">The rule that it falls under in each use.</param>
/// <param name="Step">What leads there from the schema.</param>
/// <param name="Old">Its cause in the old document; null when it is new.</param>
/// <param name="New">Its cause in the new document; null when it is gone.</param>
/// <param name="Sentence">What has changed.</param>
internal sealed record SchemaChange(
    Func<SchemaUse, Rule> RuleIn, string Step, YamlValue? Old, YamlValue? New, string Sentence);

/// <summary>What a schema was and is, in one direction.</summary>
/// <param name="old">What it was.</param>
/// <param name="now">What it is.</param>
/// <param name="isRequest">Whether callers send it.</param>
/// <param name="isOnlyAlternative">
/// Whether one of them is an alternative and the other all there was or is: whether null is allowed is then told beside
/// the alternatives.
/// </param>
internal sealed class SchemaPair(Shape old, Shape now, bool isRequest, bool isOnlyAlternative)
{
    private readonly List<SchemaPair> wholes = [];

    public Shape Old { get; } = old;

    public Shape New { get; } = now;

    public bool IsRequest { get; } = isRequest;

    public bool IsOnlyAlternative { get; } = isOnlyAlternative;

    /// <summary>What has changed in the schema itself.</summary>
    public List<SchemaChange> Changes { get; } = [];

    /// <summary>The pairs for the parts of the schema, each with what leads there.</summary>
    public List<(string Step, SchemaPair Part)> Parts { get; } = [];

    /// <summary>Whether something has changed in the schema or below.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Adds a change.</summary>
    public void Add(SchemaRule rule, YamlValue? old, YamlValue? now, string sentence) =>
        Changes.Add(new(rule.In, "", old, now, sentence));

    /// <summary>Adds a change of a property.</summary>
    public void Add(Rule rule, string property, YamlValue? old, YamlValue? now, string sentence) =>
        Changes.Add(new(_ => rule, $".{property}", old, now, sentence));

    /// <summary>Adds a part.</summary>
    public void Add(string step, SchemaPair part)
    {
        Parts.Add((step, part));
        part.wholes.Add(this);
        if (part.IsChanged)
        {
            MarkChanged();
        }
    }

    /// <summary>
    /// Tells all that hold this pair that something has changed. Schemas that contain themselves end it.
    /// </summary>
    public void MarkChanged()
    {
        var next = new Stack<SchemaPair>([this]);
        while (next.TryPop(out var pair))
        {
            if (!pair.IsChanged)
            {
                pair.IsChanged = true;
                pair.wholes.ForEach(next.Push);
            }
        }
    }
}
