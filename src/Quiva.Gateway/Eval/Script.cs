using System.Globalization;
using System.Text;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Jint.Runtime;

namespace Quiva.Gateway.Eval;

/// <summary>
/// Evaluates one piece of code in an interpreter of its own: nothing of .NET, no modules, no code from texts. The
/// limits give clear errors for what goes wrong by mistake; what gets around them is ended together with the process.
/// </summary>
internal static class Script
{
    private const int DeepestJson = 500, LargestArray = 4_000_000, DeepestCalls = 2000, LongestMessage = 1000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1), LongestMatch = TimeSpan.FromMilliseconds(250);

    /// <summary>Evaluates code.</summary>
    /// <param name="code">
    /// JavaScript: an expression, statements whose last value counts, or what ends with <c>return</c>.
    /// </param>
    /// <param name="values">A JSON object: each member is a variable, and all of them are in <c>params</c>.</param>
    /// <returns>The value as JSON, or why there is none.</returns>
    public static (EvalKind Kind, byte[] Answer) Evaluate(string code, ReadOnlySpan<byte> values)
    {
        try
        {
            using var engine = new Engine(Limit);
            var members = new JsonParser(engine).Parse(values).AsObject();
            engine.SetValue("params", members);
            foreach (var (name, value) in members.GetOwnProperties())
            {
                engine.SetValue(name.ToString(), value.Value);
            }

            var result =
                engine.Evaluate(code, new ScriptParsingOptions { AllowReturnOutsideFunction = true, Tolerant = false });
            return Write(engine, result.UnwrapIfPromise(Longest));
        }
        catch (JavaScriptException exception)
        {
            return Fail(Describe(exception));
        }
        catch (PromiseRejectedException exception)
        {
            return Fail("the code's promise was rejected: " + TextOf(exception.RejectedValue));
        }
        catch (Exception exception) when (exception is TimeoutException or ExecutionCanceledException
            or System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            return Fail("the code took longer than a second");
        }
        catch (Exception exception) when (exception is RecursionDepthOverflowException
            or InsufficientExecutionStackException)
        {
            return Fail("the code calls itself too deeply");
        }
        catch (OutOfMemoryException)
        {
            return (EvalKind.LastError, "the code needs too much memory"u8.ToArray());
        }
        catch (Exception exception)
        {
            return Fail("the code can't be evaluated: " + exception.Message);
        }
    }

    private static void Limit(Options options)
    {
        options.TimeoutInterval(Longest).LimitRecursion(DeepestCalls).DisableStringCompilation();
        options.Constraints.StackOverflowGuard = true;
        options.Constraints.RegexTimeout = LongestMatch;
        options.Constraints.PromiseTimeout = Longest;
        options.Constraints.MaxArraySize = LargestArray;
        options.Json.MaxParseDepth = DeepestJson;
        options.AgentCanSuspend = false;
        options.Interop.Enabled = false;
        options.Culture = CultureInfo.InvariantCulture;
        options.TimeZone = TimeZoneInfo.Utc;
    }

    private static (EvalKind Kind, byte[] Answer) Write(Engine engine, JsValue value)
    {
        // What JSON has no word for is null, as in a list of JavaScript.
        var text = new JsonSerializer(engine).Serialize(value);
        if (!text.IsString())
        {
            return (EvalKind.Answer, "null"u8.ToArray());
        }

        var json = text.AsString();
        return Encoding.UTF8.GetByteCount(json) <= EvalFrame.Largest
            ? (EvalKind.Answer, Encoding.UTF8.GetBytes(json))
            : Fail("the code's value is larger than 1 MiB");
    }

    private static string Describe(JavaScriptException exception)
    {
        var place = exception.Location.Start.Line > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $" (line {exception.Location.Start.Line}, column {exception.Location.Start.Column + 1})")
            : "";
        return $"the code failed: {TextOf(exception.Error)}{place}";
    }

    // A thrown object may have a toString of its own: what that throws is not told.
    private static string TextOf(JsValue value)
    {
        try
        {
            return TypeConverter.ToString(value);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return "a value that can't be shown";
        }
    }

    private static (EvalKind Kind, byte[] Answer) Fail(string message) =>
        (EvalKind.Error, Encoding.UTF8.GetBytes(
            message.Length <= LongestMessage ? message : message[..LongestMessage]));
}
