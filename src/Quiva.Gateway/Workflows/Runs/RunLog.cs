using System.Buffers;
using System.Text.Json;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Works out what a run results in.</summary>
internal static class RunLog
{
    /// <summary>The roots that a run's result needs; null means all steps.</summary>
    public static ISet<string>? RootsOf(RunSession session)
    {
        var roots = new HashSet<string>(StringComparer.Ordinal);
        switch (session.Graph.Config.Result)
        {
            case { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.String } text when Bare(session, References.StringOf(text)) is { } path:
                roots.Add(path.Root);
                break;
            case var template:
                References.AddRoots(template, session.Graph.IsRoot, roots);
                break;
        }

        return roots;
    }

    /// <summary>The result, once the values that it needs are there.</summary>
    /// <exception cref="StepException">It would be too large.</exception>
    public static byte[] ResultOf(RunSession session) => session.Graph.Config.Result switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => Steps(session),
        { ValueKind: JsonValueKind.String } text when Bare(session, References.StringOf(text)) is { } path =>
            References.Resolve(path, session) ?? "[]"u8.ToArray(),
        var template => References.Fill(template, session),
    };

    // The published examples name a node as it is.
    private static ReferencePath? Bare(RunSession session, string text) =>
        ReferencePath.ParseBare(text) is { } path && session.Graph.IsRoot(path.Root) ? path : null;

    /// <summary>The log of the steps, in the order of the configuration.</summary>
    public static byte[] Steps(RunSession session)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        foreach (var node in session.Graph.Nodes)
        {
            if (!session.Steps.TryGetValue(node.Id!, out var step))
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("id", node.Id);
            writer.WriteString("node_type", node.Node_type);
            writer.WriteString("status", step.Status);
            if (step.Status == StepStatus.Paused)
            {
                writer.WriteBoolean("paused", true);
            }

            if (session.OutputOf(node.Id!) is { } output)
            {
                writer.WritePropertyName("output");
                writer.WriteRawValue(output.GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndObject();
            if (writer.BytesCommitted + writer.BytesPending > References.LargestValue)
            {
                throw new StepException("the log of the steps is larger than 1 MiB: give the workflow a result");
            }
        }

        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
