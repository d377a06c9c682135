using System.Text.Json;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// What becomes of a step's answer before it is recorded: flattened, then reshaped, as the node says.
/// </summary>
internal static class StepAnswer
{
    /// <summary>An answer, flattened and reshaped.</summary>
    /// <exception cref="StepException">What comes of it is too large.</exception>
    public static byte[] Shape(RunSession session, NodeData node, byte[] answer)
    {
        var flat = Flatten(node, answer);
        return IsEmpty(node.Response_map)
            ? flat
            : References.Fill(node.Response_map, new Scope(References.Parse(flat), session));
    }

    /// <summary>An answer, its inner lists taken apart when the step's options say so.</summary>
    public static byte[] Flatten(NodeData node, byte[] answer)
    {
        if (node.Options?.Flat_map != true || References.Parse(answer) is not { ValueKind: JsonValueKind.Array } list)
        {
            return answer;
        }

        return References.ListOf(list.EnumerateArray().SelectMany(
            item => item.ValueKind == JsonValueKind.Array ? item.EnumerateArray().AsEnumerable() : [item]));
    }

    // An editor stores an empty map for a step whose answer is taken as it is.
    private static bool IsEmpty(JsonElement map) => map.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.Object => map.GetPropertyCount() == 0,
        JsonValueKind.Array => map.GetArrayLength() == 0,
        JsonValueKind.String => References.SizeOf(map) == 0,
        _ => false,
    };

    /// <summary>The answer and, behind it, the run: what a response map refers to.</summary>
    private sealed class Scope(JsonElement answer, IReferenceScope run) : IReferenceScope
    {
        public bool IsRoot(string name) => run.IsRoot(name) || Has(name, out _);

        public bool TryGet(string root, out JsonElement value)
        {
            value = answer;
            return root.Length == 0 || Has(root, out value) || run.TryGet(root, out value);
        }

        private bool Has(string name, out JsonElement value)
        {
            value = default;
            return answer.ValueKind == JsonValueKind.Object && answer.TryMember(name, out value);
        }
    }
}
