using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Quiva.Gateway.Tests.Operating;

/// <summary>
/// Operators find log events by their ids and names, in <c>docs/log-events.md</c>: each is there, and no other.
/// </summary>
public sealed class LogEventTests
{
    private static readonly List<(MethodInfo Method, LoggerMessageAttribute Event)> Events =
    [
        .. typeof(Program).Assembly.GetTypes()
            .SelectMany(
                type => type.GetMethods(
                    BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(method => (method, method.GetCustomAttribute<LoggerMessageAttribute>()!))
            .Where(pair => pair.Item2 is not null),
    ];

    [Test]
    public void Every_log_event_has_an_id_and_a_name_of_its_own()
    {
        Assert.That(
            Events.Where(pair => pair.Event.EventId <= 0 || string.IsNullOrEmpty(pair.Event.EventName)).Select(NameOf),
            Is.Empty,
            "Give [LoggerMessage] an EventId and an EventName.");
        Assert.That(Events.GroupBy(pair => pair.Event.EventId)
            .Where(group => group.Count() > 1)
            .SelectMany(group => group.Select(NameOf)), Is.Empty, "Ids are used once.");
        Assert.That(Events.GroupBy(pair => pair.Event.EventName)
            .Where(group => group.Count() > 1)
            .SelectMany(group => group.Select(NameOf)), Is.Empty, "Names are used once.");
    }

    [Test]
    public void Every_log_event_is_documented_and_no_other() => Assert.That(
        RepositoryFiles.Read("docs", "log-events.md")
            .Split('\n')
            .Where(line => line.StartsWith("| 1", StringComparison.Ordinal))
            .Select(line => string.Join('|', line.Split('|').Take(5)).Trim()),
        Is.EquivalentTo(
            Events.Select(
                pair =>
                    $"| {pair.Event.EventId} | `{pair.Event.EventName}` | {pair.Event.Level} | `{CategoryOf(pair.Method.DeclaringType!)}`")),
        "docs/log-events.md: a line for each [LoggerMessage], with its id, name, level and category.");

    // A logger's category has no type parameters.
    private static string CategoryOf(Type type) => type.FullName!.Split('`')[0];

    private static string NameOf((MethodInfo Method, LoggerMessageAttribute Event) pair) =>
        $"{pair.Method.DeclaringType!.Name}.{pair.Method.Name}";
}
