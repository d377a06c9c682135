using System.Text;
using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Eval;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// Steps that evaluate JavaScript: <c>{code, params}</c>. References are filled in within <c>params</c> alone, whose
/// members the code sees as variables; the code is taken as it is.
/// </summary>
internal static class EvalStep
{
    /// <summary>What is wrong with a payload; null when nothing is.</summary>
    /// <param name="payload">The payload as configured.</param>
    public static string? Problem(JsonElement payload) =>
        payload.ValueKind != JsonValueKind.Object
        || !payload.TryMember("code", out var code)
        || code.ValueKind != JsonValueKind.String ? "code must be a text"
        : References.TextOrNull(code) is not { } text ? "code must be valid Unicode"
        : Encoding.UTF8.GetByteCount(text) > EvalPool.LongestCode ? "code must have at most 64 KiB"
        : Params(payload) is
        {
            ValueKind: not (JsonValueKind.Object or JsonValueKind.Undefined
            or JsonValueKind.Null)
        } ? "params must be an object"
        : null;

    /// <summary>The part of a payload that references are filled in.</summary>
    public static JsonElement Params(JsonElement payload) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryMember("params", out var values) ? values : default;

    /// <summary>Evaluates a step's code.</summary>
    /// <exception cref="StepException">It has no value.</exception>
    public static Task<byte[]> EvaluateAsync(
        EvalPool pool, RunSession session, NodeData node, CancellationToken cancellationToken)
    {
        if (Problem(node.Payload) is { } problem)
        {
            throw new StepException(problem);
        }

        var values = Params(node.Payload) is { ValueKind: JsonValueKind.Object } members
            ? References.Fill(members, session)
            : "{}"u8.ToArray();
        return pool.EvaluateAsync(
            session.Run.Account, References.StringOf(node.Payload.GetProperty("code")), values, cancellationToken);
    }
}
