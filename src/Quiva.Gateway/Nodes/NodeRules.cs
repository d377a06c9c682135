using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Nodes;

/// <summary>What a node template needs beyond its schema (createNode, updateNode).</summary>
public static class NodeRules
{
    /// <summary>Refuses data that is not whole.</summary>
    /// <param name="data">The data of a template.</param>
    /// <param name="isNew">
    /// Whether it makes a template: a stored one may do without a payload, for example when it is archived.
    /// </param>
    /// <exception cref="GatewayException">All that is wrong.</exception>
    public static void Check(NodeData data, bool isNew)
    {
        if (Problems(data, isNew).ToList() is { Count: > 0 } problems)
        {
            throw new GatewayException(GatewayError.Invalid, GatewayException.Join(problems));
        }
    }

    private static IEnumerable<string> Problems(NodeData data, bool isNew)
    {
        if (VisibleText.IsBlank(data.Name))
        {
            yield return "data.name is required";
        }

        if (isNew && data.Payload.ValueKind == JsonValueKind.Undefined)
        {
            yield return "payload is required";
        }

        if (data.Node_type is NodeType.Function or NodeType.Flow && VisibleText.IsBlank(data.Subject))
        {
            yield return $"a {data.Node_type} subject is required";
        }
    }
}
