namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>What a change means to those who call the API.</summary>
public enum Level
{
    /// <summary>A call that worked may fail, or its answer may hold what the caller can't know.</summary>
    Breaking,

    /// <summary>It may surprise some callers.</summary>
    Warning,

    /// <summary>Nobody has to act.</summary>
    Info,
}

/// <summary>One kind of change.</summary>
/// <param name="id">Its name.</param>
/// <param name="level">What it means to callers.</param>
/// <param name="meaning">What has changed, a sentence.</param>
public sealed class Rule(string id, Level level, string meaning)
{
    /// <summary>Its name, that of oasdiff's rule where oasdiff has the same one.</summary>
    public string Id { get; } = id;

    /// <summary>What it means to callers.</summary>
    public Level Level { get; } = level;

    /// <summary>What has changed, a sentence.</summary>
    public string Meaning { get; } = meaning;
}

/// <summary>
/// Where a schema is used: what callers send is judged in the opposite direction of what they receive.
/// </summary>
public enum SchemaUse
{
    /// <summary>The body of a request.</summary>
    RequestBody,

    /// <summary>Anything within a request body or a parameter.</summary>
    RequestProperty,

    /// <summary>A parameter.</summary>
    RequestParameter,

    /// <summary>The body of an answer.</summary>
    ResponseBody,

    /// <summary>Anything within the body or a header of an answer.</summary>
    ResponseProperty,

    /// <summary>A header of an answer.</summary>
    ResponseHeader,
}

/// <summary>One kind of change of schemas, which is a rule of its own for each use.</summary>
/// <param name="Change">The end of each rule's id.</param>
/// <param name="Request">The level in what callers send.</param>
/// <param name="Response">The level in what they receive.</param>
/// <param name="Meaning">What has changed, a sentence.</param>
internal sealed record SchemaRule(string Change, Level Request, Level Response, string Meaning)
{
    private readonly Dictionary<SchemaUse, Rule> rules = Enum.GetValues<SchemaUse>().ToDictionary(
        use => use, use => new Rule($"{Prefix(use)}-{Change}", IsRequest(use) ? Request : Response, Meaning));

    public IEnumerable<Rule> Rules => rules.Values;

    public Rule In(SchemaUse use) => rules[use];

    public static bool IsRequest(SchemaUse use) => use <= SchemaUse.RequestParameter;

    private static string Prefix(SchemaUse use) => use switch
    {
        SchemaUse.RequestBody => "request-body",
        SchemaUse.RequestProperty => "request-property",
        SchemaUse.RequestParameter => "request-parameter",
        SchemaUse.ResponseBody => "response-body",
        SchemaUse.ResponseProperty => "response-property",
        _ => "response-header",
    };
}

/// <summary>The four ways in which a bound of a schema changes.</summary>
internal sealed record BoundRules(SchemaRule Set, SchemaRule Unset, SchemaRule Increased, SchemaRule Decreased);
