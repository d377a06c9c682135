using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>The key by which runs of a workflow are put in order or held back together.</summary>
internal static class RunKeys
{
    /// <summary>Works it out.</summary>
    /// <returns>
    /// The key as callers see it, and how runs are held back; nulls for a workflow whose runs go side by side.
    /// </returns>
    /// <exception cref="GatewayException">It can't be worked out from the trigger.</exception>
    public static (string? Text, Burst? Burst) Of(RunGraph graph, byte[] input)
    {
        var options = graph.Config.Options;
        if (options?.Run_type is not (RunType.Ordered or RunType.Debounced))
        {
            return (null, null);
        }

        var isOrdered = options.Run_type == RunType.Ordered;
        var scope = new RunSession(new(), graph, [], References.Parse(input));
        var expression = JsonSerializer.SerializeToElement(isOrdered ? options.Order_on : options.Debounce_on);
        var text = TextOf(expression, scope);
        if (text.Length is 0 or > 1000)
        {
            throw new GatewayException(
                GatewayError.Invalid, isOrdered ? "failed to resolve orderOn" : "failed to resolve debounceOn");
        }

        return (text, isOrdered ? null : new(
            TimeSpan.FromMilliseconds(options.Debounce_time ?? 0), options.Debounce_max is { } most
                ? TimeSpan.FromMilliseconds(most)
                : null));
    }

    private static string TextOf(JsonElement expression, RunSession scope)
    {
        try
        {
            var value = References.Parse(References.Fill(expression, scope));
            return value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True
                or JsonValueKind.False ? References.TextOf(value) : "";
        }
        catch (StepException)
        {
            return "";
        }
    }
}
