using System.Text;
using System.Text.RegularExpressions;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Collections;

/// <summary>
/// The dotted identifiers of collections, node templates and workflows. Their last parts are topics: hashes of the
/// names at creation. Within an account subjects are the keys of rows, so a list of one kind is a range of keys.
/// </summary>
public static partial class Subjects
{
    private const string CollectionPrefix = "ms.hub.config.collection.", NodePrefix =
        "ms.hub.config.node.", WorkflowPrefix = "ms.hub.config.workflow.", Draft = "draft.";

    /// <summary>The subject of a collection.</summary>
    /// <param name="type">One of <see cref="CollectionType"/>.</param>
    /// <param name="topic">Its topic.</param>
    public static string OfCollection(string type, string topic) => $"{CollectionPrefix}{type}.{topic}";

    /// <summary>The subject of a node template.</summary>
    /// <param name="collection">The topic of its collection.</param>
    /// <param name="topic">Its topic.</param>
    public static string OfNode(string collection, string topic) => $"{NodePrefix}{collection}.{topic}";

    /// <summary>The subject of a version of a workflow.</summary>
    /// <param name="collection">The topic of its collection.</param>
    /// <param name="topic">Its topic.</param>
    /// <param name="draft">The draft rather than the published version.</param>
    public static string OfWorkflow(string collection, string topic, bool draft) =>
        $"{WorkflowPrefix}{(draft ? Draft : "")}{collection}.{topic}";

    /// <summary>Whether a text is the subject of a version of a workflow, as far as its form tells.</summary>
    /// <param name="text">The text.</param>
    public static bool IsWorkflow(string text) => Workflow().IsMatch(text);

    /// <summary>The last part of a subject.</summary>
    /// <param name="subject">The subject.</param>
    public static string TopicOf(string subject) => subject[(subject.LastIndexOf('.') + 1)..];

    /// <summary>
    /// The part of a subject before its topic: the topic of a collection in the subject of what is in it.
    /// </summary>
    /// <param name="subject">The subject.</param>
    public static string CollectionTopicOf(string subject) => TopicOf(subject[..subject.LastIndexOf('.')]);

    /// <summary>The topic of a name: the 32-bit FNV-1a hash of its UTF-8 bytes, in decimal.</summary>
    /// <param name="name">The name at creation, case and spaces kept.</param>
    public static string TopicFor(string name)
    {
        const uint offsetBasis = 2166136261, prime = 16777619;
        var hash = Encoding.UTF8.GetBytes(name)
            .Aggregate(offsetBasis, (hash, value) => unchecked((hash ^ value) * prime));
        return hash.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The subjects of all collections.</summary>
    /// <param name="type">Only those of this type; null means of both.</param>
    public static SubjectRange Collections(string? type) =>
        Below(type is null ? CollectionPrefix : $"{CollectionPrefix}{type}.");

    /// <summary>The subjects of all node templates.</summary>
    /// <param name="collection">Only those in the collection with this topic; null means in all.</param>
    public static SubjectRange Nodes(string? collection) =>
        Below(collection is null ? NodePrefix : OfNode(collection, ""));

    /// <summary>The subjects of all workflows.</summary>
    /// <param name="version">Only those of this <see cref="WorkflowVersion"/>; null means of both.</param>
    public static SubjectRange Workflows(string? version) => version switch
    {
        WorkflowVersion.Draft => Below(WorkflowPrefix + Draft),
        // After the prefix comes a digit, and the colon is what follows the digits.
        WorkflowVersion.Published => new(WorkflowPrefix, WorkflowPrefix + ':'),
        _ => Below(WorkflowPrefix),
    };

    [GeneratedRegex(@"^ms\.hub\.config\.workflow\.(draft\.)?[0-9]{1,10}\.[0-9]{1,10}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Workflow();

    // The slash is what follows the dot.
    private static SubjectRange Below(string prefix) => new(prefix, prefix[..^1] + '/');
}

/// <summary>Subjects between two others, compared byte by byte.</summary>
/// <param name="After">Less than all of them.</param>
/// <param name="Before">Greater than all of them.</param>
public readonly record struct SubjectRange(string After, string Before)
{
    /// <summary>What is left of the range after a subject in it.</summary>
    /// <param name="subject">The subject; null leaves all.</param>
    /// <exception cref="GatewayException">The subject is not in the range.</exception>
    public SubjectRange From(string? subject) => subject is null ? this
        : string.CompareOrdinal(subject, After) > 0
            && string.CompareOrdinal(subject, Before) < 0 ? this with { After = subject }
        : throw Window.Unknown();

    /// <summary>Lists rows of an account whose subjects are in this range.</summary>
    /// <typeparam name="T">The type of a row.</typeparam>
    /// <param name="database">Where they are.</param>
    /// <param name="list">Takes account, collection, after, before and rows; ordered by subject.</param>
    /// <param name="account">The account.</param>
    /// <param name="collection">A collection that the statement looks at; null where it doesn't.</param>
    /// <param name="window">Which part of the list.</param>
    /// <param name="subjectOf">The subject of a row.</param>
    /// <param name="sizeOf">The bytes of a row, about.</param>
    /// <param name="total">Counts the rows of the whole list.</param>
    /// <exception cref="GatewayException">The cursor is another list's.</exception>
    internal Listing<T> List<T>(
        Database database,
        Sql list,
        string account,
        string? collection,
        Window window,
        Func<T, string> subjectOf,
        Func<T, long> sizeOf,
        Func<CancellationToken, Task<int>> total)
    {
        var (rest, end) = From(window.After);
        return new(
            window,
            (after, rows, size, cancellationToken) => database.QueryAsync(
                list, new
                {
                    account,
                    collection,
                    after = after ?? rest,
                    before = end,
                    rows
                }, sizeOf, size, cancellationToken),
            subjectOf,
            sizeOf,
            total);
    }
}
