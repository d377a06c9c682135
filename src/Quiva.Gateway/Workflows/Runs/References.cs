using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>What references can name.</summary>
internal interface IReferenceScope
{
    /// <summary>Whether a name is a root: what is no root is text.</summary>
    bool IsRoot(string name);

    /// <summary>The value of a root; false when there is none yet. An empty name means all.</summary>
    bool TryGet(string root, out JsonElement value);
}

/// <summary>
/// Fills templates: texts such as <c>$.trigger.x</c>, <c>https://host/|$.trigger.id</c>, <c>{trigger.x}</c> and
/// <c>{{node.y}}</c> become the values that they refer to. A text that is one reference becomes the value itself,
/// copied byte for byte; elsewhere it becomes the value's text. What a whole reference does not find is an empty array,
/// and within a text nothing.
/// </summary>
internal static partial class References
{
    /// <summary>The largest value that a template may become, in bytes.</summary>
    public const int LargestValue = 1024 * 1024;

    /// <summary>How deep a value may be nested.</summary>
    public const int DeepestValue = 128;

    private static readonly byte[] Nothing = "[]"u8.ToArray();
    private static readonly JsonWriterOptions Writing =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1000 };

    /// <summary>Fills a template.</summary>
    /// <param name="template">The template.</param>
    /// <param name="scope">What its references name.</param>
    /// <returns>The value as JSON.</returns>
    /// <exception cref="StepException">The value would be too large, or costs too much.</exception>
    public static byte[] Fill(JsonElement template, IReferenceScope scope)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Writing);
        try
        {
            Write(writer, template, scope);
        }
        catch (InvalidOperationException exception)
        {
            // Half of a surrogate pair can't be read as text.
            throw new StepException("a text is not valid Unicode", inner: exception);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement template, IReferenceScope scope)
    {
        switch (template.ValueKind)
        {
            case JsonValueKind.Object:
                // The path that a rule follows in a value of its own looks like a reference.
                var isPath = RuleOperators.IsPath(template);
                writer.WriteStartObject();
                foreach (var member in template.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    if (isPath && member.Value.ValueKind == JsonValueKind.Array)
                    {
                        WriteOperands(writer, member.Value, scope);
                    }
                    else
                    {
                        Write(writer, member.Value, scope);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in template.EnumerateArray())
                {
                    Write(writer, item, scope);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                WriteText(writer, template, scope);
                break;
            default:
                Copy(writer, template);
                break;
        }

        if (writer.BytesCommitted + writer.BytesPending > LargestValue)
        {
            throw TooLarge();
        }
    }

    private static void WriteOperands(Utf8JsonWriter writer, JsonElement operands, IReferenceScope scope)
    {
        writer.WriteStartArray();
        var isFirst = true;
        foreach (var operand in operands.EnumerateArray())
        {
            if (isFirst)
            {
                Write(writer, operand, scope);
            }
            else
            {
                Copy(writer, operand);
            }

            isFirst = false;
        }

        writer.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter writer, JsonElement template, IReferenceScope scope)
    {
        var parts = TextTemplate.Parse(StringOf(template), scope.IsRoot);
        switch (parts)
        {
            case null:
                Copy(writer, template);
                break;
            case [{ Path: { } path }]:
                Resolve(writer, path, scope);
                break;
            default:
                var text = new StringBuilder();
                foreach (var part in parts)
                {
                    _ = part.Path is null ? text.Append(part.Text) : text.Append(TextOf(part.Path, scope));
                    if (text.Length > LargestValue)
                    {
                        throw TooLarge();
                    }
                }

                writer.WriteStringValue(text.ToString());
                break;
        }
    }

    /// <summary>
    /// The value that a path leads to: null when there is none, one value, or an array of those found.
    /// </summary>
    public static byte[]? Resolve(ReferencePath path, IReferenceScope scope)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Writing);
        if (!TryResolve(writer, path, scope))
        {
            return null;
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Resolve(Utf8JsonWriter writer, ReferencePath path, IReferenceScope scope)
    {
        if (!TryResolve(writer, path, scope))
        {
            writer.WriteRawValue(Nothing, skipInputValidation: true);
        }
    }

    private static bool TryResolve(Utf8JsonWriter writer, ReferencePath path, IReferenceScope scope)
    {
        if (!scope.TryGet(path.Root, out var root) || !path.TryFollow(root, out var value, out var values))
        {
            return false;
        }

        if (values is null)
        {
            Copy(writer, value);
            return true;
        }

        writer.WriteRawValue(ListOf(values), skipInputValidation: true);
        return true;
    }

    private static string TextOf(ReferencePath path, IReferenceScope scope) =>
        Resolve(path, scope) is not { } json ? "" : TextOf(Parse(json));

    /// <summary>The roots that a template names; an empty name stands for all.</summary>
    public static void AddRoots(JsonElement template, Func<string, bool> isRoot, ISet<string> roots)
    {
        switch (template.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in template.EnumerateObject())
                {
                    AddRoots(member.Value, isRoot, roots);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in template.EnumerateArray())
                {
                    AddRoots(item, isRoot, roots);
                }

                break;
            case JsonValueKind.String:
                foreach (var part in TextTemplate.Parse(StringOf(template), isRoot) ?? [])
                {
                    if (part.Path is { } path)
                    {
                        roots.Add(path.Root);
                    }
                }

                break;
        }
    }
}
